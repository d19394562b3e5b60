import { KplayError } from './errors.ts';

/** How long lists and texts may become that templates make, and the environment variables that say otherwise. */
const settings = {
  items: { variable: 'KPLAY_MAX_ITEMS', standard: 10_000_000, most: 100_000_000, unit: 'items' },
  // Node's own limit for a text is a little below 512 Mi.
  characters: { variable: 'KPLAY_MAX_CHARACTERS', standard: 64 * 1024 * 1024, most: 500_000_000, unit: 'characters' },
} as const;

type Kind = keyof typeof settings;

const chosen: Partial<Record<Kind, number>> = {};

/** The most items that a list or dict may have. Throws KplayError when its environment variable is no number. */
export function maxItems(): number {
  return limit('items');
}

/** The most characters (UTF-16 units) that a text may have. Throws KplayError when its environment variable is no number. */
export function maxCharacters(): number {
  return limit('characters');
}

function limit(kind: Kind): number {
  chosen[kind] ??= read(kind);
  return chosen[kind];
}

function read(kind: Kind): number {
  const { variable, standard, most } = settings[kind];
  const text = process.env[variable];
  if (text === undefined || text === '') return standard;
  if (/^[1-9]\d*$/.test(text) && Number(text) <= most) return Number(text);
  throw new KplayError({
    code: 'options',
    message: `${variable} must be a whole number from 1 to ${most}, not "${text}"`,
  });
}

/** What is wrong with something that is longer than allowed, and what to do about it. */
export interface TooLong {
  readonly message: string;
  readonly hint: string;
}

/** Tells of a list that would have too many items; undefined when it may be so long. */
export function tooManyItems(count: number): TooLong | undefined {
  return count <= maxItems() ? undefined : describe('items', count);
}

/** Tells of a text that would have too many characters; undefined when it may be so long. */
export function tooManyCharacters(count: number): TooLong | undefined {
  return count <= maxCharacters() ? undefined : describe('characters', count);
}

function describe(kind: Kind, count: number): TooLong {
  const { variable, most, unit } = settings[kind];
  const what = kind === 'items' ? 'A list' : 'A text';
  const size = Number.isFinite(count) ? ` of ${Math.ceil(count)} ${unit}` : '';
  return {
    message: `${what}${size} is longer than the limit of ${limit(kind)} ${unit}.`,
    hint: `The environment variable ${variable} allows more, up to ${most}.`,
  };
}
