import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { HashBehaviour } from '../../runner/dicts.ts';
import { KplayError, type Warn } from '../../runner/errors.ts';
import { loadInventory } from '../../runner/inventory/load-inventory.ts';
import type { PlayNode, TaskNode } from '../../runner/language/tree.ts';
import { parseYaml } from '../../runner/language/yaml.ts';
import { SecretRegister } from '../../runner/secrets/register.ts';
import { createTemplar } from '../../runner/template/create.ts';
import type { Scope } from '../../runner/template/templar.ts';
import type { Mapping, Value } from '../../runner/value.ts';
import { isMapping, mapping, Undefined } from '../../runner/value.ts';
import { connectionFor } from '../../runner/variables/connection-variables.ts';
import { createVariableStore } from '../../runner/variables/store.ts';
import type { VariableStore } from '../../runner/variables/variables.ts';
import { temporaryDirectory } from '../temporary.ts';

const templar = createTemplar();
const position = { file: '/nonexistent/play.yml', line: 1, column: 1 };

function dict(text: string, file = '/nonexistent/vars.yml'): Mapping {
  const value = parseYaml(text, file);
  return isMapping(value) ? value : mapping();
}

function playWith(vars: Mapping, more: Partial<PlayNode> = {}): PlayNode {
  return {
    type: 'play',
    position,
    keywords: { tags: [], vars },
    hosts: { value: 'all', position },
    varsFiles: [],
    varsPrompt: [],
    strategy: 'linear',
    order: 'inventory',
    preTasks: [],
    roles: [],
    tasks: [],
    postTasks: [],
    handlers: [],
    when: [],
    ...more,
  };
}

interface Setup {
  readonly files?: Record<string, string>;
  readonly vars?: string;
  readonly extra?: string;
  readonly play?: (folder: string) => Partial<PlayNode>;
  readonly prompted?: Mapping;
  readonly warn?: Warn;
  readonly hashBehaviour?: HashBehaviour;
}

async function setup(options: Setup = {}) {
  const folder = temporaryDirectory('kplay-variables');
  for (const [name, text] of Object.entries({ hosts: 'a\nb\n[web]\na\n', ...options.files })) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const inventory = await loadInventory(['hosts'], { cwd: folder, warn: () => undefined });
  const store = createVariableStore({
    inventory,
    templar,
    extraVars: dict(options.extra ?? ''),
    playbookFolder: folder,
    run: { ansible_check_mode: true },
    warn: options.warn,
    hashBehaviour: options.hashBehaviour,
    secrets: new SecretRegister(),
  });
  const play = playWith(dict(options.vars ?? ''), {
    position: { ...position, file: path.join(folder, 'play.yml') },
    ...options.play?.(folder),
  });
  store.startPlay(play, {
    name: 'the play',
    allHosts: ['a', 'b'],
    hosts: () => ['a'],
    batch: () => ['a', 'b'],
    prompted: options.prompted ?? mapping(),
  });
  const scope = (host = 'a', loopVars?: Mapping): Scope => store.scope({ host, play, loopVars });
  return { folder, inventory, store, play, scope };
}

/** A variable as a template sees it. */
function evaluate(store: VariableStore, play: PlayNode, expression: string, host = 'a'): Value {
  return templar.evaluate(expression, store.context({ host, play }));
}

test('a variable is rendered when it is looked up, with what holds then', async (t) => {
  const { store, scope } = await setup({
    vars: 'x: "{{ y }}-{{ inventory_hostname }}"\nlist: ["{{ x }}", {k: "{{ y }}"}]',
  });
  store.setHostVariables('a', mapping([['y', 'set']]));
  t.is(scope().get('x'), 'set-a');
  t.deepEqual(scope().get('list'), ['set-a', mapping([['k', 'set']])]);
  store.setHostVariables('a', mapping([['y', 'again']]));
  t.is(scope().get('x'), 'again-a');
});

