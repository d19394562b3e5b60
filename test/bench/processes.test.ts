import { spawnSync } from 'node:child_process';
import test, { type ExecutionContext } from 'ava';
import { failures, runInside } from '../scale/run-simulated.ts';
import { SshHosts } from '../scale/ssh-hosts.ts';
import { temporaryDirectory } from '../temporary.ts';

// In a namespace of its own the number of the last process tells how many were started there.
const namespace = ['unshare', '--user', '--map-root-user', '--pid', '--fork', '--mount-proc'];
const possible = spawnSync(namespace[0]!, [...namespace.slice(1), 'cat', '/proc/sys/kernel/ns_last_pid']).status === 0;
const withNamespace = possible ? test : test.skip;
if (!possible) test('SKIPPED: no process namespace can be made here', (t) => t.pass());

const look = '- ansible.builtin.raw: echo "processes $(cat /proc/sys/kernel/ns_last_pid)"\n';

/** How many processes each task started on the host, its worker among them. */
async function processes(t: ExecutionContext, tasks: readonly string[]): Promise<number[]> {
  // Whoever sees no processes but its own takes the notes of others in this home for notes of dead shells.
  const home = `HOME=${temporaryDirectory('kplay-home')}`;
  const server = await SshHosts.start({ shell: 'real', prefix: ['env', home, ...namespace] });
  t.teardown(() => server.stop());
  const text = [look, look, ...tasks.flatMap((task) => [task.endsWith('\n') ? task : `${task}\n`, look])].join('');
  const run = await runInside(
    server,
    `- hosts: all\n  gather_facts: false\n  tasks:\n${text.replace(/^(?=.)/gm, '    ')}`,
    {
      hosts: 1,
    },
  );
  t.is(run.code, 0, failures(run));
  const seen = run.events.flatMap((event) =>
    event.type === 'host-result' ? [/processes (\d+)/.exec(String(event.result.fields.stdout))?.[1] ?? []].flat() : [],
  );
  const started = seen.slice(1).map((number, index) => Number(number) - Number(seen[index]));
  // The first two looks tell how many processes a look itself takes.
  return started.slice(1).map((number) => number - started[0]!);
}

withNamespace('few processes are started for a task', async (t) => {
  const place = temporaryDirectory('kplay-processes');
  const file = `- ansible.builtin.copy: {content: text, dest: ${place}/x, mode: "0644"}`;
  const counts = await processes(t, [
    '- ansible.builtin.raw: ":"',
    '- ansible.builtin.command: "true"',
    '- ansible.builtin.shell: "true"',
    `- ansible.builtin.stat: {path: ${place}, get_checksum: false, get_mime: false, get_attributes: false}`,
    file,
    file,
    '- ansible.builtin.setup:',
  ]);
  t.log(counts.join(' '));
  const [raw, command, shell, stat, copied, same, facts] = counts as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  t.true(raw <= 1, `raw: ${raw}`);
  t.true(command <= 1, `command: ${command}`);
  t.true(shell <= 1, `shell: ${shell}`);
  t.true(stat <= 2, `stat: ${stat}`);
  t.true(copied <= 8, `copy that changes: ${copied}`);
  t.true(same <= 3, `copy that does not: ${same}`);
  t.true(facts <= 31, `setup: ${facts}`);
});
