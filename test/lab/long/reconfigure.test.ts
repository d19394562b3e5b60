import test from 'ava';
import { succeeds, unchanged } from '../expect.ts';
import { kplay, trouble } from '../kplay.ts';
import { lab, onHost } from '../on-host.ts';

const masters = ['k8s-master01', 'k8s-master02', 'k8s-master03'];
const settings = {
  kubeadm_apiserver_args: { 'event-ttl': '2h0m0s' },
  kubeadm_controller_manager_args: { 'node-monitor-grace-period': '50s' },
  kubeadm_scheduler_args: { v: '1' },
  kubeadm_etcd_args: { 'heartbeat-interval': '150' },
  kubeadm_kubelet_config: { maxPods: 99 },
  kubeadm_proxy_config: { conntrack: { maxPerCore: 0 } },
};
const words = (values: object): string[] => ['playbooks/reconfigure.yml', '-e', JSON.stringify(values)];

test.serial('a cluster stands, and there is nothing to change', async (t) => {
  await lab('reset');
  await succeeds(t, ['playbooks/ha.yml']);
  unchanged(t, await succeeds(t, ['playbooks/reconfigure.yml', '--check', '--diff']));
  unchanged(t, await succeeds(t, ['playbooks/reconfigure.yml']));
});

test.serial('settings of all programs reach all hosts, and a second run changes nothing', async (t) => {
  const api = await pid('k8s-master02', 'kube-apiserver');
  const promised = await succeeds(t, [...words(settings), '--check', '--diff']);
  t.regex(JSON.stringify(promised.events), /--event-ttl=2h0m0s/);
  t.is(await pid('k8s-master02', 'kube-apiserver'), api, 'check mode touches nothing');
  await succeeds(t, words(settings));
  for (const master of masters) {
    const lines = await onHost(master, "pgrep -a -f '^(etcd|kube-[a-z-]*) --'");
    for (const flag of ['event-ttl=2h0m0s', 'node-monitor-grace-period=50s', 'heartbeat-interval=150', 'v=1'])
      t.true(lines.includes(`--${flag}`), `${flag} on ${master}`);
  }
  const pods = await kubectl("get nodes -o jsonpath='{.items[*].status.capacity.pods}'");
  t.deepEqual(new Set(pods.split(' ')), new Set(['99']));
  unchanged(t, await succeeds(t, [...words(settings), '--check', '--diff']));
  unchanged(t, await succeeds(t, words(settings)));
});

test.serial('a wrong one is taken back on the first master, and the others are not touched', async (t) => {
  const api = await pid('k8s-master02', 'kube-apiserver');
  const wrong = { ...settings, kubeadm_apiserver_args: { 'event-ttl': 'soon' } };
  const run = await kplay([...words(wrong), '-e', 'reconfigure_timeout=60']);
  t.is(run.code, 2);
  t.regex(
    trouble(run),
    /kube-apiserver does not come up with its new settings and has the earlier ones again.*invalid duration/s,
  );
  t.is(await pid('k8s-master02', 'kube-apiserver'), api);
  t.regex(await onHost('k8s-master01', "pgrep -a -f '^kube-apiserver --'"), /--event-ttl=2h0m0s/);
  unchanged(t, await succeeds(t, words(settings)));
});

test.serial('a kubelet that does not come up gets back what it had', async (t) => {
  const wrong = { ...settings, kubeadm_kubelet_config: { evictionHard: { nonsense: '1%' } } };
  const run = await kplay([...words(wrong), '-e', 'reconfigure_timeout=60']);
  t.is(run.code, 2);
  t.regex(trouble(run), /kubelet does not come up with its new settings and has the earlier ones again.*nonsense/s);
  t.is(await onHost('k8s-master01', 'systemctl is-active kubelet'), 'active\n');
});

test.serial('a run that is killed goes on where it was', async (t) => {
  const next = { ...settings, kubeadm_apiserver_args: { 'event-ttl': '3h0m0s' } };
  const killed = await kplay(words(next), { killAt: { task: /Run kubeadm reconfigure/, delay: 6000 } });
  t.is(killed.code, null, trouble(killed));
  await succeeds(t, words(next));
  for (const master of masters)
    t.regex(await onHost(master, "pgrep -a -f '^kube-apiserver --'"), /--event-ttl=3h0m0s/, master);
  unchanged(t, await succeeds(t, words(next)));
  await succeeds(t, ['playbooks/verify.yml', '-e', 'verify_failover=false']);
});

function kubectl(args: string): Promise<string> {
  return onHost('k8s-master01', `kubectl --kubeconfig /etc/kubernetes/admin.conf ${args}`);
}

function pid(host: string, program: string): Promise<string> {
  return onHost(host, `pgrep -o -f '^${program} --'`);
}
