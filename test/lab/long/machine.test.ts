import test from 'ava';
import { succeeds, unchanged } from '../expect.ts';
import { lab, onHost } from '../on-host.ts';
import { releases } from '../releases.ts';

/*
 * What the lab's containers cannot have, in its virtual machine: cgroup v2, a kernel with modules to load, swap of the host's own, a reboot. Its
 * processors are emulated, so all of it takes many times as long.
 */

const { minor, version } = releases.at(-1)!;
const inventory = ['test/lab/inventory-machine', 'test/lab/inventory-current'];
// None of the lab's exceptions: kubeadm checks all that it checks.
const values = { kubernetes_version: version, kubernetes_cgroup_v1_allowed: false, kubeadm_ignored_checks: [] };
const single = ['playbooks/single.yml', '-e', JSON.stringify({ ...values, node_schedule_master: true })];
const host = 'machine01';

test.serial('a bare machine with cgroup v2 and with swap becomes a cluster, with nothing ignored', async (t) => {
  await lab('reset', '--kubernetes', minor, host);
  // One of fstab's, and one with a unit of the administrator's.
  await onHost(
    host,
    `for file in /swap1 /swap2; do fallocate -l 64M $file && chmod 600 $file && mkswap -q $file || exit; done
     echo "/swap1 none swap sw 0 0" >>/etc/fstab
     printf '[Swap]\\nWhat=/swap2\\n[Install]\\nWantedBy=swap.target\\n' >/etc/systemd/system/swap2.swap
     systemctl daemon-reload && systemctl enable -q --now swap2.swap && swapon -a`,
  );
  t.is(await onHost(host, 'awk "NR > 1" /proc/swaps | wc -l'), '2\n');
  t.is(await onHost(host, 'stat -f -c %T /sys/fs/cgroup'), 'cgroup2fs\n');
  await succeeds(t, single, { inventory });
  await stands(t);
  t.notRegex(await onHost(host, 'cat /var/lib/kubelet/config.yaml'), /failCgroupV1/);
});

test.serial('a second run changes nothing', async (t) => {
  unchanged(t, await succeeds(t, single, { inventory }));
});

test.serial('after a reboot it is as it was', async (t) => {
  const before = await onHost(host, 'cat /proc/sys/kernel/random/boot_id');
  await onHost(host, 'systemctl reboot').catch(() => undefined);
  await untilSo(async () => (await onHost(host, 'cat /proc/sys/kernel/random/boot_id')) !== before);
  await stands(t);
  unchanged(t, await succeeds(t, single, { inventory }));
});

async function stands(t: { is(a: unknown, b: unknown): void }): Promise<void> {
  await untilSo(async () => {
    const lines = await onHost(host, `${kubectl} get nodes,pods --all-namespaces --no-headers`);
    return / Ready /.test(lines) && !/Pending|ContainerCreating|Crash|Error| 0\/1 /.test(lines);
  });
  t.is(await onHost(host, 'awk "NR > 1" /proc/swaps'), '');
  const modules = 'for module in br_netfilter overlay; do [ -d /sys/module/$module ] || echo $module; done';
  t.is(await onHost(host, modules), '');
  t.is(await onHost(host, 'cat /proc/sys/net/bridge/bridge-nf-call-iptables'), '1\n');
}

const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';

/** Asks again and again for at most ten minutes; an answer that fails is one that does not hold yet. */
async function untilSo(holds: () => Promise<boolean>): Promise<void> {
  for (const deadline = Date.now() + 600_000; ; ) {
    if (await holds().catch(() => false)) return;
    if (Date.now() > deadline) throw new Error('it did not come about within ten minutes');
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
}
