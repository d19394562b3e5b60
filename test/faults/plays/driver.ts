import { cpSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { program } from '../../../runner/cli/program.ts';
import { Random } from '../random.ts';
import { corpusDirectory, readCorpus } from './corpus.ts';
import { mutatedPlaybook } from './mutate.ts';

/**
 * Runs mutated playbooks one after the other, in this process, on a host that is thrown away, which this machine is to be:
 * `node driver.js SEED FIRST COUNT`. Tells on standard output which one begins and ends, and with which exit code.
 */
const [seed = 0, first = 0, count = 0] = process.argv.slice(2).map(Number);

/** Seconds after which a play is interrupted: some of them rightly wait for minutes. */
const patience = 2;

const directory = '/tmp/plays';
cpSync(corpusDirectory, directory, { recursive: true });
process.chdir(directory);
const corpus = await readCorpus();
const file = path.join(directory, 'mutated.yml');
for (let index = first; index < first + count; index++) {
  const random = new Random(seed, index);
  writeFileSync(file, mutatedPlaybook(corpus, random));
  process.stdout.write(`\n@@ begin ${index}\n`);
  const timer = setTimeout(() => process.emit('SIGINT'), patience * 1000);
  const code = await program(['run', file, '-i', 'a,b,', '-c', 'local', '--plain', ...options(random)]);
  clearTimeout(timer);
  process.stdout.write(`\n@@ end ${index} ${code}\n`);
}
process.stdout.write('\n@@ done\n', () => process.exit());

function options(random: Random): string[] {
  return ['--check', '--diff', '-vvvv', '--force-handlers'].filter(() => random.chance(0.2));
}
