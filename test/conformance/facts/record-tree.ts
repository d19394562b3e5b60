/**
 * Records the facts of this machine as ansible-core's setup has them and, at the same time, what kplay's script prints, in
 * recorded/. Run: `node dist/test/conformance/facts/record-tree.js /root/venv/bin`, the folder of ansible-core's commands.
 * The environment of both is empty but for PATH, HOME and LANG.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { collectors, gatherScript, selectCollectors } from '../../../modules/shared/facts/gather.ts';
import { selectSubsets } from '../../../modules/shared/facts/subsets.ts';
import { packageRoot } from '../../../runner/root.ts';

const commands = process.argv[2];
if (commands === undefined) throw new Error('the folder of ansible-core’s commands is missing');
const recorded = path.join(packageRoot, 'test/conformance/facts/recorded');
const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };

const selected = selectCollectors(selectSubsets(['all']), collectors('/etc/ansible/facts.d'));
const printed = spawnSync('sh', ['-c', gatherScript(selected)], { env, encoding: 'utf8' }).stdout;
const all = gathered('all');
const names = Object.fromEntries(
  ['all', 'min', 'hardware', 'network', 'virtual', '!all,!min,hardware', '!all,!min,network', '!all,!min,virtual'].map(
    (subset) => [subset, Object.keys(subset === 'all' ? all : gathered(subset)).sort()],
  ),
);
write('printed.json', printed.split('\n'));
write('facts.json', { facts: all, names });

/** Writes a recording, in which the machine has another id than in truth. */
function write(file: string, value: unknown): void {
  const text = JSON.stringify(value, null, 1).replaceAll(String(all.ansible_machine_id), '0123456789abcdef'.repeat(2));
  writeFileSync(path.join(recorded, file), `${text}\n`);
}

function gathered(subset: string): Record<string, unknown> {
  const args = ['-i', 'h,', '-c', 'local', 'h', '-m', 'setup', '-a', `gather_subset=${subset}`];
  const python = ['-e', `ansible_python_interpreter=${commands}/python`];
  const text = execFileSync(`${commands}/ansible`, [...args, ...python], { env, encoding: 'utf8' });
  const result = JSON.parse(text.slice(text.indexOf('=> ') + 3)) as { ansible_facts: Record<string, unknown> };
  return result.ansible_facts;
}
