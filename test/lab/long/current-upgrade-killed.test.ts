import test from 'ava';
import { askTheApi, toldAnswers } from '../ask-api.ts';
import { unchanged } from '../expect.ts';
import { type KplayRun, trouble } from '../kplay.ts';
import { onHost } from '../on-host.ts';
import { allNew, from, run, runningVersions, stands, succeeds, to } from './upgrade-steps.ts';

/**
 * Where the run is killed, one after the other: a task, and the milliseconds after it has begun. What kubeadm is at then goes on on the host,
 * and the next run waits for its end: so each command of kubeadm's is met once.
 */
type Moment = readonly [task: RegExp, delay: number];
const onMasters: readonly Moment[] = [
  [/Install kubeadm|Install Kubernetes/, 300],
  [/Run kubeadm upgrade-apply/, 12_000],
  [/They work/, 300],
  [/Run kubeadm upgrade-node/, 5000],
  [/Move the pods to other nodes/, 1000],
  [/download : See whether /, 100],
  [/Start the new kubelet/, 300],
  [/The node is Ready with it/, 500],
];
const onWorkers: readonly Moment[] = [
  [/Run kubeadm upgrade-node/, 500],
  [/Let pods come to the node again/, 50],
];

let poll: ReturnType<typeof askTheApi> | undefined;
test.after.always(() => poll?.end());

test.serial(`${from.minor} stands`, async (t) => {
  await stands(t);
  poll = askTheApi();
});

killedAt('masters', onMasters);

test.serial('a master that does not come up ends it before others are touched, and says how to go on', async (t) => {
  t.is((await runningVersions())['k8s-master03'], `v${from.version}`);
  const rule = 'INPUT -p tcp --dport 10259 -j REJECT';
  await onHost('k8s-master03', `iptables -I ${rule}`);
  const stopped = await run('playbooks/upgrade.yml', to.version, ['-e', 'upgrade_ready_timeout=30']);
  await onHost('k8s-master03', `iptables -D ${rule}`);
  t.is(stopped.code, 2);
  t.regex(trouble(stopped), /k8s-master03.*scheduler/s);
  const versions = await runningVersions();
  for (const name of ['k8s-master01', 'k8s-master02']) t.is(versions[name], `v${to.version}`, name);
  for (const name of ['k8s-master03', 'k8s-node01', 'k8s-node02']) t.is(versions[name], `v${from.version}`, name);
});

killedAt('workers', onWorkers);

test.serial('started once more it goes on to the end, and a second run changes nothing', async (t) => {
  await succeeds(t, 'playbooks/upgrade.yml', to.version);
  t.log(toldAnswers(await poll!.end()));
  await allNew(t);
  unchanged(t, await succeeds(t, 'playbooks/upgrade.yml', to.version));
  unchanged(t, await succeeds(t, 'playbooks/ha.yml', to.version));
  await succeeds(t, 'playbooks/verify.yml', to.version);
});

function killedAt(where: string, moments: readonly Moment[]): void {
  for (const [task, delay] of moments) {
    test.serial(`${where}: the upgrade is killed ${delay} ms into "${task.source}"`, async (t) => {
      const killed = await run('playbooks/upgrade.yml', to.version, [], { killAt: { task, delay } });
      t.log(`${killed.duration.toFixed(0)} s: ${lastTask(killed)}`);
      t.is(killed.code, null, trouble(killed));
    });
  }
}

/** Where a run was. */
function lastTask({ events }: KplayRun): string {
  const begun = events.findLast((event) => event.type === 'host-start');
  return begun?.type === 'host-start' ? `${begun.host}: ${begun.task.name}` : 'nothing';
}
