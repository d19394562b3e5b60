import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import addHost from '../../modules/add_host.ts';
import assertModule from '../../modules/assert.ts';
import debug from '../../modules/debug.ts';
import fail from '../../modules/fail.ts';
import groupBy from '../../modules/group_by.ts';
import includeVars from '../../modules/include_vars.ts';
import pause from '../../modules/pause.ts';
import setFact from '../../modules/set_fact.ts';
import setStats from '../../modules/set_stats.ts';
import { KplayError } from '../../runner/errors.ts';
import type { Controller, ControllerModule, ModuleResult } from '../../runner/module/contract.ts';
import type { Mapping, Value } from '../../runner/value.ts';
import { argumentsOf, temporaryFolder } from './harness.ts';

/** Runs a controller module beside a controller that knows only what is given. */
function run(module: ControllerModule, args: Mapping, controller: Partial<Controller> = {}): Promise<ModuleResult> {
  const whole = {
    verbosity: 0,
    templateRules: '2.18',
    variable: () => undefined,
    ...controller,
  } as unknown as Controller;
  return module.run(argumentsOf(module, args) as never, {
    name: 'a',
    facts: {},
    checkMode: false,
    diffMode: false,
    controller: whole,
  });
}

const rendering = (values: Mapping): Partial<Controller> => ({
  render: (value: Value) => {
    const name = /^\{\{ (.*) \}\}$/.exec(String(value))![1]!;
    if (!(name in values)) throw new KplayError({ code: 'undefined', message: `'${name}' is undefined` });
    return values[name]!;
  },
});

test('debug shows a message of any type', async (t) => {
  t.is((await run(debug, {})).msg, 'Hello world!');
  t.deepEqual((await run(debug, { msg: [1, { a: 2 }] })).msg, [1, { a: 2 }]);
});

test('debug shows a variable under its name', async (t) => {
  const shown = await run(debug, { var: 'a.b' }, rendering({ 'a.b': [1] }));
  t.deepEqual(shown.fields, { 'a.b': [1] });
  t.deepEqual((await run(debug, { var: 'nope' }, rendering({}))).fields, { nope: 'VARIABLE IS NOT DEFINED!' });
  t.deepEqual((await run(debug, { var: [1] })).fields, { "<class 'list'>": [1] });
});

test('debug: an error other than undefined is not swallowed', async (t) => {
  const broken = {
    render: () => {
      throw new KplayError({ code: 'template', message: 'bad' });
    },
  };
  await t.throwsAsync(run(debug, { var: 'a b' }, broken), { message: 'bad' });
});

test('debug is skipped below its verbosity, and refuses msg with var', async (t) => {
  t.true((await run(debug, { msg: 'x', verbosity: 2 })).skipped);
  t.is((await run(debug, { msg: 'x', verbosity: 2 }, { verbosity: 2 })).msg, 'x');
  await t.throwsAsync(run(debug, { msg: 'x', var: 'y' }), { message: /mutually exclusive/ });
});

test('fail fails with its message', async (t) => {
  const result = await run(fail, { msg: 'no' });
  t.deepEqual([result.failed, result.msg], [true, 'no']);
  t.is((await run(fail, {})).msg, 'Failed as requested from task');
});

test('assert stops at the first condition that does not hold', async (t) => {
  const asked: string[] = [];
  const controller = {
    test: (expression: string) => {
      asked.push(expression);
      return expression !== 'b';
    },
  };
  const result = await run(assertModule, { that: ['a', 'b', 'c'], fail_msg: 'no b' }, controller);
  t.deepEqual(asked, ['a', 'b']);
  t.true(result.failed);
  t.deepEqual([result.msg, result.fields?.assertion, result.fields?.evaluated_to], ['no b', 'b', false]);
});

test('assert: one condition with commas is one condition', async (t) => {
  const result = await run(assertModule, { that: 'x in [1, 2]' }, { test: (text) => text === 'x in [1, 2]' });
  t.deepEqual([result.failed, result.msg], [undefined, 'All assertions passed']);
  t.true((await run(assertModule, { that: [true, false] }, {})).failed);
});

