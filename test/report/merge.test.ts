import test from 'ava';
import type { HostStats } from '../../runner/events.ts';
import { mergeRuns, type RunSummary, SummaryReader } from '../../runner/report/merge.ts';

const none: HostStats = { ok: 0, changed: 0, unreachable: 0, failed: 0, skipped: 0, rescued: 0, ignored: 0 };

function run(file: string, shard: string | undefined, hosts: Record<string, Partial<HostStats>>, code = 0): RunSummary {
  const [index, count] = shard?.split('/').map(Number) ?? [];
  const full = Object.fromEntries(Object.entries(hosts).map(([name, stats]) => [name, { ...none, ...stats }]));
  const events = [
    { type: 'run-start', time: 1, playbooks: [], checkMode: false, ...(shard ? { shard: { index, count } } : {}) },
    { type: 'host-result', time: 1, text: 'passed over' },
    { type: 'recap', time: 2, hosts: full, custom: { _run: { count: 1 } }, interrupted: false },
    { type: 'run-end', time: 3, exitCode: code, duration: 2 },
  ];
  const reader = new SummaryReader(file);
  for (const event of events) reader.line(JSON.stringify(event));
  reader.line('npm noise');
  reader.line('{"type":"recap","half');
  return reader.summary();
}

test('the hosts of all shards are in one recap, and numbers of a host in several add up', (t) => {
  const merged = mergeRuns([
    run('a', '1/2', { one: { ok: 3, changed: 1 }, localhost: { ok: 1 } }),
    run('b', '2/2', { two: { ok: 3, failed: 1 }, localhost: { ok: 1 } }, 2),
  ]);
  t.deepEqual(merged.recap.hosts.one, { ...none, ok: 3, changed: 1 });
  t.deepEqual(merged.recap.hosts.two, { ...none, ok: 3, failed: 1 });
  t.is(merged.recap.hosts.localhost?.ok, 2);
  t.deepEqual(merged.recap.custom, { 'RUN 1/2': { count: 1 }, 'RUN 2/2': { count: 1 } });
  t.is(merged.exitCode, 2);
  t.deepEqual(merged.problems, []);
});

test('the exit code is the worst', (t) => {
  const codes = (...all: number[]): number =>
    mergeRuns(all.map((code, index) => run(`f${index}`, `${index + 1}/${all.length}`, {}, code))).exitCode;
  t.is(codes(0, 0), 0);
  t.is(codes(0, 2), 2);
  t.is(codes(2, 4, 0), 4);
  t.is(codes(4, 99), 99);
  t.is(codes(99, 1), 1);
  t.is(codes(1, 250), 250);
});

test('what is missing is said and is an error', (t) => {
  const missing = mergeRuns([run('a', '1/3', {}), run('c', '3/3', {})]);
  t.deepEqual(missing.problems, ['Shard 2/3 is missing.']);
  t.is(missing.exitCode, 1);
  t.deepEqual(mergeRuns([run('a', '1/1', {}), run('b', '1/1', {})]).problems, ['Shard 1/1 is there 2 times.']);
  t.regex(mergeRuns([run('a', '1/2', {}), run('b', '2/3', {})]).problems[0]!, /different runs: of 2, of 3/);
  const cut = mergeRuns([new SummaryReader('cut').summary()]);
  t.deepEqual(cut.problems, ['cut does not hold a run that came to its end.']);
  t.is(cut.exitCode, 1);
});

test('runs without shards are merged as well', (t) => {
  const merged = mergeRuns([run('a', undefined, { one: { ok: 1 } }), run('b', undefined, { two: { ok: 2 } })]);
  t.deepEqual(Object.keys(merged.recap.hosts), ['one', 'two']);
  t.is(merged.exitCode, 0);
});
