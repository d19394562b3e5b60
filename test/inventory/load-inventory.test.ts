import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { KplayError } from '../../runner/errors.ts';
import type { Inventory } from '../../runner/inventory/inventory.ts';
import { loadInventory } from '../../runner/inventory/load-inventory.ts';
import { placeOfKey, placeOfValue } from '../../runner/position.ts';
import { mapping } from '../../runner/value.ts';
import { temporaryDirectory } from '../temporary.ts';

function folderWith(files: Record<string, string>): string {
  const folder = temporaryDirectory('kplay-inventory');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  return folder;
}

async function load(text: string, name = 'hosts', warnings: string[] = []): Promise<Inventory> {
  const cwd = folderWith({ [name]: text });
  return loadInventory([name], { warn: (text, position) => warnings.push(`${position?.line} ${text}`), cwd });
}

const mistakes: { text: string; name?: string; message: RegExp; line?: number; column?: number; code?: string }[] = [
  { text: '[a b]', message: /Invalid section entry/, line: 1, column: 1 },
  { text: 'x\n  [a:foo]', message: /unknown type: foo/, line: 2, column: 6 },
  { text: 'host foo', message: /Expected key=value host variable assignment, got: foo/, line: 1, column: 6 },
  { text: 'host a=1 "b', message: /No closing quotation/, line: 1, column: 10 },
  { text: '[a]\n[a:vars]\nx', message: /Expected key=value, got: x/, line: 3, column: 1 },
  { text: '[a:children]\nzz', message: /\[a:children\] includes undefined group: zz/, line: 2, column: 1 },
  { text: '[a:vars]\nx=1', message: /\[a:vars\] not valid for undefined group: a/, line: 1, column: 2 },
  { text: '[a:children]\nb\n[b:children]\na', message: /recursive dependency loop/, line: 4, column: 1 },
  { text: '[a:children]\na', message: /recursive dependency loop/, line: 2, column: 1 },
  { text: '[x:children]\nall', message: /recursive dependency loop/ },
  { text: 'h[01:1]', message: /equal-length/, line: 1, column: 1 },
  { text: 'h[1-3]', message: /begin:end/, line: 1 },
  { text: 'h[3:1]', message: /begin <= end/, line: 1 },
  { text: 'h[1:]', message: /end value/, line: 1 },
  { text: 'h[1:x]', message: /two numbers or two letters/, line: 1 },
  { text: 'h[1:9:0]', message: /step/, line: 1 },
  { text: 'h[1:3', message: /no closing/, line: 1 },
  { text: 'x k=v\nh:', message: /':' at its end is not allowed/, line: 2 },
  { text: '[g]\nh\n[g:vars]\nansible_group_priority=high', message: /whole number/, line: 4 },
  { text: '- a\n- b', name: 'hosts.yml', message: /must be a dict of groups, not a list/, line: 1 },
  { text: 'all: {hosts: [a, b]}', name: 'hosts.yml', message: /"hosts" entry for "all" group/, line: 1, column: 14 },
  { text: 'all:\n  vars: [a]', name: 'hosts.yml', message: /"vars" entry for "all" group/, line: 2, column: 9 },
  { text: 'all:\n  hosts:\n    a: 5', name: 'hosts.yml', message: /variables of host 'a'/, line: 3, column: 8 },
  {
    text: 'all:\n  children:\n    g: text',
    name: 'hosts.yml',
    message: /Group 'g' must be a dict/,
    line: 3,
    column: 8,
  },
  {
    text: 'a: {children: {b: {children: {a: }}}}',
    name: 'h.yml',
    message: /recursive dependency loop/,
    line: 1,
    column: 31,
  },
  { text: '', name: 'hosts.yml', message: /is empty/, line: 1 },
  { text: 'all: {', name: 'hosts.yml', message: /./, code: 'yaml' },
  {
    text: 'plugin: constructed\nstrict: true',
    name: 'c.yml',
    message: /plugins are not supported.*constructed/,
    line: 1,
    column: 9,
  },
  { text: '[all]', name: 'hosts.toml', message: /TOML inventories are not supported/ },
  { text: '#!/bin/sh\necho {}', message: /not executable/ },
  { text: '$ANSIBLE_VAULT;1.1;AES256\n33', message: /vault/ },
];

