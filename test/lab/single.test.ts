import test from 'ava';
import { succeeds } from './expect.ts';
import { changes, kplay, recap, trouble } from './kplay.ts';
import { lab, onHost } from './on-host.ts';

/** The two flavours of hosts, each with an inventory of one master and two workers. */
const flavours = [
  {
    name: 'apt',
    inventory: 'test/lab/inventory-single',
    hosts: ['k8s-master01', 'k8s-node01', 'k8s-node02'],
    packages: 'dpkg-query -W -f "\\${Package} \\${Version} \\${db:Status-Want}\\n" kubeadm kubectl kubelet',
    installed: ['kubeadm 1.20.2-00 hold', 'kubectl 1.20.2-00 hold', 'kubelet 1.20.2-00 hold'],
    offered: '1.20.3-00, 1.20.2-00',
  },
  {
    name: 'rpm',
    inventory: 'test/lab/inventory-rpm',
    hosts: ['master01', 'node01', 'node02'],
    packages: 'rpm -q --qf "%{NAME} %{VERSION}-%{RELEASE}\\n" kubeadm kubectl kubelet',
    installed: ['kubeadm 1.20.2-0', 'kubectl 1.20.2-0', 'kubelet 1.20.2-0'],
    offered: '1.20.3-0, 1.20.2-0',
  },
] as const;

for (const { name, inventory, hosts, packages, installed, offered } of flavours) {
  test.serial(`${name}: single.yml says in check mode what it would do, and touches nothing`, async (t) => {
    await lab('reset', ...hosts);
    await succeeds(t, ['playbooks/single.yml', '--check'], { inventory });
    t.is(await onHost(hosts[0], 'ls /etc/kubernetes /etc/containerd 2>/dev/null || true'), '');
  });

  test.serial(`${name}: single.yml turns bare hosts into a cluster with one master`, async (t) => {
    const run = await succeeds(t, ['playbooks/single.yml'], { inventory });
    t.log(`first run: ${run.duration.toFixed(0)} s`);
    t.deepEqual((await onHost(hosts[0], packages)).trim().split('\n'), [...installed]);
  });

  test.serial(`${name}: a version that the repository lacks is refused with those that it has`, async (t) => {
    const words = [
      'playbooks/single.yml',
      '--tags',
      'packages',
      '--limit',
      hosts[1],
      '-e',
      'kubernetes_version=1.20.9',
    ];
    const run = await kplay(words, { inventory });
    t.is(run.code, 2);
    t.true(trouble(run).includes(`it has ${offered}: set kubernetes_version`), trouble(run));
  });

  test.serial(`${name}: a second run changes nothing, nor does it say so in check mode`, async (t) => {
    for (const more of [[], ['--check']]) {
      const run = await succeeds(t, ['playbooks/single.yml', ...more], { inventory });
      t.deepEqual(changes(run), []);
      for (const [host, stats] of Object.entries(recap(run))) t.like(stats, { changed: 0, failed: 0 }, host);
    }
  });

  test.serial(`${name}: verify.yml shows etcd, nodes, pods and the node port`, async (t) => {
    await succeeds(t, ['playbooks/verify.yml'], { inventory });
  });

  test.serial(`${name}: the versions on offer are listed`, async (t) => {
    const run = await succeeds(t, ['playbooks/single.yml', '--tags', 'versions'], { inventory });
    t.true(JSON.stringify(run.events).includes(`kubeadm: ${offered}`));
    t.deepEqual(changes(run), []);
  });

  test.serial(`${name}: the hosts stop`, async (t) => {
    await lab('stop', '--hard', ...hosts);
    t.pass();
  });
}
