/**
 * Records the facts of this machine as ansible-core's setup has them and, at the same time, what kplay's script prints, in
 * recorded/. Run as root: `node dist/test/conformance/facts/record-tree.js /root/venv/bin`, the folder of ansible-core's
 * commands. The environment of both is empty but for PATH, HOME and LANG; the machine's id, its host keys and its
 * kernel's command line are made up, and some mounts are added.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { collectors, gatherScript, selectCollectors } from '../../../modules/setup/gather.ts';
import { selectSubsets } from '../../../modules/setup/subsets.ts';
import { textFunctions } from '../../../runner/connection/probe-functions.ts';
import { packageRoot } from '../../../runner/root.ts';

const commands = process.argv[2];
if (commands === undefined) throw new Error('the folder of ansible-core’s commands is missing');
const recorded = path.join(packageRoot, 'test/conformance/facts/recorded');
const env = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', HOME: '/root', LANG: 'C.UTF-8' };

const scratch = mkdtempSync(path.join(tmpdir(), 'kplay-record-'));

try {
  makeUp();
  record();
} finally {
  rmSync(scratch, { recursive: true });
}

/** Makes what stands in place of what is this machine's own. */
function makeUp(): void {
  writeFileSync(path.join(scratch, 'id'), `${'0123456789abcdef'.repeat(2)}\n`);
  writeFileSync(
    path.join(scratch, 'cmdline'),
    'root=/dev/vda1 ro console=tty0 console=ttyS0 "a b"=c dyndbg="file x +p"\n',
  );
  mkdirSync(path.join(scratch, 'ssh'));
  mkdirSync(path.join(scratch, 'a folder'));
  for (const type of ['rsa', 'ecdsa', 'ed25519'])
    execFileSync('ssh-keygen', ['-q', '-N', '', '-t', type, '-f', `${scratch}/ssh/ssh_host_${type}_key`]);
}

function record(): void {
  const selected = selectCollectors(selectSubsets(['all']), collectors('/etc/ansible/facts.d'));
  const printed = inside('sh', '-c', `${textFunctions}\n${gatherScript(selected)}`);
  const facts = gathered('all');
  const subsets = [
    'min',
    'hardware',
    'network',
    'virtual',
    '!all,!min,hardware',
    '!all,!min,network',
    '!all,!min,virtual',
  ];
  const names = Object.fromEntries(
    ['all', ...subsets].map((subset) => [subset, Object.keys(subset === 'all' ? facts : gathered(subset)).sort()]),
  );
  write('printed.json', printed.split('\n'));
  write('facts.json', { facts, names });
}

/** Runs a command where what is made up stands in its place. */
function inside(...command: readonly string[]): string {
  const prepare = `mount --bind "$1/id" /etc/machine-id
[ ! -e /var/lib/dbus/machine-id ] || mount --bind "$1/id" /var/lib/dbus/machine-id
mount --bind "$1/cmdline" /proc/cmdline
mount --bind "$1/ssh" /etc/ssh
mount --bind /var/tmp /mnt
mount --bind "$1/ssh" /mnt
mount --bind /var/tmp "$1/a folder"
shift
exec "$@"`;
  const args = ['--mount', 'sh', '-euc', prepare, 'sh', scratch, ...command];
  return execFileSync('unshare', args, { env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

/** Writes a recording, without the name of the scratch folder. */
function write(file: string, value: unknown): void {
  const text = JSON.stringify(value, null, 1).replaceAll(scratch, '/scratch');
  writeFileSync(path.join(recorded, file), `${text}\n`);
}

function gathered(subset: string): Record<string, unknown> {
  const args = ['-i', 'h,', '-c', 'local', 'h', '-m', 'setup', '-a', `gather_subset=${subset}`];
  const text = inside(`${commands}/ansible`, ...args, '-e', `ansible_python_interpreter=${commands}/python`);
  const result = JSON.parse(text.slice(text.indexOf('=> ') + 3)) as { ansible_facts: Record<string, unknown> };
  return result.ansible_facts;
}
