import test, { type ExecutionContext } from 'ava';
import { sharedSources } from '../../modules/shared/source.ts';
import type { Engine as TemplateEngine } from '../../runner/template/engine.ts';
import { failures, type InsideOptions, type RunInside, runInside } from '../scale/run-simulated.ts';
import { type Counts, SshHosts } from '../scale/ssh-hosts.ts';
import { temporaryDirectory } from '../temporary.ts';

// Counts in place of times: they are the same on every machine, and grow when something is done more often than need be.

interface Counted extends RunInside {
  readonly counts: Counts;
}

/** Runs tasks on hosts that are real shells of this machine behind an SSH server in this process. */
async function count(
  t: ExecutionContext,
  tasks: string,
  options: InsideOptions & { again?: boolean },
): Promise<Counted> {
  const server = await SshHosts.start({ shell: 'real' });
  t.teardown(() => server.stop());
  const playbook = `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`;
  if (options.again) await runInside(server, playbook, options);
  const before = { ...server.counts };
  const run = await runInside(server, playbook, options);
  t.is(run.code, 0, failures(run));
  const counts = Object.fromEntries(
    Object.entries(server.counts).map(([name, value]) => [
      name,
      name === 'settingUp' ? value : value - before[name as keyof Counts],
    ]),
  ) as unknown as Counts;
  return { ...run, counts };
}

const folder = (): string => temporaryDirectory('kplay-count');

/** Tasks that find everything as it should be, after one run. */
const converging = (place: string): string => `
- ansible.builtin.file: {path: ${place}/folder, state: directory, mode: "0755"}
- ansible.builtin.copy: {content: some text, dest: ${place}/text, mode: "0644"}
- ansible.builtin.copy: {src: source.txt, dest: ${place}/source, mode: "0644"}
- ansible.builtin.template: {src: template.j2, dest: ${place}/template, mode: "0644"}
- ansible.builtin.lineinfile: {path: ${place}/lines, line: a=1, create: true}
- ansible.builtin.blockinfile: {path: ${place}/block, block: text, create: true}
- ansible.builtin.replace: {path: ${place}/text, regexp: nothing, replace: something}
- ansible.builtin.file: {src: ${place}/text, path: ${place}/link, state: link}
- ansible.builtin.stat: {path: ${place}/text}
- ansible.builtin.find: {paths: ${place}}
- ansible.builtin.slurp: {src: ${place}/text}
- ansible.builtin.command: {cmd: touch ${place}/made, creates: ${place}/made}
- ansible.builtin.shell: {cmd: "true", creates: ${place}/made}
- ansible.builtin.setup: {gather_subset: [all]}
- ansible.builtin.wait_for: {path: ${place}/text}
`;
const files = { 'source.txt': 'a source\n', 'template.j2': 'a template of {{ inventory_hostname }}\n' };

test('looks are short: a shell has the functions for them from its start', async (t) => {
  const place = folder();
  const tasks = `- ansible.builtin.copy: {content: some text, dest: ${place}/text, mode: "0644"}`;
  const start = await count(t, '- ansible.builtin.raw: ":"', { hosts: 1 });
  const { counts } = await count(t, `- ansible.builtin.raw: ":"\n${tasks}`, { hosts: 1, again: true });
  t.is(counts.roundTrips, start.counts.roundTrips + 1);
  const look = counts.bytesIn - start.counts.bytesIn;
  t.true(look < 500, `${look} bytes, which a shell reads one by one`);
});

test('a task that changes nothing is one round trip, facts too', async (t) => {
  const tasks = converging(folder());
  const { counts, events } = await count(t, tasks, { hosts: 1, files, again: true });
  const results = events.filter((event) => event.type === 'host-result');
  t.deepEqual(
    results.filter((event) => event.result.outcome === 'changed').map((event) => event.task.name),
    [],
  );
  t.is(counts.roundTrips, results.length);
});

test('a change of a file is two: look, and replace', async (t) => {
  const place = folder();
  const { counts } = await count(t, `- ansible.builtin.copy: {content: text, dest: ${place}/x, mode: "0600"}`, {
    hosts: 1,
  });
  t.is(counts.roundTrips, 2);
});

