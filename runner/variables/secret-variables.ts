import { KplayError } from '../errors.ts';
import type { SecretRegister } from '../secrets/register.ts';
import type { Scope, Templar } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { allConnectionNames, connectionNames } from './connection-names.ts';
import type { Layer } from './layer.ts';
import { isPlain, isVolatile } from './render.ts';

/** Variables that are secret as a whole, and those whose text may have a secret inside (`sshpass -p …` of a ProxyCommand). */
const kinds: ReadonlyMap<string, 'secret' | 'text'> = new Map([
  ...Object.entries(connectionNames).flatMap(([sort, names]) => {
    const kind = /pass(?:word|phrase)$|^privateKey$/i.test(sort)
      ? 'secret'
      : /^ssh\w*Args$/.test(sort)
        ? 'text'
        : undefined;
    return kind ? names.map((name) => [name, kind] as const) : [];
  }),
  // Other connections', which Ansible's users may have in the same inventory.
  ...['paramiko_password', 'winrm_password', 'winrm_pass', 'httpapi_password'].map(
    (name) => [`ansible_${name}`, 'secret'] as const,
  ),
]);

/** Adds the value of a variable to the register where its name says that it is secret. */
export function learnVariable(name: string, value: Value | undefined, secrets: SecretRegister): void {
  const kind = kinds.get(name);
  if (kind === undefined || value === undefined) return;
  if (kind === 'secret') secrets.add(value);
  else if (typeof value === 'string') secrets.addNamed(value);
}

/** {@link learnVariable} for all variables of a dict, whose values are finished. */
export function learnVariables(variables: Mapping, secrets: SecretRegister): void {
  for (const [name, value] of Object.entries(variables)) learnVariable(name, value, secrets);
}

/**
 * Learns the passwords of a host when a play begins: tasks may show what they are made of before any connection needs them.
 * `scope` makes a scope of the host, for values that are templates.
 */
export function learnLayers(
  layers: readonly Layer[],
  templar: Templar,
  secrets: SecretRegister,
  scope: () => Scope,
): void {
  let known: Scope | undefined;
  for (const layer of layers) {
    for (const name of layer.held(allConnectionNames)) {
      if (!kinds.has(name)) continue;
      const value = layer.dict()[name]!;
      if (layer.finished || isPlain(value, templar)) learnVariable(name, value, secrets);
      else if (!isVolatile(value, templar)) {
        // A lookup is not made before its task, since it may be slow or do something.
        known ??= scope();
        tryToGet(known, name);
      }
    }
  }
}

/** Looks a variable up ahead of the task that needs it, and that fails with what is wrong with it. */
function tryToGet(scope: Scope, name: string): void {
  try {
    scope.get(name);
  } catch (error) {
    if (!(error instanceof KplayError)) throw error;
  }
}
