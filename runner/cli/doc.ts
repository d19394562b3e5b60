import { didYouMean, ExitCode, KplayError } from '../errors.ts';
import { keywords, kindNames, placeName } from '../language/keywords.ts';
import type { ArgumentSchema, ArgumentSpec } from '../module/arguments.ts';
import { createCatalog } from '../module/catalog.ts';
import type { Module } from '../module/contract.ts';
import { printable } from '../printable.ts';

/** `kplay doc [-t TYPE] [NAME…]`: what modules do and take, or keywords. Returns the exit code. */
export async function docCommand(args: readonly string[]): Promise<number> {
  const { type, names } = readWords(args);
  const text = type === 'keyword' ? keywordTexts(names) : await moduleTexts(names);
  process.stdout.write(printable(text));
  return ExitCode.ok;
}

const types = ['module', 'keyword'] as const;

function readWords(args: readonly string[]): { readonly type: string; readonly names: readonly string[] } {
  const at = args.findIndex((word) => word === '-t' || word === '--type');
  const type = at < 0 ? 'module' : (args[at + 1] ?? '');
  if (!(types as readonly string[]).includes(type)) {
    const hint = didYouMean(type, types) ?? `Types are ${types.join(' and ')}.`;
    throw new KplayError({ code: 'options', message: `kplay doc knows nothing of the type "${type}"`, hint });
  }
  const words = at < 0 ? args : args.filter((_, index) => index !== at && index !== at + 1);
  return { type, names: words.filter((word) => !word.startsWith('-')) };
}

async function moduleTexts(names: readonly string[]): Promise<string> {
  const catalog = createCatalog();
  const parts: string[] = [];
  if (names.length === 0) {
    for (const name of [...catalog.names].sort()) {
      const module = await catalog.load(name);
      if (module?.name === name) parts.push(`${name.padEnd(22)}${module.summary}\n`);
    }
  }
  for (const name of names) {
    const module = await catalog.load(name);
    if (!module) {
      throw new KplayError({
        code: 'unknown-module',
        message: `there is no module "${name}"`,
        hint: didYouMean(name, catalog.names),
      });
    }
    parts.push(describeModule(module));
  }
  return parts.join('');
}

function keywordTexts(names: readonly string[]): string {
  const all = Object.entries(keywords).sort(([a], [b]) => (a < b ? -1 : 1));
  if (names.length === 0) return all.map(([name, { doc }]) => `${name.padEnd(22)}${doc}\n`).join('');
  return names.map((name) => describeKeyword(name)).join('\n');
}

function describeKeyword(name: string): string {
  const keyword = keywords[name];
  if (!keyword) {
    const hint = didYouMean(name, Object.keys(keywords));
    throw new KplayError({ code: 'unknown-keyword', message: `there is no keyword "${name}"`, hint });
  }
  const { kind, on, doc, unsupported } = keyword;
  const what = unsupported === undefined ? doc : `NOT SUPPORTED: ${unsupported}`;
  return `${name} (${kindNames[kind]})\n  ${what}\n  It may stand at ${on.map(placeName).join(', ')}.\n`;
}

/** A module's documentation as plain text. */
function describeModule(module: Module): string {
  const aliases = module.aliases?.length ? ` (also: ${module.aliases.join(', ')})` : '';
  const parts = [`${module.name}${aliases}\n  ${module.summary}\n`];
  for (const note of module.notes ?? []) parts.push(`${indent(note, 2)}\n`);
  parts.push(`Arguments\n${describeArguments(module.args, 2)}`);
  if (module.returns) {
    const fields = Object.entries(module.returns).map(([field, text]) => `  ${field}\n      ${text}`);
    parts.push(`Results\n${fields.join('\n')}\n`);
  }
  if (module.examples) parts.push(`Examples\n${indent(module.examples.trim(), 2)}\n`);
  return `${parts.join('\n')}\n`;
}

function describeArguments(schema: ArgumentSchema, depth: number): string {
  return Object.entries(schema)
    .map(([name, spec]) => indent(describeArgument(name, spec), depth))
    .join('');
}

function describeArgument(name: string, spec: ArgumentSpec): string {
  const facts = [spec.elements ? `list of ${spec.elements}` : spec.type];
  if (spec.required) facts.push('required');
  if (spec.default !== undefined && spec.default !== null) facts.push(`default: ${JSON.stringify(spec.default)}`);
  if (spec.noLog) facts.push('secret: masked in all output');
  if (spec.choices) facts.push(`one of: ${spec.choices.join(', ')}`);
  if (spec.aliases?.length) facts.push(`also: ${spec.aliases.join(', ')}`);
  const text = spec.unsupported ? `NOT SUPPORTED: ${spec.unsupported}` : spec.doc;
  const nested = spec.options ? describeArguments(spec.options, 4) : '';
  return `${name} (${facts.join('; ')})\n    ${text}\n${nested}`;
}

function indent(text: string, depth: number): string {
  return text
    .split('\n')
    .map((line) => (line === '' ? line : ' '.repeat(depth) + line))
    .join('\n');
}