test('what needs no host costs none a round trip or a connection', async (t) => {
  const { counts } = await count(
    t,
    `
- ansible.builtin.set_fact: {a: "{{ inventory_hostname }}"}
- ansible.builtin.debug: {msg: "{{ hostvars | length }} {{ a }}"}
- ansible.builtin.assert: {that: a == inventory_hostname}
- ansible.builtin.command: "true"
  when: a == 'nobody'
- ansible.builtin.group_by: {key: "group_{{ a }}"}
`,
    { hosts: 5 },
  );
  t.deepEqual(
    { ...counts, settingUp: 0, bytesIn: 0 },
    { connections: 0, settingUp: 0, channels: 0, roundTrips: 0, bytesIn: 0 },
  );
});

test('every item of a loop is one round trip; skipped ones are none', async (t) => {
  const { counts } = await count(
    t,
    `
- ansible.builtin.command: echo {{ item }}
  loop: "{{ range(20) | list }}"
  when: item % 2 == 0
`,
    { hosts: 2 },
  );
  t.is(counts.roundTrips, 2 * 10);
});

test('a host has one connection and one channel for each user, whatever it does', async (t) => {
  const place = folder();
  const tasks = Array.from({ length: 10 }, (_, index) => `- ansible.builtin.command: echo ${index}\n`).join('');
  const { counts } = await count(
    t,
    `${tasks}\n- ansible.builtin.copy: {content: text, dest: "${place}/{{ inventory_hostname }}"}\n`,
    {
      hosts: 4,
    },
  );
  t.is(counts.connections, 4);
  t.is(counts.channels, 4);
});

test('a template, a condition and a loop are compiled once for all hosts', async (t) => {
  const tasks = `
- ansible.builtin.set_fact: {a: "{{ inventory_hostname }}-{{ 1 + 1 }}"}
  when: inventory_hostname != 'nobody'
- ansible.builtin.debug: {msg: "{{ a }}-{{ item }}"}
  loop: "{{ [1, 2, 3] + [4] }}"
  when: item > 1
`;
  const compiled = async (hosts: number): Promise<number> =>
    ((await count(t, tasks, { hosts })).prepared.engine.templar as unknown as TemplateEngine).compiled;
  const once = await compiled(1);
  t.true(once >= 5);
  t.is(await compiled(20), once);
});

test.serial('a file is read and hashed once for all hosts', async (t) => {
  const place = folder();
  const tasks = `- ansible.builtin.copy: {src: "{{ name }}", dest: "${place}/{{ inventory_hostname }}-{{ name }}"}
  loop: [small.txt, big.bin]
  loop_control: {loop_var: name}
`;
  const before = sharedSources.reads;
  await count(t, tasks, { hosts: 6, files: { 'small.txt': 'small', 'big.bin': Buffer.alloc(3 * 1024 * 1024, 7) } });
  t.is(sharedSources.reads - before, 2);
});

test('connections are made side by side, fifty at most', async (t) => {
  const server = await SshHosts.start({ shell: 'scripted', delay: 100 });
  t.teardown(() => server.stop());
  const run = await runInside(
    server,
    '- hosts: all\n  gather_facts: false\n  tasks: [{ansible.builtin.command: "true"}]\n',
    {
      hosts: 80,
      forks: 80,
    },
  );
  t.is(run.code, 0, failures(run));
  t.is(server.counts.connections, 80);
  t.true(server.counts.settingUp > 10 && server.counts.settingUp <= 50, String(server.counts.settingUp));
});

test('what is sent for a task does not grow with the hosts and tasks before it', async (t) => {
  const bytes = async (hosts: number, tasks: number): Promise<number> => {
    const server = await SshHosts.start({ shell: 'scripted' });
    t.teardown(() => server.stop());
    const list = '    - ansible.builtin.command: echo same\n'.repeat(tasks);
    await runInside(server, `- hosts: all\n  gather_facts: false\n  tasks:\n${list}`, { hosts });
    return server.counts.bytesIn;
  };
  const one = await bytes(1, 1);
  const perTask = (await bytes(1, 2)) - one;
  t.is(await bytes(1, 11), one + 10 * perTask);
  t.is(await bytes(7, 2), 7 * (one + perTask));
});
