import { KplayError } from '../errors.ts';
import { pythonText } from '../python/text.ts';
import { booleanWord } from '../python/truth-words.ts';
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

  /** Text that may be empty: no words are words, too, in place of those that would count without the variable. */
  words(sort: Sort): string | undefined {
    const found = this.#find(sort);
    return found === undefined ? undefined : pythonText(found.value);
  }

  boolean(sort: Sort): boolean | undefined {
    return this.#read(sort, booleanOf);
  }

  number(sort: Sort): number | undefined {
    return this.#read(sort, numberOf);
  }

  port(): number | undefined {
    return this.#read('port', (value, name) => {
      const port = numberOf(value, name);
      if (port === undefined || (Number.isInteger(port) && port > 0 && port < 65536)) return port;
      throw wrongValue(name, 'a port number', port);
    });
  }

  /** A number of seconds. Throws KplayError `variables` for one below 0, too. */
  seconds(sort: Sort): number | undefined {
    return this.#read(sort, (value, name) => {
      const seconds = numberOf(value, name);
      if (seconds === undefined || seconds >= 0) return seconds;
      throw wrongValue(name, 'a number of seconds', seconds);
    });
  }

  /** Makes something of the text of a variable. A KplayError of `make` gets the place where the variable was written. */
  choice<T>(sort: Sort, make: (text: string) => T): T | undefined {
    return this.#read(sort, (value) => {
      const text = keywordText(value);
      return text === undefined ? undefined : make(text);
    });
  }

  #read<T>(sort: Sort, make: (value: Value, name: string) => T | undefined): T | undefined {
    const found = this.#find(sort);
    if (found === undefined) return undefined;
    try {
      return make(found.value, found.name);
    } catch (error) {
      if (!(error instanceof KplayError)) throw error;
      const place = this.#scope.place?.(found.name);
      throw new KplayError(error.problems.map((problem) => ({ ...problem, position: problem.position ?? place })));
    }
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
  const word = value instanceof Float ? String(value.value) : pythonText(value);
  const truth = booleanWord(word) ?? (word === '' ? false : undefined);
  if (truth !== undefined) return truth;
  throw wrongValue(name, 'true or false', value);
}

function wrongValue(name: string, wanted: string, value: Value): KplayError {
  return new KplayError({ code: 'variables', message: `${name} must be ${wanted}, not "${pythonText(value)}".` });
}