test('what hosts and tasks gave is never rendered', async (t) => {
  const { store, inventory, scope } = await setup({ vars: 'shown: "{{ registered }} {{ ansible_fact }}"' });
  store.setHostVariables('a', mapping([['registered', '{{ 1 + 1 }}']]));
  store.setFacts('a', mapping([['ansible_fact', '{{ 2 + 2 }}']]));
  inventory.addHost('a', [], mapping([['added', '{{ 3 + 3 }}']]));
  t.is(scope().get('registered'), '{{ 1 + 1 }}');
  t.is(scope().get('ansible_fact'), '{{ 2 + 2 }}');
  t.is(scope().get('added'), '{{ 3 + 3 }}');
  t.is(scope().get('shown'), '{{ 1 + 1 }} {{ 2 + 2 }}');
});

test('files of include_vars are rendered, their values being trusted', async (t) => {
  const { store, scope } = await setup({ vars: 'base: 1' });
  store.setIncludedVariables('a', dict('x: "{{ base + 1 }}"'));
  t.is(scope().get('x'), 2);
  t.false(scope('b').has('x'));
});

test('dicts of one name on several levels are joined before they are rendered, where that is asked for', async (t) => {
  const options = {
    files: { 'group_vars/web.yml': 'd: {web: 1, deep: {low: "{{ nowhere }}", list: [1]}}\ntext: {a: 1}\n' },
    vars: 'd: {play: "{{ 1 + 1 }}", deep: {low: fine, list: [2]}}\ntext: no dict',
  };
  const merged = await setup({ ...options, hashBehaviour: 'merge' });
  const expected = dict('{web: 1, deep: {low: fine, list: [2]}, play: 2}');
  t.deepEqual(merged.scope().get('d'), expected);
  t.is(merged.scope().get('text'), 'no dict');
  t.deepEqual(merged.scope('b').get('d'), dict('{play: 2, deep: {low: fine, list: [2]}}'));
  merged.store.setHostVariables('a', mapping([['d', dict('set: "{{ 1 + 2 }}"')]]));
  t.deepEqual(merged.scope().get('d'), mapping([...Object.entries(expected), ['set', '{{ 1 + 2 }}']]));
  t.deepEqual((await setup(options)).scope().get('d'), dict('{play: 2, deep: {low: fine, list: [2]}}'));
});

test('what YAML aliases share is joined once', async (t) => {
  const levels = Array.from(
    { length: 60 },
    (_, index) => `l${index + 1}: &l${index + 1} {a: *l${index}, b: *l${index}}`,
  );
  const text = `l0: &l0 {x: 1}\n${levels.join('\n')}\n`;
  const { scope } = await setup({ files: { 'group_vars/web.yml': text }, vars: text, hashBehaviour: 'merge' });
  let value = scope().get('l60');
  for (let depth = 0; depth < 60; depth++) value = isMapping(value) ? value.b : undefined;
  t.deepEqual(value, mapping([['x', 1]]));
});

test('a variable is known as it was written, and where', async (t) => {
  const { store, play } = await setup({ vars: 'x: "{{ 1 + 1 }}"' });
  const scope = store.scope({ host: 'a', play });
  t.is(scope.written?.('x'), '{{ 1 + 1 }}');
  t.like(scope.place?.('x'), { file: '/nonexistent/vars.yml', line: 1 });
  t.is(scope.written?.('y'), undefined);
  t.is(scope.place?.('y'), undefined);
});

test('a variable that is defined by itself is an error that names the chain and the place', async (t) => {
  const { scope } = await setup({ vars: 'x: "{{ y }}"\ny: "{{ z.k }}"\nz: {k: "{{ x }}"}' });
  const error = t.throws(() => scope().get('x'), { instanceOf: KplayError });
  t.regex(error.message, /'x' is defined by itself: x -> y -> z -> x/);
  t.is((error as KplayError).problems[0]?.position?.file, '/nonexistent/vars.yml');
});

test('a default cannot rest on the variable of the same name', async (t) => {
  const { scope } = await setup({ vars: 'x: "{{ x | default(\'d\') }}"' });
  t.throws(() => scope().get('x'), { message: /defined by itself: x -> x/ });
});

