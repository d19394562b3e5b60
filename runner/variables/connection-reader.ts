import { KplayError } from '../errors.ts';
import { pythonText } from '../module/python-text.ts';
import type { Scope } from '../template/templar.ts';
import type { Value } from '../value.ts';
import { Float, numberIn, Undefined } from '../value.ts';
import { connectionNames } from './connection-names.ts';

type Sort = keyof typeof connectionNames;

/** The names of each sort, that which wins first. */
const winningFirst: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(connectionNames).map(([sort, names]) => [sort, names.toReversed()]),
);

/** Reads variables that decide about connections. Values of passwords are never in an error. */
export class ConnectionReader {
  readonly #scope: Scope;
  readonly #omit: Value | undefined;
  /** Few of the many names are ever set: the others are not looked for in every layer. */
  readonly #set: { has(name: string): boolean };

  constructor(scope: Scope, set: { has(name: string): boolean }) {
    this.#scope = scope;
    this.#omit = scope.get('omit');
    this.#set = set;
  }

  hostName(): string {
    return pythonText(this.#scope.get('inventory_hostname') ?? 'localhost');
  }

  text(sort: Sort): string | undefined {
    const found = this.#find(sort);
    return found === undefined ? undefined : keywordText(found.value);
  }

  boolean(sort: Sort): boolean | undefined {
    const found = this.#find(sort);
    return found && booleanOf(found.value, found.name);
  }

  number(sort: Sort): number | undefined {
    const found = this.#find(sort);
    return found && numberOf(found.value, found.name);
  }

  port(): number | undefined {
    const port = this.number('port');
    if (port === undefined || (Number.isInteger(port) && port > 0 && port < 65536)) return port;
    throw wrongValue('ansible_port', 'a port number', port);
  }

  /** A number of seconds. Throws KplayError `variables` for one below 0, too. */
  seconds(sort: Sort): number | undefined {
    const seconds = this.number(sort);
    if (seconds === undefined || seconds >= 0) return seconds;
    throw wrongValue(connectionNames[sort].at(-1)!, 'a number of seconds', seconds);
  }

  #find(sort: Sort): { name: string; value: Value } | undefined {
    for (const name of winningFirst.get(sort)!) {
      if (!this.#set.has(name)) continue;
      const value = this.#scope.get(name);
      if (value === undefined || value === null || value === this.#omit) continue;
      if (value instanceof Undefined) throw new KplayError({ code: 'undefined', message: value.message });
      return { name, value };
    }
    return undefined;
  }
}

/** A value as text; undefined where there is none, as for empty text. */
export function keywordText(value: Value | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value instanceof Float) return value.value.toFixed(1);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return pythonText(value);
}

/** A value as a number. Throws KplayError `variables`, which names it. */
export function numberOf(value: Value | undefined, name: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = numberIn(value);
  if (number !== undefined) return number;
  throw wrongValue(name, 'a number', value);
}

/** A value as a boolean, by Ansible's words. Throws KplayError `variables`, which names it. */
export function booleanOf(value: Value | undefined, name: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  const word = (value instanceof Float ? String(value.value) : pythonText(value)).toLowerCase();
  if (['yes', 'on', '1', 'true', 'y', 't'].includes(word)) return true;
  if (['no', 'off', '0', 'false', 'n', 'f', ''].includes(word)) return false;
  throw wrongValue(name, 'true or false', value);
}

function wrongValue(name: string, wanted: string, value: Value): KplayError {
  return new KplayError({ code: 'variables', message: `${name} must be ${wanted}, not "${pythonText(value)}".` });
}
