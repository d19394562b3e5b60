import path from 'node:path';
import test from 'ava';
import { directoryWith, start } from './kplay-process.ts';

test('what is warned of before the run stands with its place', async (t) => {
  const folder = directoryWith(t, {
    'hosts.yml': 'kube-node:\n  hosts:\n    a: {ansible_connection: local}\n  host: {}\n',
    'play.yml': `- hosts: all
  gather_facts: false
  vars:
    a: 1
    a: 2
    hosts: x
  tasks:
    - debug: {msg: x}
      when: "{{ true }}"
    - include_tasks: empty.yml
    - debug:
        msg: x
  handlers:
    - block: [{debug: {}}]
      rescue: [{debug: {}}]
`,
    'empty.yml': '',
  });
  const play = path.join(folder, 'play.yml');
  const { code, stderr } = await start(['run', play, '-i', path.join(folder, 'hosts.yml')]).end;
  t.is(code, 0, stderr);
  const warnings = stderr.trimEnd().split('\n');
  t.deepEqual(
    warnings.map((line) => /^\[WARNING\]: .*\/([a-z]+\.yml:\d+):\d+: /.exec(line)?.[1]).sort(),
    ['hosts.yml:1', 'hosts.yml:4', 'play.yml:10', 'play.yml:15', 'play.yml:5', 'play.yml:6', 'play.yml:9'],
    stderr,
  );
  const json = await start(['run', '--json', play, '-i', path.join(folder, 'hosts.yml')]).end;
  const events = json.stdout
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; position?: { line: number } });
  const lines = events.filter(({ type }) => type === 'message').map(({ position }) => position?.line);
  t.deepEqual(lines.sort(), [1, 10, 15, 4, 5, 6, 9]);
});

for (const [name, value, line, words] of [
  ['ansible_kplay_reattach', 'soon', 4, 'ansible_kplay_reattach must be a number, not "soon".'],
  ['ansible_kplay_reattach', '-1', 4, 'ansible_kplay_reattach must be a number of seconds, not "-1".'],
  ['ansible_port', '70000', 4, 'ansible_port must be a port number, not "70000".'],
  ['ansible_host_key_checking', 'maybe', 4, 'ansible_host_key_checking must be true or false, not "maybe".'],
  ['ansible_connection', 'telnet', 4, 'The connection "telnet" is not supported.'],
  ['ansible_become', 'perhaps', 4, 'ansible_become must be true or false, not "perhaps".'],
] as const) {
  test(`${name}: ${value} is refused with its place`, async (t) => {
    const folder = directoryWith(t, {
      'hosts.yml': `all:\n  hosts:\n    a:\n      ${name}: ${value}\n`,
      'play.yml': '- hosts: a\n  gather_facts: false\n  tasks: [{ping: }]\n',
    });
    const hosts = path.join(folder, 'hosts.yml');
    const { code, stdout } = await start(['run', path.join(folder, 'play.yml'), '-i', hosts]).end;
    t.is(code, 2);
    t.true(stdout.includes(words.replaceAll('"', '\\"')), stdout);
    t.true(stdout.includes(`${hosts}:${line}:`), stdout);
  });
}
