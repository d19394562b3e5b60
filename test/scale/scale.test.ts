import { readdirSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import test, { type ExecutionContext } from 'ava';
import { failures, runInside } from './run-simulated.ts';
import { type HostsOptions, SshHosts } from './ssh-hosts.ts';

async function serve(t: ExecutionContext, options: Partial<HostsOptions> = {}): Promise<SshHosts> {
  const server = await SshHosts.start({ shell: 'scripted', ...options });
  t.teardown(() => server.stop());
  return server;
}

const play = (tasks: string): string =>
  `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`;

test.serial('hundreds of hosts are one run: each connects once, and what they do adds up', async (t) => {
  const server = await serve(t);
  const tasks = `
- ansible.builtin.command: echo {{ inventory_hostname }}
  register: said
- ansible.builtin.set_fact: {number: "{{ ansible_play_hosts | length }} {{ groups.all | length }}"}
- ansible.builtin.group_by: {key: "group_{{ inventory_hostname[-1] }}"}
- ansible.builtin.debug: {msg: "{{ hostvars.host00000.said.rc }} {{ group_names | length }}"}
- ansible.builtin.command: echo again
  when: number == '300 300'
`;
  const run = await runInside(server, play(tasks), { hosts: 300, forks: 100 });
  t.is(run.code, 0, failures(run));
  t.is(server.counts.connections, 300);
  t.is(server.counts.channels, 300);
  t.is(server.counts.roundTrips, 600);
  const recap = run.events.find((event) => event.type === 'recap');
  if (recap?.type !== 'recap') return t.fail('there is no recap');
  t.is(Object.keys(recap.hosts).length, 300);
  t.true(Object.values(recap.hosts).every((stats) => stats.ok === 5 && stats.failed === 0));
  // Per task and host: its start and its result; group_by and the rest bring nothing more.
  const perTask = run.events.filter((event) => event.type === 'host-start' || event.type === 'host-result').length;
  t.is(perTask, 2 * 5 * 300);
});

test.serial('results that nobody registered are not kept', async (t) => {
  const output = 'x'.repeat(20_000);
  const server = await serve(t, { answer: (script) => (script.includes('exec ') ? `${output}\n` : undefined) });
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  // Flags are the whole process's, with the other tests in it, and Node takes compiled code only under the flags it was made with.
  setFlagsFromString('--no-expose-gc');
  const kept: number[] = [];
  let results = 0;
  const listen = (event: { readonly type: string }): void => {
    if (event.type === 'host-result') results += 1;
    if (event.type !== 'task-end') return;
    collect();
    kept.push(process.memoryUsage().heapUsed);
  };
  const run = await runInside(server, play('- ansible.builtin.command: echo much\n'.repeat(60)), { hosts: 20, listen });
  t.is(run.code, 0);
  t.is(results, 60 * 20);
  // From the 20th task on 800 results of 20 kB come; a tenth of them would be seen.
  const growth = kept.at(-1)! - kept[19]!;
  t.true(growth < 1_600_000, `${growth} bytes more are held after 40 tasks`);
});

test.serial('a failure of many hosts at once is told for each, and the others go on', async (t) => {
  const server = await serve(t);
  const run = await runInside(
    server,
    play(`
- ansible.builtin.fail: {msg: no}
  when: inventory_hostname[-1] in '02468'
- ansible.builtin.command: echo {{ ansible_play_hosts | length }}
`),
    { hosts: 200 },
  );
  t.is(run.code, 2);
  t.is(server.counts.roundTrips, 100);
  const failed = run.events.filter((event) => event.type === 'host-result' && event.result.outcome === 'failed');
  t.is(failed.length, 100);
});

test.serial('no file stays open and no connection stays when a run has ended', async (t) => {
  const server = await serve(t);
  const open = (): number => readdirSync('/proc/self/fd').length;
  const before = open();
  const run = await runInside(server, play('- ansible.builtin.command: "true"'), { hosts: 60 });
  t.is(run.code, 0, failures(run));
  for (let tries = 0; tries < 100 && open() > before + 5; tries++)
    await new Promise((resolve) => setTimeout(resolve, 50));
  t.true(open() <= before + 5, `${open() - before} more files are open`);
});
