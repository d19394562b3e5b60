import test from 'ava';
import { missingSshd } from '../connection/sshd.ts';
import { killRuns } from './kills/kill.ts';
import { fuzzPlays } from './plays/fuzz.ts';
import { scanSecrets } from './secrets/scan.ts';
import { fuzzSsh } from './ssh/converse.ts';
import { missingThrowaway } from './throwaway.ts';

/** Short runs of what `npm run faults` does at length. */
const seed = 2026;
const tell = (): void => {};

const whole = missingThrowaway() === undefined && missingSshd() === undefined ? test.serial : test.skip;
const own = missingThrowaway() === undefined ? test.serial : test.skip;

own('mutated plays end with results or with errors that say where', async (t) => {
  const { findings, codes } = await fuzzPlays(seed, 60, tell);
  t.deepEqual(findings, []);
  t.true((codes.get(0) ?? 0) > 10, 'many of them run');
});

test.serial('SSH servers that answer wrongly end in sentences', async (t) => {
  const { findings, ends } = await fuzzSsh(seed, 50, tell);
  t.deepEqual(findings, []);
  t.true((ends.get('done') ?? 0) > 10, 'some answer well');
});

whole('kills at random moments leave nothing and lose nothing', async (t) => {
  t.deepEqual((await killRuns(seed, 6, tell)).findings, []);
});

whole('secrets of a run are in no output, command line, environment, open file or log', async (t) => {
  const { found, looks } = await scanSecrets();
  t.deepEqual(found, []);
  t.true(looks > 1000);
});
