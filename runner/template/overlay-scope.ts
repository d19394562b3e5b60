import type { V } from '../python/object.ts';
import type { Value } from '../value.ts';
import type { Scope } from './templar.ts';

/** A scope in which some names go before the variables. */
export function overlayScope(scope: Scope, names: ReadonlyMap<string, V> | undefined): Scope {
  if (!names || names.size === 0) return scope;
  return {
    get: (name) => (names.get(name) as Value | undefined) ?? (names.has(name) ? null : scope.get(name)),
    has: (name) => names.has(name) || scope.has(name),
    names: () => new Set([...names.keys(), ...scope.names()]),
    trustedText: (name) => (names.has(name) ? undefined : scope.trustedText?.(name)),
  };
}

/** A scope without variables, as an imported template has. */
export const isolatedScope: Scope = {
  get: () => undefined,
  has: () => false,
  names: () => [],
};
