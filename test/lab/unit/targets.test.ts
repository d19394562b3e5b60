import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { packageRoot } from '../../../runner/root.ts';
import { temporaryDirectory } from '../../temporary.ts';
import { type Part, parts, type TargetResult } from '../targets/battery.ts';
import { expected } from '../targets/expectations.ts';
import { differences, stableState, stateOf } from '../targets/state.ts';
import { verdictOf } from '../targets/table.ts';
import { pickTargets, targets } from '../targets/targets.ts';

interface Task {
  readonly name: string;
  readonly tags?: string | readonly string[];
}

const battery = new Map(parts.map((part) => [part, tasksOf(part)] as const));

function tasksOf(part: Part): readonly Task[] {
  const file = path.join(packageRoot, 'test/lab/targets/battery', `${part}.yml`);
  const [play] = load(readFileSync(file, 'utf8')) as [{ readonly tasks: readonly Task[] }];
  return play.tasks;
}

const tasks = [...battery.values()].flat();
const tagsOf = (task: Task) => [task.tags ?? []].flat();

test('the battery has its tasks, each of a name of its own', (t) => {
  t.true(tasks.length >= 130);
  for (const list of battery.values()) t.is(new Set(list.map((task) => task.name)).size, list.length);
});

test('a tag says how a task ends, or what a target may lack', (t) => {
  const lacking = new Set(targets.flatMap((target) => Object.keys(target.without ?? {})));
  // Tools that every target has so far.
  for (const tag of ['sysctl', 'modprobe', 'hostname', 'unzip']) lacking.add(tag);
  for (const tag of new Set(tasks.flatMap(tagsOf))) {
    t.true(lacking.has(tag) || expected([tag]) !== expected([]), `${tag} means nothing`);
  }
  for (const tag of lacking)
    t.true(
      tasks.some((task) => tagsOf(task).includes(tag)),
      `${tag} leaves nothing out`,
    );
});

test('what is known of a target names tasks that there are', (t) => {
  const names = new Set(tasks.map((task) => task.name));
  const known = targets.flatMap((target) => Object.keys(target.known ?? {}));
  t.deepEqual(
    known.filter((name) => !names.has(name)),
    [],
  );
});

test('targets have names and addresses of their own', (t) => {
  t.is(new Set(targets.map((target) => target.host.address)).size, targets.length);
  t.deepEqual(
    pickTargets(['busybox']).map((target) => target.name),
    ['busybox'],
  );
  t.throws(() => pickTargets(['vax']), { message: /no target vax/ });
});

test('a state tells types, modes, contents and where links lead, and what differs', (t) => {
  const folder = temporaryDirectory('kplay-state');
  mkdirSync(path.join(folder, 'sub'));
  writeFileSync(path.join(folder, 'sub', 'file'), 'x\n', { mode: 0o640 });
  symlinkSync('nowhere', path.join(folder, 'link'));
  const state = stateOf(folder);
  t.like(state, { link: 'link nowhere', 'sub/file': 'file 640 73cb3858a687a849' });
  t.deepEqual(differences(state, state), []);
  t.deepEqual(differences({ ...state, link: 'link x' }, state), ['"link": link nowhere, not link x']);
  t.deepEqual(Object.keys(stableState({ 'copy-backup.17.2026~': 'file', 'get-into/kept.x': 'file' })), [
    'copy-backup.BACKUP',
  ]);
});

const [target] = pickTargets(['trixie']);
const right = {
  part: 'files',
  name: 'ping',
  endings: expected(['reads']),
  expected: expected(['reads']),
  words: '',
} as const;
const result: TargetResult = { name: 'trixie', versions: {}, tasks: [right], state: {}, trouble: [], seconds: 1 };
const withKnown = { ...target!, known: { ping: 'a reason' } };
const wrong = { ...right, endings: ['ok', 'failed', 'ok', 'ok'], words: 'no' } as const;

test('a verdict tells right from wrong, and a known reason that does not hold any more', (t) => {
  const told = (one: typeof withKnown, tasks: TargetResult['tasks']) => {
    const { right, known, wrong } = verdictOf(one, { ...result, tasks });
    return [right, known, wrong.filter((line) => !line.startsWith('state '))];
  };
  t.deepEqual(told({ ...withKnown, known: {} as { ping: string } }, [right]), [1, [], []]);
  t.deepEqual(told({ ...withKnown, known: {} as { ping: string } }, [wrong]), [
    0,
    [],
    ['files: ping: ok, failed, ok, ok, not ok, ok, ok, ok: no'],
  ]);
  t.deepEqual(told(withKnown, [wrong]), [0, ['ping: a reason'], []]);
  t.deepEqual(told(withKnown, [right]), [0, [], ['ping: is right, though it is listed as known: a reason']]);
});
