import { didYouMean, ExitCode, KplayError } from '../errors.ts';
import type { ArgumentSchema, ArgumentSpec } from '../module/arguments.ts';
import { createCatalog } from '../module/catalog.ts';
import type { Module } from '../module/contract.ts';
import { printable } from '../printable.ts';

/** `kplay doc [MODULE…]`: what modules do and take. Returns the exit code. */
export async function docCommand(args: readonly string[]): Promise<number> {
  const catalog = createCatalog();
  const names = args.filter((arg) => !arg.startsWith('-'));
  if (names.length === 0) {
    for (const name of [...catalog.names].sort()) {
      const module = await catalog.load(name);
      if (module?.name === name) process.stdout.write(printable(`${name.padEnd(22)}${module.summary}\n`));
    }
    return ExitCode.ok;
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
    process.stdout.write(printable(describeModule(module)));
  }
  return ExitCode.ok;
}

/** A module's documentation as plain text. */
export function describeModule(module: Module): string {
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