for (const { text, name, message, line, column, code } of mistakes) {
  test(`refuses ${JSON.stringify(text)} in ${name ?? 'hosts'}`, async (t) => {
    const error = await t.throwsAsync(load(text, name), { instanceOf: KplayError, message });
    const [problem] = (error as KplayError).problems;
    t.deepEqual([problem?.code], [code ?? 'inventory']);
    if (line !== undefined) t.is(problem!.position?.line, line);
    if (column !== undefined) t.is(problem!.position?.column, column);
  });
}

test('refuses a source that is not there', async (t) => {
  await t.throwsAsync(loadInventory(['/nonexistent/hosts'], { warn: t.log }), { message: /no inventory at/ });
});

test('a script that fails, prints nonsense or no dict is an error that shows what it said', async (t) => {
  const cwd = folderWith({
    fails: '#!/bin/sh\necho broken key >&2\nexit 3\n',
    nonsense: '#!/bin/sh\necho hello\n',
    list: '#!/bin/sh\necho "[]"\n',
  });
  for (const name of ['fails', 'nonsense', 'list']) chmodSync(path.join(cwd, name), 0o755);
  const run = (name: string) => loadInventory([name], { warn: t.log, cwd });
  await t.throwsAsync(run('fails'), { message: /exit code 3: broken key/ });
  await t.throwsAsync(run('nonsense'), { message: /no valid JSON/ });
  await t.throwsAsync(run('list'), { message: /JSON object/ });
});

test('the oldest form of script groups is a host with variables', async (t) => {
  const cwd = folderWith({ script: '#!/bin/sh\necho \'{"single": {"lone": true}, "_meta": {"hostvars": {}}}\'\n' });
  chmodSync(path.join(cwd, 'script'), 0o755);
  const inventory = await loadInventory(['script'], { warn: () => undefined, cwd });
  t.deepEqual(
    inventory.match('single').map((host) => host.name),
    ['single'],
  );
  t.is(inventory.groups.get('single')?.vars.lone, true);
});

test('without sources there is only the implicit localhost, which is no part of all', async (t) => {
  const warnings: string[] = [];
  const inventory = await loadInventory([], { warn: (text) => warnings.push(text) });
  t.deepEqual(inventory.match('all'), []);
  const [local] = inventory.match('localhost');
  t.true(local?.implicit);
  t.is(local?.vars.ansible_connection, 'local');
  t.is(inventory.host('localhost'), local);
  t.deepEqual(inventory.groupNames(local!), []);
  t.regex(warnings.join('\n'), /only implicit localhost is available/);
});

test('a localhost that somebody wrote is an ordinary host', async (t) => {
  const inventory = await load('localhost ansible_port=1\n');
  const [local] = inventory.match('all');
  t.false(local!.implicit);
  t.is(local!.vars.ansible_connection, undefined);
});

test('places of variables are remembered in both forms', async (t) => {
  const ini = await load('h1  a=1 b="x y"\n[g]\n[g:vars]\n  c =  2\n');
  const { vars } = ini.host('h1')!;
  t.like(placeOfKey(vars, 'b'), { line: 1, column: 9 });
  t.like(placeOfValue(vars, 'b'), { line: 1, column: 11 });
  t.like(placeOfValue(ini.groups.get('g')!.vars, 'c'), { line: 4, column: 8 });
  const yaml = await load('all:\n  hosts:\n    h1:\n      a: 1\n  vars: {b: 2}\n', 'hosts.yml');
  t.like(placeOfValue(yaml.host('h1')!.vars, 'a'), { line: 4, column: 10 });
  t.like(placeOfKey(yaml.groups.get('all')!.vars, 'b'), { line: 5, column: 10 });
});

