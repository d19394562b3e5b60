import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import path from 'node:path';
import { waysToWrite } from '../../secrets/doors.ts';
import { textOf } from '../../shown-text.ts';
import { temporaryDirectory } from '../../temporary.ts';
import { SshHost } from '../kills/ssh-host.ts';
import { Watch } from './watch.ts';

const secrets = {
  // In pieces, since copies of this file may be about, too.
  login: ['L0gin', 'Pass%word=x'].join('-'),
  become: ['B3come', 'Pass&word;y'].join('-'),
  argument: ['Arg', 'um3nt,z'].join('-'),
  content: ['C0ntent', 'of-a-file'].join('-'),
  input: ['Standard', '1nput'].join('-'),
};

/** What {@link scanSecrets} came to. */
export interface ScanResult {
  readonly tasks: number;
  readonly looks: number;
  readonly found: readonly string[];
}

const modes: readonly (readonly string[])[] = [
  [],
  ['-vvvv', '--diff'],
  ['--json', '-vvvv'],
  ['--check', '--diff', '-vvv'],
];

/**
 * Runs a playbook of 60 tasks with secrets over a real sshd, with passwords for login and sudo, in the modes of output, and looks
 * meanwhile at all command lines, environments and temporary files, and afterwards at the output and at what sshd and sudo wrote down.
 */
export async function scanSecrets(): Promise<ScanResult> {
  const directory = temporaryDirectory('kplay-scan');
  const host = await SshHost.start(directory, {
    before: [
      'useradd --create-home --shell /bin/sh scanned',
      `echo 'scanned:${secrets.login}' | chpasswd`,
      `echo 'root:${secrets.become}' | chpasswd`,
      `printf '%s\\n' 'scanned ALL=(ALL) ALL' 'Defaults rootpw, logfile=${directory}/sudo.log, log_year' >/etc/sudoers.d/scan`,
    ].join('; '),
    sshd: ['PasswordAuthentication yes', 'LogLevel DEBUG3'],
    log: path.join(directory, 'sshd.log'),
  });
  const server = createServer((_request, response) => response.end('answer')).listen(0, '127.0.0.1');
  const forms = Object.values(secrets).flatMap(waysToWrite);
  const watch = new Watch(forms, [
    '/tmp',
    '/var/tmp',
    '/dev/shm',
    ...['tmp', 'var/tmp', 'dev/shm', 'home'].map((place) => host.path(place)),
  ]);
  try {
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    const words = writePlay(directory, host, port);
    for (const mode of modes) {
      watch.start();
      const output = await textOf([...words, ...mode]);
      watch.stop();
      watch.check(`output with ${mode.join(' ')}`, output);
      if (!/RECAP|"recap"/.test(output)) watch.found.add(`no recap: ${output.slice(-500)}`);
      if (/unreachable=[1-9]|"unreachable":[1-9]/.test(output)) watch.found.add(`unreachable: ${output.slice(0, 500)}`);
    }
    for (const log of ['sshd.log', 'sudo.log']) {
      const place = path.join(directory, log);
      const text = existsSync(place) ? readFileSync(place, 'utf8') : '';
      watch.check(log, text);
      if (text.length === 0) watch.found.add(`${log} is empty`);
    }
  } finally {
    server.close();
    await host.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  return { tasks: 60, looks: watch.looks, found: [...watch.found] };
}

function writePlay(directory: string, host: SshHost, port: number): string[] {
  const url = `http://127.0.0.1:${port}/`;
  const place = '/root';
  const tasks = [
    `uri: {url: "${url}", url_username: u, url_password: "${secrets.argument}", force_basic_auth: true}`,
    `get_url: {url: "${url}", dest: ${place}/got, url_username: u, url_password: "${secrets.argument}", mode: "0600"}`,
    `copy: {content: "${secrets.content}", dest: ${place}/copied, mode: "0600"}`,
    `lineinfile: {path: ${place}/lines, line: "${secrets.content}", create: true, mode: "0600"}`,
    `blockinfile: {path: ${place}/block, block: "${secrets.content}", create: true, mode: "0600"}`,
    `command: {cmd: cat, stdin: "${secrets.input}"}`,
  ];
  const list = Array.from({ length: 10 }, () => tasks.map((task) => `    - {${task}, no_log: true}\n`).join('')).join(
    '',
  );
  const file = path.join(directory, 'scan.yml');
  writeFileSync(file, `- hosts: all\n  gather_facts: false\n  become: true\n  ignore_errors: true\n  tasks:\n${list}`, {
    mode: 0o600,
  });
  const inventory = path.join(directory, 'scan-inventory.yml');
  const variables = {
    ...host.variables,
    ansible_user: 'scanned',
    ansible_password: secrets.login,
    ansible_become_password: secrets.become,
  };
  writeFileSync(inventory, JSON.stringify({ all: { hosts: { h: variables } } }), { mode: 0o600 });
  return ['run', file, '-i', inventory];
}
