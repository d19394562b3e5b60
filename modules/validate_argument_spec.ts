import type { ArgumentSchema, ArgumentSpec, ArgumentType } from '../runner/module/arguments.ts';
import { controllerModule, ModuleFailure } from '../runner/module/contract.ts';
import { validateArguments } from '../runner/module/validate.ts';
import { isMapping, type Mapping, mapping, type Value } from '../runner/value.ts';

export default controllerModule({
  name: 'validate_argument_spec',
  summary: 'Check variables against an argument specification.',
  notes: [
    'It runs by itself before a role that has argument_specs in meta/main.yml or meta/argument_specs.yml.',
    'Without provided_arguments the variables with the options’ names are checked.',
    'The values of options with no_log are masked from then on in all that is printed.',
  ],
  examples: `
- ansible.builtin.validate_argument_spec:
    argument_spec:
      port: {type: int, required: true}
    provided_arguments:
      port: 6443
`,
  returns: { argument_errors: 'What is wrong, a list of sentences.' },
  args: {
    argument_spec: { type: 'dict', required: true, doc: 'Options by name, each with type, required, choices …' },
    provided_arguments: { type: 'dict', doc: 'Values to check in place of variables.' },
    validate_args_context: { type: 'dict', doc: 'Tells where the specification comes from.' },
  },
  async run(args, host) {
    const schema = schemaOf(args.argument_spec);
    const given = args.provided_arguments ?? variablesOf(schema, (name) => host.controller.variable(name));
    host.controller.hideSecrets(schema, given);
    const { problems } = validateArguments(schema, undefined, given, 'argument_spec');
    if (problems.length === 0) return { msg: 'The arg spec validation passed' };
    const errors = problems.map((problem) => problem.message.replace(/^argument_spec: /, ''));
    throw new ModuleFailure(`Validation of arguments failed:\n${errors.join('\n')}`, { argument_errors: errors });
  },
});

function variablesOf(schema: ArgumentSchema, variable: (name: string) => Value | undefined): Mapping {
  const given = mapping();
  for (const name of Object.keys(schema)) {
    const value = variable(name);
    if (value !== undefined) given[name] = value;
  }
  return given;
}

/** Ansible's way of writing a specification, as the schema that modules' arguments are checked by. */
function schemaOf(options: Mapping): ArgumentSchema {
  const schema: Record<string, ArgumentSpec> = {};
  for (const [name, option] of Object.entries(options)) {
    if (!isMapping(option)) throw new ModuleFailure(`the option ${name} of the argument_spec must be a dict`);
    schema[name] = {
      type: typeOf(option.type, 'str'),
      doc: '',
      ...(option.required === true ? { required: true } : {}),
      ...(option.default === undefined ? {} : { default: option.default }),
      ...(Array.isArray(option.choices) ? { choices: option.choices as (string | number | boolean)[] } : {}),
      ...(Array.isArray(option.aliases) ? { aliases: option.aliases.map(String) } : {}),
      ...(option.elements === undefined ? {} : { elements: typeOf(option.elements, 'raw') }),
      ...(isMapping(option.options) ? { options: schemaOf(option.options) } : {}),
      ...(option.no_log === true ? { noLog: true } : {}),
    };
  }
  return schema;
}

const types: readonly string[] = [
  'str',
  'int',
  'float',
  'bool',
  'list',
  'dict',
  'path',
  'raw',
  'json',
  'bytes',
  'bits',
  'jsonarg',
];

function typeOf(value: Value | undefined, fallback: ArgumentType): ArgumentType {
  if (value === undefined || value === null) return fallback;
  if (types.includes(String(value))) return value as ArgumentType;
  throw new ModuleFailure(`the argument_spec has an unknown type: ${String(value)}`);
}