test('a variable that rests on an undefined one is undefined, and says what is missing and where', async (t) => {
  const { store, play, scope } = await setup({ vars: 'outer: "{{ inner }}"\ninner: "{{ missing }}"' });
  const value = scope().get('outer');
  t.true(value instanceof Undefined);
  t.regex((value as Undefined).message, /'missing' is undefined \(in the variable 'inner', .*vars\.yml:2\)/);
  t.is(evaluate(store, play, "outer | default('other')"), 'other');
  t.is(evaluate(store, play, 'outer is defined'), false);
  t.throws(() => evaluate(store, play, 'outer ~ "x"'), { message: /'missing' is undefined/ });
});

test('loop variables stand above extra vars, those above everything but magic variables', async (t) => {
  const { store, scope } = await setup({
    vars: 'x: play\nitem: play',
    extra: 'x: extra\nitem: extra\ninventory_hostname: extra',
  });
  store.setHostVariables('a', mapping([['x', 'set']]));
  t.is(scope().get('x'), 'extra');
  t.is(scope('a', mapping([['item', 'looped']])).get('item'), 'looped');
  t.is(scope().get('inventory_hostname'), 'a');
});

test('prompts stand above play vars and below vars_files', async (t) => {
  const { scope } = await setup({
    files: { 'v.yml': 'y: file' },
    vars: 'x: play\ny: play',
    prompted: mapping([
      ['x', '{{ prompted }}'],
      ['y', 'prompted'],
    ]),
    play: () => ({ varsFiles: [{ value: 'v.yml', position }] }),
  });
  t.is(scope().get('x'), '{{ prompted }}');
  t.is(scope().get('y'), 'file');
});

test('names of vars_files may need facts, and are left out until those are known', async (t) => {
  const { store, scope } = await setup({
    files: { 'debian.yml': 'os: debian', 'vars/deep.yml': 'deep: 1', 'default.yml': 'os: default\nlow: 1' },
    play: () => ({
      varsFiles: [
        { value: ['none.yml', 'default.yml'], position },
        { value: '{{ ansible_family }}.yml', position },
        { value: 'deep.yml', position },
      ],
    }),
  });
  t.is(scope().get('os'), 'default');
  t.is(scope().get('low'), 1);
  t.is(scope().get('deep'), 1);
  store.setFacts('a', mapping([['ansible_family', 'debian']]));
  t.is(scope().get('os'), 'debian');
  t.is(scope('b').get('os'), 'default');
  store.setFacts('b', mapping([['ansible_other', 'x']]));
  t.throws(() => scope('b').get('os'), { message: /family/ });
  store.setFacts('b', mapping([['ansible_family', 'unknown']]));
  t.throws(() => scope('b').get('os'), { message: /no file of variables "unknown.yml"/ });
});

test('facts are seen in ansible_facts and each by itself, and go away with clear_facts', async (t) => {
  const { store, play, scope } = await setup();
  store.setFacts(
    'a',
    dict('ansible_distribution: Debian\nansible_local: {own: 1}\nansible_os_family: Debian\nservices: {}'),
  );
  store.setFacts('a', dict('ansible_os_family: Other'));
  t.is(scope().get('ansible_distribution'), 'Debian');
  t.is(evaluate(store, play, 'ansible_facts.os_family'), 'Other');
  t.is(evaluate(store, play, 'ansible_local.own'), 1);
  // The one fact that keeps its prefix.
  t.deepEqual(Object.keys(scope().get('ansible_facts') as Mapping).sort(), [
    'ansible_local',
    'distribution',
    'os_family',
    'services',
  ]);
  t.true(scope().has('services'));
  t.false(scope().has('ansible_services'));
  t.false(scope('b').has('ansible_distribution'));
  store.clearFacts('a');
  t.false(scope().has('ansible_distribution'));
  t.deepEqual(scope().get('ansible_facts'), mapping());
});

test('facts of a host cannot say how and as whom the controller talks to it', async (t) => {
  const { store, scope } = await setup();
  const names = [
    'host',
    'connection',
    'user',
    'password',
    'become',
    'become_user',
    'become_exe',
    'ssh_common_args',
    'shell_executable',
  ];
  store.setFacts(
    'a',
    mapping([...names.map((name) => [`ansible_${name}`, 'evil'] as const), ['ansible_ssh_host_key_rsa_public', 'key']]),
  );
  for (const name of names) t.is(scope().get(`ansible_${name}`), undefined, name);
  t.is(scope().get('ansible_ssh_host_key_rsa_public'), 'key');
});

