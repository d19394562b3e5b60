import { chmodSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { directoryWith, start } from '../cli/kplay-process.ts';

/** What the debug tasks of a playbook print, and what did not go well. */
async function messages(
  t: ExecutionContext,
  files: Readonly<Record<string, string>>,
  ...args: readonly string[]
): Promise<string[]> {
  const directory = directoryWith(t, files);
  for (const name of Object.keys(files)) if (name.endsWith('.fact')) chmodSync(path.join(directory, name), 0o755);
  const { stdout } = await start(['run', ...args, path.join(directory, 'play.yml')], { PATH: process.env.PATH! }).end;
  return stdout.split('\n').flatMap((line) => /^ +"msg": (.*)$/.exec(line)?.[1] ?? (/^fatal/.test(line) ? line : []));
}

test('facts of the host’s own files keep their prefix in ansible_facts', async (t) => {
  const play = `- hosts: h
  connection: local
  gather_subset: ['!all', '!min', local]
  fact_path: "{{ playbook_dir }}"
  tasks:
    - debug: {msg: "{{ ansible_local.own.g.x }} {{ ansible_facts.ansible_local.own.g.x }} {{ ansible_facts.local | default('none') }}"}
`;
  t.deepEqual(await messages(t, { 'play.yml': play, 'own.fact': '#!/bin/sh\necho "[g]"; echo x=1\n' }, '-i', 'h,'), [
    '"1 1 none"',
  ]);
});

test('each host gathers facts of its own, also where a play runs once', async (t) => {
  const play = `- hosts: all
  connection: local
  run_once: true
  gather_subset: ['!all', '!min', local]
  fact_path: "{{ playbook_dir }}"
  tasks:
    - debug: {msg: "{{ hostvars.a.ansible_local.id == hostvars.b.ansible_local.id }}"}
`;
  const fact = '#!/bin/sh\necho "\\"$(cat /proc/sys/kernel/random/uuid)\\""\n';
  t.deepEqual(await messages(t, { 'play.yml': play, 'id.fact': fact }, '-i', 'a,b'), ['false']);
});

test('an environment that builds on facts of the environment does not keep these from being gathered', async (t) => {
  const play = `- hosts: h
  connection: local
  gather_subset: ['!all', '!min', env]
  environment: {PATH: "{{ ansible_env.PATH }}:/opt/tool/bin", OTHER: "{{ ansible_facts['env'].PATH }}:/x", FIXED: one}
  tasks:
    - {command: printenv PATH OTHER FIXED, register: r}
    - debug: {msg: "{{ r.stdout_lines | map('regex_replace', '.*:', '') | join(' ') }}"}
- hosts: h
  connection: local
  environment: {BAD: "{{ ansible_envoy }}"}
`;
  const [shown, failed] = await messages(t, { 'play.yml': play }, '-i', 'h,');
  t.is(shown, '"/opt/tool/bin /x one"');
  t.regex(failed ?? '', /'ansible_envoy' is undefined/);
});

test('ansible_play_batch and play_hosts have no hosts that failed', async (t) => {
  const play = `- hosts: all
  connection: local
  gather_facts: false
  serial: 2
  tasks:
    - {fail: {msg: 'no'}, when: inventory_hostname == 'a'}
    - debug: {msg: "{{ ansible_play_batch | join(' ') }} {{ play_hosts | join(' ') }} {{ ansible_play_hosts | join(' ') }}"}
`;
  const shown = await messages(t, { 'play.yml': play }, '-i', 'a,b,c');
  t.deepEqual(shown.slice(1), ['"b b b c"', '"c c b c"']);
});

test('templates of tasks see how a host is reached though no variable says it', async (t) => {
  const names =
    'ansible_host ansible_ssh_host ansible_connection ansible_user ansible_port ansible_timeout ansible_password';
  const shown = names
    .split(' ')
    .map((name) => `{{ ${name} | default('-') }}`)
    .join(' ');
  const play = `- hosts: localhost
  gather_facts: false
  tasks:
    - debug: {msg: "${shown}"}
- hosts: a
  gather_facts: false
  remote_user: "{{ ansible_user | default('somebody') }}"
  tasks:
    - debug: {msg: "${shown}"}
    - {debug: {msg: "${shown}"}, delegate_to: b, port: 24}
    - {debug: {msg: "${shown}"}, delegate_to: localhost}
    - debug: {msg: "{{ hostvars.a.ansible_host | default('-') }} {{ ansible_host is defined }}"}
- hosts: b
  gather_facts: false
  vars: {ansible_user: "{{ ansible_ssh_user | default('root') }}"}
  tasks:
    - debug: {msg: "${shown}"}
`;
  const files = { 'play.yml': play, hosts: 'a\nb ansible_host=192.0.2.1 ansible_ssh_port=23\n' };
  const directory = directoryWith(t, files);
  t.deepEqual(await messages(t, files, '-i', path.join(directory, 'hosts')), [
    '"127.0.0.1 127.0.0.1 local - - 10 -"',
    '"a a ssh somebody - 10 -"',
    '"192.0.2.1 192.0.2.1 ssh somebody 23 10 -"',
    '"localhost localhost local somebody - 10 -"',
    '"- True"',
    '"192.0.2.1 192.0.2.1 ssh root 23 10 -"',
  ]);
});
