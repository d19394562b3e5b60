import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import type { KplayOptions, KplayRun } from './kplay.ts';
import { kplay } from './kplay.ts';
import { lab, onHost } from './on-host.ts';
import { folders } from './settings.ts';

/** One kind of broken input: what is run, and what must be said. */
interface Case {
  readonly title: string;
  readonly playbook: string;
  readonly code: number;
  /** All must stand in what kplay prints. */
  readonly says: readonly RegExp[];
  readonly args?: (folder: string) => readonly string[];
  readonly options?: KplayOptions;
}

const play = (tasks: string, hosts = 'k8s-node03'): string =>
  `- hosts: ${hosts}\n  gather_facts: false\n  tasks:\n${tasks}`;

const cases: readonly Case[] = [
  {
    title: 'bad YAML',
    playbook: '- hosts: all\n  tasks:\n    - debug: {msg: "never closed}\n',
    code: 4,
    says: [/play\.yml:\d+:\d+/],
  },
  {
    title: 'an unknown module',
    playbook: play('    - debgu: {msg: x}\n'),
    code: 4,
    says: [/debgu/, /Did you mean "debug"/, /play\.yml:4:7/],
  },
  {
    title: 'an argument of the wrong type',
    playbook: play('    - file: {path: /tmp/x, state: touch, recurse: perhaps}\n'),
    code: 4,
    says: [/recurse/, /perhaps/, /play\.yml:4:/],
  },
  {
    title: 'an undefined variable',
    playbook: play('    - name: Speak\n      debug: {msg: "{{ nobody_set_this }}"}\n'),
    code: 2,
    says: [/'nobody_set_this' is undefined/, /play\.yml:5:/],
  },
  {
    title: 'a missing role',
    playbook: '- hosts: all\n  roles: [no_such_role]\n',
    code: 1,
    says: [/no_such_role/, /play\.yml:2:/],
  },
  {
    title: 'a host that cannot be reached',
    playbook: play('    - ping:\n', 'all'),
    code: 4,
    says: [/UNREACHABLE/, /172\.31\.3\.250/],
    options: { inventory: '172.31.3.250,' },
    args: () => ['-T', '3'],
  },
  {
    title: 'a wrong password',
    playbook: play('    - ping:\n', 'all'),
    code: 4,
    says: [/UNREACHABLE/, /[Pp]ermission denied|authentication/],
    options: { inventory: '172.31.3.110,', input: 'not the password\n' },
    args: () => [
      '-u',
      'operator',
      '-k',
      '--ssh-common-args',
      `-o UserKnownHostsFile=${folders.ssh}/known_hosts -o PubkeyAuthentication=no`,
    ],
  },
  {
    title: 'a host key that changed',
    playbook: play('    - ping:\n'),
    code: 4,
    says: [/UNREACHABLE/, /HOST KEY HAS CHANGED/, /other_hosts:\d+/],
    args: (folder) => [
      '-e',
      JSON.stringify({ ansible_ssh_common_args: `-o UserKnownHostsFile=${folder}/other_hosts` }),
    ],
  },
  {
    title: 'a command that fails',
    playbook: play('    - name: Fail\n      command: sh -c "echo this is why >&2; exit 3"\n'),
    code: 2,
    says: [/"rc": 3/, /this is why/],
  },
  {
    title: 'a full disk on a host',
    playbook: play('    - copy:\n        content: "{{ \'x\' * 1000000 }}"\n        dest: /mnt/full/file\n'),
    code: 2,
    says: [/No space left on device/],
  },
];

test.before(async () => {
  await lab('up');
  const mount = 'mountpoint -q /mnt/full || mount -t tmpfs -o size=64k tmpfs /mnt/full';
  await onHost('k8s-node03', `mkdir -p /mnt/full && { ${mount}; }`);
});

test.after.always(() => onHost('k8s-node03', '! mountpoint -q /mnt/full || umount /mnt/full'));

for (const one of cases) {
  test.serial(`${one.title} gives one clear message and exit code ${one.code}`, async (t) => {
    const folder = temporaryDirectory('kplay-broken');
    const file = path.join(folder, 'play.yml');
    writeFileSync(file, one.playbook);
    writeFileSync(path.join(folder, 'other_hosts'), changedKeys());
    const result = await kplay([file, ...(one.args?.(folder) ?? [])], { ...one.options, plain: true });
    const printed = result.stdout + result.stderr;
    for (const expected of one.says) t.regex(printed, expected);
    t.is(result.code, one.code, printed);
    t.notRegex(printed, /internal error|^\s+at .*\.js:\d+/m);
    t.is(errorsIn(result), 1, printed);
  });
}

test.serial('the full disk was left without a half-written file', async (t) => {
  t.is(await onHost('k8s-node03', 'ls -A /mnt/full'), '');
});

/** How many messages a run gives: errors before the run, or fatal results in it. */
function errorsIn(result: KplayRun): number {
  return (`${result.stdout}\n${result.stderr}`.match(/^(ERROR|fatal:)/gm) ?? []).length;
}

/** The lab's host keys, each given to the wrong host. */
function changedKeys(): string {
  const lines = readFileSync(path.join(folders.ssh, 'known_hosts'), 'utf8').trim().split('\n');
  const keys = lines.map((line) => line.split(' ').slice(1).join(' '));
  return `${lines.map((line, index) => `${line.split(' ')[0]} ${keys[(index + 1) % keys.length]}`).join('\n')}\n`;
}
