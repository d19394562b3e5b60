import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import test from 'ava';

import { jsonSchema, type SchemaKind, schemaKinds } from '../../runner/language/json-schema.ts';
import { parseYaml } from '../../runner/language/yaml.ts';
import { createCatalog } from '../../runner/module/catalog.ts';
import { packageRoot } from '../../runner/root.ts';

const catalog = createCatalog();
const loaded = await Promise.all([...catalog.names].map((name) => catalog.load(name)));
const modules = [...new Set(loaded.filter((module) => module !== undefined))];
const ajv = new Ajv2020({ strict: false });
const checks = new Map(schemaKinds.map((kind) => [kind, ajv.compile(jsonSchema(kind, modules))]));

/** The first thing that a schema has against a text; undefined for nothing. */
function complaint(kind: SchemaKind, text: string): string | undefined {
  const check = checks.get(kind)!;
  return check(parseYaml(text, kind)) ? undefined : ajv.errorsText(check.errors);
}

function filesOf(folder: string, below: RegExp): string[] {
  return readdirSync(path.join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => below.test(name))
    .map((name) => path.join(packageRoot, folder, name));
}

const shipped: readonly (readonly [SchemaKind, string, RegExp])[] = [
  ['playbook', 'playbooks', /^[^/]+\.yml$/],
  ['tasks', 'roles', /^[^/]+\/(?:tasks|handlers)\/[^/]+\.yml$/],
  ['vars', 'roles', /^[^/]+\/(?:defaults|vars)\/[^/]+\.yml$/],
  ['role-meta', 'roles', /^[^/]+\/meta\/main\.yml$/],
  ['inventory', 'inventory', /^hosts\.yml$/],
  ['vars', 'inventory', /^group_vars\/[^/]+\.yml$/],
];

for (const [kind, folder, below] of shipped) {
  test(`the schema ${kind} takes what kplay ships in ${folder}: ${below.source}`, (t) => {
    const files = filesOf(folder, below);
    t.true(files.length > 0);
    for (const file of files) t.is(complaint(kind, readFileSync(file, 'utf8')), undefined, file);
  });
}

const wrong: readonly (readonly [title: string, kind: SchemaKind, text: string])[] = [
  ['a play without hosts', 'playbook', '- {name: x, tasks: []}'],
  ['an unknown keyword of a play', 'playbook', '- {hosts: all, gather_fact: false}'],
  ['an unknown keyword of a task', 'tasks', '- {ping: , notfy: x}'],
  ['an unknown module', 'tasks', '- copyy: {src: a, dest: b}'],
  ['an unknown argument', 'tasks', '- copy: {src: a, destination: b}'],
  ['an argument of another type', 'tasks', '- copy: {src: a, dest: [b]}'],
  ['a choice that is none', 'tasks', '- service: {name: a, state: running}'],
  ['a refused keyword', 'tasks', '- {ping: , debugger: always}'],
  ['an unknown keyword of a loop', 'tasks', '- {ping: , loop: [1], loop_control: {lable: x}}'],
  ['a block with a module', 'tasks', '- {block: [], ping: }'],
  ['a group with an unknown key', 'inventory', 'all: {host: {a: }}'],
  ['the name of a variable with a dash', 'vars', 'a-b: 1'],
  ['dependencies that are no list', 'role-meta', 'dependencies: {role: a}'],
  ['an unknown type of an argument', 'argument-specs', 'argument_specs: {main: {options: {a: {type: text}}}}'],
];

for (const [title, kind, text] of wrong) {
  test(`the schema ${kind} refuses ${title}`, (t) => {
    t.not(complaint(kind, text), undefined);
  });
}

const right: readonly (readonly [title: string, kind: SchemaKind, text: string])[] = [
  [
    'every form of a task',
    'tasks',
    '- command: ls -l\n- ansible.builtin.copy: src=a dest=b\n- action: ping\n- {acme.tools.thing: {a: 1}, with_items: [1]}',
  ],
  ['templates in place of other types', 'tasks', '- service: {name: a, state: "{{ x }}", enabled: "{{ y }}"}'],
  [
    'an import',
    'playbook',
    '- {import_playbook: other.yml, when: x}\n- {hosts: [a, b], roles: [a, {role: b, param: 1}]}',
  ],
  ['groups in groups', 'inventory', 'all: {children: {web: {hosts: {a: {ansible_port: 22}, b: }}}}'],
];

for (const [title, kind, text] of right) {
  test(`the schema ${kind} takes ${title}`, (t) => {
    t.is(complaint(kind, text), undefined);
  });
}