test('a file without an ending is YAML when it looks like it', async (t) => {
  t.deepEqual((await load('# c\n---\nall:\n  hosts: {a: }\n')).match('all').length, 1);
  t.deepEqual((await load('{"all": {"hosts": {"a": null}}}')).match('a').length, 1);
  t.deepEqual((await load('web:\n  hosts:\n    a:\n')).groups.get('web')?.hosts.size, 1);
});

test('warns of group names with strange characters and of hosts named like groups', async (t) => {
  const warnings: string[] = [];
  await load('[a-b]\nx\n[x]\ny\n', 'hosts', warnings);
  t.is(warnings[0], '1 Invalid characters were found in group names but not replaced: a-b');
  t.is(warnings[1], '3 Found both group and host with same name: x');
});

test('warns of keys that mean nothing in a YAML group', async (t) => {
  const warnings: string[] = [];
  await load('all:\n  host: {a: }\n', 'hosts.yml', warnings);
  t.regex(warnings[0]!, /^2 Skipping unexpected key \(host\) in group \(all\)/);
});

test('a limit that selects nothing is an error, an unknown name a warning', async (t) => {
  const inventory = await load('a\nb\n');
  const warnings: string[] = [];
  const warn = (text: string): void => void warnings.push(text);
  t.deepEqual(
    inventory.match('a,nope', { warn }).map((host) => host.name),
    ['a'],
  );
  t.deepEqual(warnings, ['Could not match supplied host pattern, ignoring: nope']);
  t.throws(() => inventory.match('all', { limit: 'zzz' }), { message: /leaves us with no hosts to target/ });
  t.deepEqual(inventory.match('a', { limit: 'b' }), []);
});

test('patterns that are none are errors', async (t) => {
  const inventory = await load('a\n');
  t.throws(() => inventory.match('~(', {}), { message: /not a regular expression/ });
  t.throws(() => inventory.match('a[4]', {}), { message: /No hosts matched the subscripted pattern 'a\[4\]'/ });
  t.throws(() => inventory.match('a', { limit: '@/nonexistent' }), { message: /Unable to find limit file/ });
});

test('an empty group is no unknown name', async (t) => {
  const inventory = await load('[empty]\n[full]\na\n');
  const warnings: string[] = [];
  t.deepEqual(inventory.match('empty', { warn: (text) => warnings.push(text) }), []);
  t.deepEqual(warnings, []);
});

test('add_host and group_by change what patterns and groups say, and tell whether they did', async (t) => {
  const inventory = await load('[web]\na\n');
  t.true(inventory.addHost('new', ['web', 'fresh'], mapping([['x', 1]])));
  t.false(inventory.addHost('new', ['web', 'fresh'], mapping([['x', 1]])));
  t.true(inventory.addHost('new', [], mapping([['x', 2]])));
  t.deepEqual(inventory.host('new')!.added, mapping([['x', 2]]));
  t.deepEqual(
    inventory.match('web').map((host) => host.name),
    ['a', 'new'],
  );
  t.deepEqual(inventory.groupNames(inventory.host('new')!), ['fresh', 'web']);
  t.true(inventory.addHost('lonely', [], mapping()));
  t.deepEqual(inventory.groupNames(inventory.host('lonely')!), ['ungrouped']);
  t.true(inventory.addToGroup('lonely', 'os_debian', ['linux']));
  t.false(inventory.addToGroup('lonely', 'os_debian', ['linux']));
  t.deepEqual(inventory.groupNames(inventory.host('lonely')!), ['linux', 'os_debian']);
  t.deepEqual(
    inventory
      .match('all')
      .map((host) => host.name)
      .sort(),
    ['a', 'lonely', 'new'],
  );
});
