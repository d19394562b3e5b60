import type { ArgumentSchema, ArgumentSpec } from '../module/arguments.ts';
import type { SecretRegister } from '../secrets/register.ts';
import { isMapping } from '../value.ts';
import { learnVariable } from '../variables/secret-variables.ts';

/** What is secret by its name in a schema: the arguments with `noLog`, by all their names, and those with such ones inside. */
type SecretSpecs = ReadonlyMap<string, ArgumentSpec>;

const known = new WeakMap<ArgumentSchema, SecretSpecs>();

/**
 * Adds secrets among a task's arguments to the register: arguments with `noLog`, passwords in URLs, and variables that decide about
 * connections (of set_fact, add_host). They are added before the arguments are checked, since what is wrong with them is
 * told with their values.
 */
export function learnArguments(
  schema: ArgumentSchema,
  args: Readonly<Record<string, unknown>>,
  secrets: SecretRegister,
): void {
  const specs = secretSpecs(schema);
  for (const name of Object.keys(args)) {
    const value = args[name];
    const spec = specs.get(name);
    if (spec) learnArgument(spec, value, secrets);
    else if (typeof value === 'string') {
      learnVariable(name, value, secrets);
      if (value.includes('://') && urlWithPassword.test(value)) secrets.addNamed(value);
    }
  }
}

const urlWithPassword = /^[a-z][\w+.-]*:\/\/[^\s/@]*:[^\s/]*@/i;

function secretSpecs(schema: ArgumentSchema): SecretSpecs {
  let specs = known.get(schema);
  if (!specs) {
    const secret = Object.entries(schema).filter(([, spec]) => spec.noLog || hasSecrets(spec.options));
    specs = new Map(
      secret.flatMap(([name, spec]) => [name, ...(spec.aliases ?? [])].map((one) => [one, spec] as const)),
    );
    known.set(schema, specs);
  }
  return specs;
}

/** Whether some of a schema's arguments are secret, or may hold such ones. */
export function hasSecrets(options: ArgumentSchema | undefined): boolean {
  return options !== undefined && secretSpecs(options).size > 0;
}

function learnArgument(spec: ArgumentSpec, value: unknown, secrets: SecretRegister): void {
  if (spec.noLog) return secrets.add(value);
  for (const element of Array.isArray(value) ? value : [value]) {
    if (isMapping(element)) learnArguments(spec.options!, element, secrets);
  }
}