test('set_fact: texts that read like booleans become booleans', async (t) => {
  const { effects } = await run(setFact, { a: 'yes', b: 'False', c: 'yesterday', d: [1] });
  t.deepEqual({ ...effects?.facts }, { a: true, b: false, c: 'yesterday', d: [1] });
  t.is(effects?.gatheredFacts, undefined);
  t.truthy((await run(setFact, { a: 1, cacheable: true })).effects?.gatheredFacts);
});

test('set_fact refuses what is no name, and nothing', async (t) => {
  await t.throwsAsync(run(setFact, { 'a-b': 1 }), { message: /variable name 'a-b' is not valid/ });
  await t.throwsAsync(run(setFact, { if: 1 }), { message: /not valid/ });
  await t.throwsAsync(run(setFact, {}), { message: /No key\/value pairs/ });
});

test('set_stats passes on what is to be added', async (t) => {
  const { effects } = await run(setStats, { data: { n: 1 }, per_host: true });
  t.deepEqual(effects?.stats, { data: { n: 1 }, perHost: true, aggregate: true });
});

test('add_host takes a port from the name, and further arguments as variables', async (t) => {
  const { effects } = await run(addHost, { name: '192.0.2.7:2222', groups: 'a, b', ansible_user: 'root' });
  const { name, groups, variables } = effects!.addHost!;
  t.deepEqual(
    [name, groups, { ...variables }],
    ['192.0.2.7', ['a', 'b'], { ansible_user: 'root', ansible_ssh_port: 2222 }],
  );
  t.is((await run(addHost, { hostname: '[fd00::1]:22' })).effects!.addHost!.name, 'fd00::1');
});

test('group_by makes dashes of blanks', async (t) => {
  const { effects } = await run(groupBy, { key: 'os Rocky Linux', parents: ['all os'] });
  t.deepEqual(effects?.groupBy, { group: 'os-Rocky-Linux', parents: ['all-os'] });
});

test('pause without a terminal warns and goes on', async (t) => {
  const prompts: string[] = [];
  const result = await run(
    pause,
    { prompt: 'look' },
    {
      prompt: async (text) => {
        prompts.push(text);
        return undefined;
      },
    },
  );
  t.deepEqual(prompts, ['look']);
  t.is(result.warnings?.length, 1);
  const answered = await run(pause, { prompt: 'look' }, { prompt: async () => 'fine' });
  t.deepEqual([answered.fields?.user_input, answered.warnings], ['fine', []]);
});

const fromFolder = (folder: string, read: string[]): Partial<Controller> => ({
  findFile: (name) => path.join(folder, name),
  readVariables: (file) => {
    read.push(path.relative(folder, file));
    return { [path.basename(file).replace(/\W/g, '_')]: 1 };
  },
});

test('include_vars reads a folder in order, and its folders', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'd/sub'), { recursive: true });
  for (const file of ['b.yml', 'a.yaml', 'c.json', 'skip.yml', 'sub/z.yml'])
    writeFileSync(path.join(folder, 'd', file), '');
  const read: string[] = [];
  const { effects } = await run(
    includeVars,
    { dir: 'd', ignore_files: ['skip.yml'], name: 'all' },
    fromFolder(folder, read),
  );
  t.deepEqual(read, ['d/a.yaml', 'd/b.yml', 'd/c.json', 'd/sub/z.yml']);
  t.deepEqual(Object.keys(effects!.includedVariables!), ['all']);
  read.length = 0;
  await run(includeVars, { dir: 'd', files_matching: '^[ab]\\.', depth: 1 }, fromFolder(folder, read));
  t.deepEqual(read, ['d/a.yaml', 'd/b.yml']);
});

test('include_vars refuses a file with another extension unless told otherwise', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(path.join(folder, 'd'));
  writeFileSync(path.join(folder, 'd/readme.txt'), '');
  await t.throwsAsync(run(includeVars, { dir: 'd' }, fromFolder(folder, [])), { message: /valid extension/ });
  const read: string[] = [];
  await run(includeVars, { dir: 'd', ignore_unknown_extensions: true }, fromFolder(folder, read));
  t.deepEqual(read, []);
});