test('hostvars knows every host with its own variables, but not what belongs to the play', async (t) => {
  const { store, play, inventory } = await setup({
    files: {
      hosts: 'a own=1 name="{{ inventory_hostname }}-{{ own }}"\nb own=2 name="{{ inventory_hostname }}-{{ own }}"\n',
    },
    vars: 'played: 1',
  });
  t.is(evaluate(store, play, 'hostvars.b.name'), 'b-2');
  t.is(evaluate(store, play, "hostvars['b'].played | default('none')"), 'none');
  t.is(evaluate(store, play, "'b' in hostvars and 'c' not in hostvars"), true);
  t.is(evaluate(store, play, 'hostvars.nobody is defined'), false);
  t.deepEqual(evaluate(store, play, 'hostvars | list'), ['a', 'b']);
  t.is(evaluate(store, play, 'hostvars.localhost.ansible_connection'), 'local');
  store.setHostVariables('b', mapping([['late', 1]]));
  t.is(evaluate(store, play, 'hostvars.b.late'), 1);
  inventory.addHost('c', ['fresh'], mapping([['own', 3]]));
  t.is(evaluate(store, play, 'hostvars.c.own + hostvars.c.group_names | length'), 4);
  t.deepEqual(evaluate(store, play, 'groups.fresh'), ['c']);
});

test('hostvars sees what changed on other hosts, in files and in the inventory since it was last asked', async (t) => {
  const { store, play, inventory, folder } = await setup({
    files: {
      hosts:
        'a over="{{ hostvars.b.late | default(0) }}" count="{{ groups.all | length }}"\nb\n[all:vars]\nread="{{ lookup(\'file\', \'token\') }}"\n',
      token: 'first',
    },
  });
  t.is(evaluate(store, play, 'hostvars.a.over'), 0);
  t.is(evaluate(store, play, 'hostvars.a.read'), 'first');
  t.is(evaluate(store, play, 'hostvars.a.count'), 2);
  store.setHostVariables('b', mapping([['late', 5]]));
  writeFileSync(path.join(folder, 'token'), 'second');
  inventory.addHost('c', [], mapping());
  t.is(evaluate(store, play, 'hostvars.a.over'), 5);
  t.is(evaluate(store, play, 'hostvars.a.read'), 'second');
  t.is(evaluate(store, play, 'hostvars.a.count'), 3);
});

test('a variable that comes back to itself through hostvars is an error too', async (t) => {
  const { store, play } = await setup({ files: { hosts: 'a x="{{ hostvars.b.x }}"\nb x="{{ hostvars.a.x }}"\n' } });
  t.throws(() => evaluate(store, play, 'x'), { message: /defined by itself/ });
});

test('all of hostvars and vars can be written out', async (t) => {
  const { store, play } = await setup({ files: { hosts: 'a own=1\n' }, vars: 'played: "{{ own }}"' });
  t.regex(String(evaluate(store, play, 'hostvars | to_json')), /"own": 1/);
  t.regex(String(evaluate(store, play, 'vars | to_json')), /"played": 1/);
  t.is(evaluate(store, play, 'vars.played'), 1);
});

test('magic variables tell of the play', async (t) => {
  const { store, play, folder, scope } = await setup();
  t.is(scope().get('ansible_play_name'), 'the play');
  t.deepEqual(scope().get('ansible_play_hosts'), ['a']);
  t.deepEqual(scope().get('ansible_play_hosts_all'), ['a', 'b']);
  t.deepEqual(scope().get('ansible_play_batch'), ['a', 'b']);
  t.is(scope().get('playbook_dir'), folder);
  t.is(scope().get('inventory_dir'), folder);
  t.is(scope().get('inventory_file'), path.join(folder, 'hosts'));
  t.is(scope().get('ansible_check_mode'), true);
  t.is(scope().get('omit'), templar.omit);
  t.deepEqual(scope().get('group_names'), ['web']);
  t.false(scope().has('role_name'));
  t.is(evaluate(store, play, 'role_name is defined'), false);
});

