import { didYouMean, ExitCode, KplayError } from '../errors.ts';
import { jsonSchema, type SchemaKind, schemaKinds } from '../language/json-schema.ts';
import type { ModuleSignature } from '../language/load.ts';
import { createCatalog } from '../module/catalog.ts';

/** `kplay schema KIND`: a JSON Schema of a kind of file, on standard output. Returns the exit code. */
export async function schemaCommand(args: readonly string[]): Promise<number> {
  const [word = ''] = args;
  const kind = schemaKinds.find((one) => one === word);
  if (kind === undefined || args.length > 1) {
    const message = word === '' ? 'kplay schema needs the kind of file' : `there is no schema of "${args.join(' ')}"`;
    const hint = didYouMean(word, schemaKinds) ?? `There are ${schemaKinds.join(', ')}.`;
    throw new KplayError({ code: 'options', message, hint });
  }
  process.stdout.write(`${JSON.stringify(jsonSchema(kind, await modulesFor(kind)), null, 2)}\n`);
  return ExitCode.ok;
}

async function modulesFor(kind: SchemaKind): Promise<ModuleSignature[]> {
  if (kind !== 'playbook' && kind !== 'tasks') return [];
  const catalog = createCatalog();
  const loaded = await Promise.all([...catalog.names].sort().map((name) => catalog.load(name)));
  return [...new Set(loaded.filter((module) => module !== undefined))];
}
