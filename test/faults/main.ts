import { parseArgs } from 'node:util';
import { killRuns } from './kills/kill.ts';
import { fuzzPlays, playbookOf } from './plays/fuzz.ts';
import { scanSecrets } from './secrets/scan.ts';
import { fuzzSsh } from './ssh/converse.ts';

const usage = `Usage: npm run faults -- COMMAND [--seed N] [--count N] [--first N]
  plays        runs mutated playbooks on hosts that are thrown away
  ssh          talks to SSH servers that answer wrongly
  kills        kills kplay, and what works for it on a host, at random moments; root
  secrets      looks where others could read the secrets of a run; root
  show-play    prints the mutated playbook with the number --first
`;

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    seed: { type: 'string', default: '1' },
    count: { type: 'string' },
    first: { type: 'string', default: '0' },
  },
});
const seed = Number(values.seed);
const first = Number(values.first);
const count = (usual: number): number => Number(values.count ?? usual);
const tell = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

const commands: Readonly<Record<string, () => Promise<boolean>>> = {
  plays: async () => {
    const result = await fuzzPlays(seed, count(10_000), tell, first);
    for (const { index, what } of result.findings) process.stdout.write(`== play ${index}\n${what}\n`);
    const codes = [...result.codes].map(([code, times]) => `${code}: ${times}`).join(', ');
    process.stdout.write(
      `${result.plays} plays (exit codes ${codes}), ${result.findings.length} findings, at most ${result.memory} MiB\n`,
    );
    return result.findings.length === 0;
  },
  ssh: async () => {
    const result = await fuzzSsh(seed, count(2000), tell, first);
    for (const { index, what } of result.findings) process.stdout.write(`== conversation ${index}\n${what}\n`);
    const ends = [...result.ends].map(([end, times]) => `${end}: ${times}`).join(', ');
    process.stdout.write(
      `${result.conversations} conversations (${ends}), ${result.findings.length} findings, at most ${result.memory} MiB\n`,
    );
    return result.findings.length === 0;
  },
  kills: async () => {
    const result = await killRuns(seed, count(300), tell, first);
    for (const { index, what } of result.findings) process.stdout.write(`== kill ${index}\n${what}\n`);
    const victims = [...result.victims].map(([victim, times]) => `${victim}: ${times}`).join(', ');
    process.stdout.write(`${result.kills} kills (${victims}), ${result.findings.length} findings\n`);
    return result.findings.length === 0;
  },
  secrets: async () => {
    const { tasks, looks, found } = await scanSecrets();
    for (const one of found) process.stdout.write(`${one}\n`);
    process.stdout.write(`${tasks} tasks, ${looks} looks, ${found.length} findings\n`);
    return found.length === 0;
  },
  'show-play': async () => {
    process.stdout.write(await playbookOf(seed, first));
    return true;
  },
};

const command = commands[positionals[0] ?? ''];
if (command) process.exitCode = (await command()) ? 0 : 1;
else {
  process.stderr.write(usage);
  process.exitCode = 2;
}
