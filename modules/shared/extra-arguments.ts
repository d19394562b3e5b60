import type { ArgumentSchema } from '../../runner/module/arguments.ts';
import type { Mapping, Value } from '../../runner/value.ts';
import { mapping } from '../../runner/value.ts';

/** What a task gave beside the schema's arguments: the variables of set_fact, add_host, include_vars. */
export function extraArguments(args: Readonly<Record<string, unknown>>, schema: ArgumentSchema): Mapping {
  const known = new Set(Object.entries(schema).flatMap(([name, spec]) => [name, ...(spec.aliases ?? [])]));
  const extra = Object.entries(args).filter(([name, value]) => !known.has(name) && value !== undefined);
  return mapping(extra as [string, Value][]);
}

const pythonKeywords = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);

/** Whether Ansible takes a text as a variable's name. */
export function isVariableName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !pythonKeywords.has(name);
}