test('reserved names are warned of once, with their place', async (t) => {
  const warnings: string[] = [];
  const { store } = await setup({
    vars: 'hosts: 1\nenvironment: 2\nfine: 3',
    warn: (text, position) => warnings.push(`${position?.line} ${text}`),
  });
  store.setHostVariables('a', mapping([['hosts', 1]]));
  t.deepEqual(warnings, [
    '1 Found variable using reserved name: hosts',
    '2 Found variable using reserved name: environment',
  ]);
});

test('broken group_vars are reported when the play begins, with their place', async (t) => {
  const broken = setup({ files: { 'group_vars/web.yml': 'a: 1\nb: [' } });
  const error = await t.throwsAsync(broken, { instanceOf: KplayError });
  t.regex((error as KplayError).problems[0]!.position!.file, /group_vars\/web\.yml$/);
  await t.throwsAsync(setup({ files: { 'group_vars/web.yml': '- a' } }), { message: /must be a dict/ });
  await t.throwsAsync(setup({ files: { 'host_vars/a.yml': '$ANSIBLE_VAULT;1.1;AES256\n3' } }), { message: /vault/ });
});

test('host names cannot lead out of host_vars', async (t) => {
  const { scope, inventory, store, play } = await setup({
    files: { 'secret.yml': 'stolen: 1', 'host_vars/x.yml': 'q: 1' },
  });
  inventory.addHost('../secret', [], mapping());
  t.is(store.scope({ host: '../secret', play }).get('stolen'), undefined);
  t.is(scope().get('stolen'), undefined);
});

test('the search path is that of the task', async (t) => {
  const { store, play, folder } = await setup();
  const node: TaskNode = {
    type: 'task',
    position: { file: path.join(folder, 'tasks/more.yml'), line: 1, column: 1 },
    keywords: { tags: [], when: [], vars: dict('own: task') },
    module: 'debug',
    action: { value: 'debug', position },
    args: mapping(),
    notify: [],
  };
  const context = store.context({ host: 'a', play, node });
  t.deepEqual(context.searchPath, [path.join(folder, 'tasks'), folder]);
  t.is(context.scope.get('own'), 'task');
});

test('how a host is reached follows what tasks, loops, facts and add_host say since it was last asked', async (t) => {
  const { store, inventory, scope } = await setup({
    files: { 'group_vars/all.yml': 'ansible_user: "{{ who | default(\'nobody\') }}"\n' },
    vars: 'ansible_port: 23',
  });
  const flags = { timeoutSeconds: 10, become: false };
  const settings = (loopVars?: Mapping) => connectionFor(scope('a', loopVars), {}, flags).settings;
  t.like(settings(), { host: 'a', user: 'nobody', port: 23, shell: undefined });
  store.setHostVariables('a', mapping([['who', 'somebody']]));
  t.like(settings(), { user: 'somebody' });
  store.setIncludedVariables('a', mapping([['ansible_shell_executable', '/bin/{{ "da" + "sh" }}']]));
  t.like(settings(), { shell: '/bin/dash' });
  store.setHostVariables('a', mapping([['ansible_port', 24]]));
  t.like(settings(), { port: 24 });
  inventory.addHost('a', [], mapping([['ansible_host', 'elsewhere']]));
  t.like(settings(), { host: 'elsewhere' });
  store.setFacts('a', mapping([['ansible_user', 'root']]));
  t.like(settings(), { user: 'somebody' });
  t.like(settings(mapping([['ansible_ssh_port', 25]])), { port: 25 });
});

test('how a host is reached is the same object for all tasks while nothing differs', async (t) => {
  const { scope } = await setup({ vars: 'ansible_port: 23' });
  const flags = { timeoutSeconds: 10, become: false };
  const first = connectionFor(scope(), {}, flags);
  t.is(connectionFor(scope(), {}, flags), first);
  t.not(connectionFor(scope('b'), {}, flags), first);
  t.not(connectionFor(scope(), { become: true }, flags), first);
  t.not(connectionFor(scope(), {}, { ...flags }), first);
});
