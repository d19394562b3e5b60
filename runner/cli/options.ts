import { parseArgs } from 'node:util';
import { didYouMean, KplayError } from '../errors.ts';

/** One option of a command. */
export interface OptionSpec {
  readonly short?: string;
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  /** What stands for the value in the help. */
  readonly value?: string;
  readonly doc: string;
  /** Heading in the help. */
  readonly group: string;
}

export type OptionTable = Readonly<Record<string, OptionSpec>>;

/** The options given, by long name, and the words that are no options. */
export interface ParsedOptions {
  text(name: string): string | undefined;
  texts(name: string): readonly string[];
  flag(name: string): boolean;
  /** How often a flag was given (`-vvv`). */
  count(name: string): number;
  readonly words: readonly string[];
}

/**
 * Reads a command line. Throws KplayError `options` for what is not understood, with what `hints` says of the option, or
 * else the nearest known one.
 */
export function parseOptions(
  args: readonly string[],
  table: OptionTable,
  hints: Readonly<Record<string, string>> = {},
): ParsedOptions {
  const options: Record<string, { type: 'string' | 'boolean'; short?: string; multiple: boolean }> = {};
  for (const [name, spec] of Object.entries(table)) {
    options[name] = { type: spec.type, multiple: true, ...(spec.short ? { short: spec.short } : {}) };
  }
  let parsed: { values: Record<string, (string | boolean)[] | string | boolean | undefined>; positionals: string[] };
  try {
    parsed = parseArgs({
      args: withJoinedValues(args, table),
      options,
      allowPositionals: true,
      strict: true,
    }) as typeof parsed;
  } catch (error) {
    throw new KplayError(optionProblem(error as Error, table, hints));
  }
  const all = (name: string): (string | boolean)[] => (parsed.values[name] as (string | boolean)[] | undefined) ?? [];
  return {
    text: (name) => all(name).at(-1) as string | undefined,
    texts: (name) => all(name) as string[],
    flag: (name) => all(name).at(-1) === true,
    count: (name) => all(name).length,
    words: parsed.positionals,
  };
}

/** Joins options with their values, since a value may begin with a dash: `--ssh-common-args "-o …"`. */
function withJoinedValues(args: readonly string[], table: OptionTable): string[] {
  const letters = new Map(Object.entries(table).flatMap(([name, spec]) => (spec.short ? [[spec.short, name]] : [])));
  const joined: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index]!;
    if (arg === '--') return [...joined, ...args.slice(index)];
    const name = /^--[a-z-]+$/.test(arg) ? arg.slice(2) : /^-[A-Za-z]$/.test(arg) ? letters.get(arg[1]!) : undefined;
    const takesValue = name !== undefined && table[name]?.type === 'string' && index + 1 < args.length;
    joined.push(takesValue ? `--${name}=${args[++index]}` : arg);
  }
  return joined;
}

function optionProblem(
  error: Error,
  table: OptionTable,
  hints: Readonly<Record<string, string>>,
): { code: 'options'; message: string; hint: string | undefined } {
  const unknown = /Unknown option '(-[^']*)'/.exec(error.message)?.[1];
  if (unknown === undefined) return { code: 'options', message: error.message.split('\n')[0]!, hint: undefined };
  const name = unknown.replace(/^-+/, '');
  const nearest = unknown.startsWith('--')
    ? didYouMean(name, Object.keys(table))?.replace(/"(.*)"/, '"--$1"')
    : undefined;
  return {
    code: 'options',
    message: `there is no option ${unknown}`,
    hint: hints[name.replace(/=.*/, '')] ?? nearest ?? 'kplay run --help lists the options.',
  };
}

/** The options as help text, by group. */
export function describeOptions(table: OptionTable): string {
  const groups = new Map<string, string[]>();
  for (const [name, spec] of Object.entries(table)) {
    const short = spec.short ? `-${spec.short}, ` : '    ';
    const value = spec.type === 'string' ? ` ${spec.value ?? 'VALUE'}` : '';
    const left = `  ${short}--${name}${value}`;
    const lines = groups.get(spec.group) ?? [];
    lines.push(left.length < 34 ? `${left.padEnd(34)}${spec.doc}` : `${left}\n${' '.repeat(34)}${spec.doc}`);
    groups.set(spec.group, lines);
  }
  return [...groups].map(([group, lines]) => `${group}\n${lines.join('\n')}`).join('\n\n');
}
