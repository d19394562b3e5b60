import { readFileSync } from 'node:fs';
import type { Arguments } from '../runner/module/arguments.ts';
import type { Host } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { wait } from '../runner/wait.ts';
import { userScript } from './shared/command.ts';
import { waitForHost } from './shared/reconnect.ts';
import { schema } from './shared/schema.ts';
import { quote } from './shared/shell-quote.ts';

const defaultBootId = 'cat /proc/sys/kernel/random/boot_id';

const args = schema({
  msg: { type: 'str', default: 'Reboot initiated by Ansible', doc: 'What users that are logged in are told.' },
  reboot_timeout: {
    type: 'int',
    default: 600,
    aliases: ['reboot_timeout_sec'],
    doc: 'Seconds for the host to come back, and again for the test command to succeed.',
  },
  connect_timeout: {
    type: 'int',
    aliases: ['connect_timeout_sec'],
    doc: 'Seconds that one try to connect may take (10).',
  },
  pre_reboot_delay: {
    type: 'int',
    default: 0,
    aliases: ['pre_reboot_delay_sec'],
    doc: 'Seconds before rebooting, in whole minutes.',
  },
  post_reboot_delay: {
    type: 'int',
    default: 0,
    aliases: ['post_reboot_delay_sec'],
    doc: 'Seconds to wait before the first try to connect.',
  },
  test_command: { type: 'str', default: 'whoami', doc: 'Command that must succeed once the host is back.' },
  reboot_command: { type: 'str', doc: 'Command to use in place of shutdown.' },
  boot_time_command: { type: 'str', default: defaultBootId, doc: 'Command whose output changes with every boot.' },
  search_paths: {
    type: 'list',
    elements: 'str',
    default: ['/sbin', '/bin', '/usr/sbin', '/usr/bin', '/usr/local/sbin'],
    doc: 'Folders in which shutdown is looked for.',
  },
});

export default commandModule({
  name: 'reboot',
  summary: 'Reboot the host and wait until it is back.',
  notes: [
    'The host is back when its boot id is another one and the test command succeeds. This machine is never rebooted.',
  ],
  examples: `
- ansible.builtin.reboot:
    reboot_timeout: 900
    test_command: systemctl is-active kubelet
`,
  returns: { rebooted: 'Whether it was rebooted.', elapsed: 'Seconds that it took.' },
  inCheckMode: 'run',
  args,
  async run(given, host) {
    const isDefault = given.boot_time_command === defaultBootId;
    // Check mode runs no command of the task's.
    const before = host.checkMode && !isDefault ? '' : await bootId(given, host);
    if (isDefault && before === ownBootId()) {
      throw new ModuleFailure('this would reboot the machine that kplay runs on', { changed: false, rebooted: false });
    }
    if (host.checkMode) return { changed: true, fields: { rebooted: true, elapsed: 0 } };
    const start = Date.now();
    await startReboot(given, host);
    await wait(given.post_reboot_delay * 1000);
    await waitUntilBack(given, host, before, start);
    return { changed: true, fields: { rebooted: true, elapsed: elapsedSince(start) } };
  },
});

type Given = Arguments<typeof args>;

function ownBootId(): string | undefined {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
  } catch {
    return undefined;
  }
}

async function bootId(given: Given, host: Host): Promise<string> {
  const { rc, stdout, stderr } = await host.run(userScript(given.boot_time_command), { userPath: true });
  const id = stdout.trim();
  if (rc !== 0 || id === '')
    throw new ModuleFailure(`could not tell when the host was booted: ${stderr.trim()}`, { rc });
  return id;
}

async function startReboot(given: Given, host: Host): Promise<void> {
  const path = given.search_paths.join(':');
  const minutes = Math.floor(given.pre_reboot_delay / 60);
  const command = given.reboot_command
    ? userScript(given.reboot_command)
    : `PATH=${quote(path)}:"$PATH"
if command -v shutdown >/dev/null 2>&1; then shutdown -r ${minutes > 0 ? `+${minutes}` : 'now'} ${quote(given.msg)}
else sleep ${minutes * 60}; reboot; fi`;
  try {
    const { rc, stdout, stderr } = await host.run(command, { userPath: given.reboot_command !== undefined });
    // A host that goes down while the command runs may end it with a signal.
    if (rc !== 0 && rc < 128) {
      throw new ModuleFailure(`Reboot command failed. Error was: '${stderr.trim() || stdout.trim()}'`, {
        rc,
        rebooted: false,
      });
    }
  } catch (error) {
    if (error instanceof ModuleFailure) throw error;
    // The connection was lost: that is what a reboot does.
  }
}

async function waitUntilBack(given: Given, host: Host, before: string, start: number): Promise<void> {
  const options = { timeout: given.reboot_timeout, connectTimeout: given.connect_timeout ?? 10, pause: 1 };
  const isNew = async (): Promise<boolean> => (await bootId(given, host)) !== before;
  const lost = await waitForHost(host, isNew, options);
  if (lost !== undefined) fail(`Timed out waiting for the host to come back: ${lost}`, start);
  const end = Date.now() + given.reboot_timeout * 1000;
  for (;;) {
    const { rc, stderr } = await host
      .run(userScript(given.test_command), { userPath: true })
      .catch(() => ({ rc: 255, stderr: 'the connection was lost' }));
    if (rc === 0) return;
    if (Date.now() >= end) fail(`Timed out waiting for the test command: ${stderr.trim() || `rc ${rc}`}`, start);
    await wait(1000);
    if (rc === 255) await host.reset();
  }
}

function fail(message: string, start: number): never {
  throw new ModuleFailure(message, { rebooted: true, elapsed: elapsedSince(start) });
}

function elapsedSince(start: number): number {
  return Math.floor((Date.now() - start) / 1000);
}
