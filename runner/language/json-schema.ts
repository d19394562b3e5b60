import type { ArgumentSchema, ArgumentSpec } from '../module/arguments.ts';
import { type KeywordKind, type KeywordPlace, keywords, loopControlKeywords } from './keywords.ts';
import type { ModuleSignature } from './load.ts';

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** The kinds of files that there are schemas for. */
export const schemaKinds = ['playbook', 'tasks', 'inventory', 'vars', 'role-meta', 'argument-specs'] as const;
export type SchemaKind = (typeof schemaKinds)[number];

const draft = 'https://json-schema.org/draft/2020-12/schema';
const variableName = '^[A-Za-z_][A-Za-z0-9_]*$';

/** A JSON Schema (draft 2020-12) of a kind of file, for editors and other checkers. `modules` are those that tasks may name. */
export function jsonSchema(kind: SchemaKind, modules: readonly ModuleSignature[]): Schema {
  const head = { $schema: draft, title: `kplay ${kind}` };
  switch (kind) {
    case 'playbook':
      return { ...head, ...playbook, $defs: taskDefinitions(modules) };
    case 'tasks':
      return { ...head, ...reference('tasks'), $defs: taskDefinitions(modules) };
    case 'inventory':
      return { ...head, type: 'object', additionalProperties: reference('group'), $defs: { group } };
    case 'vars':
      return { ...head, ...variables };
    case 'role-meta':
      return { ...head, ...roleMeta, $defs: { options } };
    case 'argument-specs':
      return { ...head, type: 'object', properties: { argument_specs: argumentSpecs }, $defs: { options } };
  }
}

function reference(name: string): Schema {
  return { $ref: `#/$defs/${name}` };
}

const template: Schema = { type: 'string', pattern: '\\{[{%]' };
const scalar: Schema = { type: ['string', 'number', 'boolean', 'null'] };
const names: Schema = {
  anyOf: [scalar, { type: 'array', items: { anyOf: [scalar, { type: 'array', items: scalar }] } }],
};
const variables: Schema = { type: ['object', 'null'], propertyNames: { pattern: variableName } };

/** What a keyword of a kind takes. Words such as yes are strings to YAML 1.2, which editors read. */
const kindSchemas: Readonly<Record<KeywordKind, Schema>> = {
  any: {},
  text: scalar,
  boolean: { type: ['boolean', 'string', 'integer'] },
  integer: { anyOf: [{ type: 'integer' }, { type: 'string' }] },
  number: { anyOf: [{ type: 'number' }, { type: 'string' }] },
  list: { type: ['array', 'string', 'null'] },
  dict: { type: ['object', 'string', 'null'] },
  conditions: { anyOf: [scalar, { type: 'array', items: {} }] },
  names,
  identifier: { type: 'string', pattern: variableName },
};

/** Keywords whose value has a shape of its own. */
const shapes: Readonly<Record<string, Schema>> = {
  tasks: reference('tasks'),
  pre_tasks: reference('tasks'),
  post_tasks: reference('tasks'),
  handlers: reference('tasks'),
  block: reference('tasks'),
  rescue: reference('tasks'),
  always: reference('tasks'),
  roles: reference('roles'),
  vars: variables,
  loop_control: {
    type: 'object',
    properties: Object.fromEntries(
      Object.entries(loopControlKeywords).map(([name, doc]) => [name, { description: doc }]),
    ),
    additionalProperties: false,
  },
};

function propertiesAt(...places: readonly KeywordPlace[]): Schema {
  const here = Object.entries(keywords).filter(([, { on }]) => places.some((place) => on.includes(place)));
  return Object.fromEntries(
    here.map(([name, { kind, doc, unsupported }]) => [
      name,
      unsupported === undefined ? { ...(shapes[name] ?? kindSchemas[kind]), description: doc } : false,
    ]),
  );
}

const playbook: Schema = {
  type: 'array',
  items: {
    anyOf: [
      { type: 'object', properties: propertiesAt('play'), required: ['hosts'], additionalProperties: false },
      {
        type: 'object',
        properties: { ...propertiesAt('import_playbook'), ...collectionNames('import_playbook', scalar) },
        additionalProperties: false,
        anyOf: ['import_playbook', 'ansible.builtin.import_playbook'].map((name) => ({ required: [name] })),
      },
    ],
  },
};

function collectionNames(name: string, schema: Schema): Schema {
  return { [`ansible.builtin.${name}`]: schema, [`ansible.legacy.${name}`]: schema };
}

function taskDefinitions(modules: readonly ModuleSignature[]): Record<string, Schema> {
  return {
    tasks: { type: ['array', 'null'], items: { anyOf: [reference('block'), reference('task')] } },
    block: { type: 'object', properties: propertiesAt('block'), required: ['block'], additionalProperties: false },
    task: taskSchema(modules),
    ...Object.fromEntries(modules.map((one) => [`module_${one.name}`, actionSchema(one)])),
    roles: { type: ['array', 'null'], items: { anyOf: [{ type: 'string' }, roleEntry] } },
  };
}

const includes = ['include_tasks', 'import_tasks', 'include_role', 'import_role'];

/** A role's entry may hold the role's parameters beside the keywords. */
const roleEntry: Schema = {
  type: 'object',
  properties: { ...propertiesAt('role'), role: scalar, src: scalar },
  anyOf: [{ required: ['role'] }, { required: ['name'] }, { required: ['src'] }],
};

function taskSchema(modules: readonly ModuleSignature[]): Schema {
  return {
    type: 'object',
    properties: {
      ...propertiesAt('task', 'handler', 'include'),
      ...Object.fromEntries(
        modules.flatMap((one) => moduleNames(one).map((name) => [name, reference(`module_${one.name}`)])),
      ),
      ...Object.fromEntries(includes.flatMap((name) => namesWithCollections(name, []).map((full) => [full, {}]))),
    },
    // Modules of other collections are not known here.
    patternProperties: { '^with_[A-Za-z_]+$': {}, '^[a-z_]\\w*\\.\\w+(\\.\\w+)+$': {} },
    additionalProperties: false,
    not: { required: ['block'] },
  };
}

function moduleNames({ name, aliases = [], collections = [] }: ModuleSignature): string[] {
  return [name, ...aliases].flatMap((one) => namesWithCollections(one, collections));
}

function namesWithCollections(name: string, collections: readonly string[]): string[] {
  return [name, ...['ansible.builtin', 'ansible.legacy', ...collections].map((prefix) => `${prefix}.${name}`)];
}

function actionSchema({ args, extraArguments, freeForm }: ModuleSignature): Schema {
  const dict = { ...argumentsSchema(args), ...(extraArguments ? { additionalProperties: {} } : {}) };
  // In the short form a string holds name=value, or the text that the module takes.
  return {
    anyOf: [dict, { type: freeForm === undefined ? ['string', 'null'] : ['string', 'number', 'boolean', 'null'] }],
  };
}

function argumentsSchema(args: ArgumentSchema): Schema {
  const entries = Object.entries(args).flatMap(([name, spec]) =>
    [name, ...(spec.aliases ?? [])].map((one) => [one, argumentSchema(spec)] as const),
  );
  return { type: 'object', properties: Object.fromEntries(entries), additionalProperties: false };
}

const argumentKinds: Readonly<Partial<Record<ArgumentSpec['type'], Schema>>> = {
  str: scalar,
  path: scalar,
  int: { type: ['integer', 'string'] },
  float: { type: ['number', 'string'] },
  bool: { type: ['boolean', 'string', 'integer', 'null'] },
  list: { type: ['array', 'string', 'number', 'null'] },
  dict: { type: ['object', 'string', 'null'] },
};

function argumentSchema(spec: ArgumentSpec): Schema | false {
  if (spec.unsupported !== undefined) return false;
  const type = argumentKinds[spec.type] ?? {};
  const told = { description: spec.doc, ...(spec.deprecated === undefined ? {} : { deprecated: true }) };
  if (spec.choices && spec.type !== 'list')
    return { ...told, anyOf: [{ enum: spec.choices }, template, { type: 'null' }] };
  if (!spec.options) return { ...told, ...type };
  const inner = argumentsSchema(spec.options);
  return {
    ...told,
    anyOf: [inner, { type: 'array', items: { anyOf: [inner, template] } }, { type: ['string', 'null'] }],
  };
}

const group: Schema = {
  type: ['object', 'null'],
  properties: {
    hosts: { type: ['object', 'string', 'null'], additionalProperties: variables },
    children: { type: ['object', 'null'], additionalProperties: reference('group') },
    vars: variables,
  },
  additionalProperties: false,
};

const argumentTypes = [
  'str',
  'int',
  'float',
  'bool',
  'list',
  'dict',
  'path',
  'raw',
  'jsonarg',
  'json',
  'bytes',
  'bits',
];

const options: Schema = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: {
      type: { enum: argumentTypes },
      elements: { enum: argumentTypes },
      required: { type: ['boolean', 'string'] },
      default: {},
      choices: { type: 'array' },
      description: { type: ['string', 'array'] },
      options: reference('options'),
    },
  },
};

const argumentSpecs: Schema = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    properties: {
      short_description: { type: 'string' },
      description: { type: ['string', 'array'] },
      options: reference('options'),
    },
  },
};

const roleMeta: Schema = {
  type: ['object', 'null'],
  properties: {
    dependencies: { type: ['array', 'null'], items: { anyOf: [{ type: 'string' }, { type: 'object' }] } },
    allow_duplicates: { type: ['boolean', 'string'] },
    collections: { type: 'array', items: { type: 'string' } },
    galaxy_info: { type: 'object' },
    argument_specs: argumentSpecs,
  },
};
