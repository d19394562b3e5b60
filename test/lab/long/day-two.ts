import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { packageRoot } from '../../../runner/root.ts';
import { temporaryDirectory } from '../../temporary.ts';
import { succeeds as succeedsWith, unchanged } from '../expect.ts';
import { type KplayOptions, type KplayRun, kplay, trouble } from '../kplay.ts';
import { lab, onHost } from '../on-host.ts';

export const masters = ['k8s-master01', 'k8s-master02', 'k8s-master03'];
export const workers = ['k8s-node01', 'k8s-node02'];
const base = 'test/lab/inventory';
const folder = temporaryDirectory('kplay-day2');

/** Which cluster it is. */
export interface DayTwoCluster {
  /** Words for the lab's `reset`: the versions that it is to offer. */
  readonly offer: readonly string[];
  /** Inventories above the lab's own. */
  readonly above: readonly string[];
}

/** Declares the tests of what a highly available cluster goes through after it was built, one after the other. */
export function dayTwo({ offer, above }: DayTwoCluster): void {
  const inventory = [base, ...above];
  const run = (words: readonly string[]): Promise<KplayRun> => kplay(words, { inventory });
  const succeeds = (t: ExecutionContext, words: readonly string[], options: KplayOptions = {}): Promise<KplayRun> =>
    succeedsWith(t, words, { inventory, ...options });

  test.serial('a cluster stands', async (t) => {
    await lab('reset', ...offer);
    await succeeds(t, ['playbooks/ha.yml']);
    await allReady(t, [...masters, ...workers]);
  });

  test.serial('a worker that hangs leaves, is reset, rebooted and joined again by one command', async (t) => {
    const age = 'get node k8s-node02.example.local -o jsonpath={.metadata.uid}';
    const before = await kubectl('k8s-master01', age);
    await onHost(
      'k8s-node02',
      'rm -rf /etc/kubernetes/kubelet.conf /var/lib/kubelet/pki; systemctl kill -s KILL kubelet',
    );
    const refused = await run(['playbooks/recreate-node.yml', '-e', 'reset_confirm=yes']);
    t.regex(trouble(refused), /Say which node/);
    await succeeds(t, ['playbooks/recreate-node.yml', '--limit', 'k8s-node02', '-e', 'reset_confirm=yes']);
    t.not(await kubectl('k8s-master01', age), before);
    await allReady(t, [...masters, ...workers]);
  });

  test.serial('the first master is gone for good, and a host of another name takes its place', async (t) => {
    await lab('stop', '--hard', 'k8s-master01');
    const refused = await run(['playbooks/reset.yml', '--limit', 'k8s-master02', '-e', 'reset_confirm=yes']);
    t.regex(trouble(refused), /no majority.*remove-node\.yml/s);
    const alive = await run([
      'playbooks/remove-node.yml',
      '-e',
      'remove_node_name=k8s-node01',
      '-e',
      'remove_node_wait=20',
    ]);
    t.regex(trouble(alive), /is Ready, so its host runs/);

    await succeeds(t, ['playbooks/remove-node.yml', '-e', 'remove_node_name=k8s-master01']);
    t.is(await onHost('k8s-ha01', 'grep -c 172.31.3.101 /etc/haproxy/haproxy.cfg || true'), '0\n');
    const inventory = [inventoryWithFirstMaster('k8s-node03', '172.31.3.110'), ...above];
    await succeeds(t, ['playbooks/ha.yml', '--limit', 'k8s-node03,loadbalancers'], { inventory });
    await allReady(t, ['k8s-node03', 'k8s-master02', 'k8s-master03', ...workers], 'k8s-master02');
    await succeeds(t, ['playbooks/verify.yml', '--tags', 'etcd,nodes'], { inventory });
  });

  test.serial('a master that works is taken out, and a bare host under its first name comes in', async (t) => {
    const inventory = [inventoryWithFirstMaster('k8s-node03', '172.31.3.110'), ...above];
    await succeeds(t, ['playbooks/reset.yml', '--limit', 'k8s-node03', '-e', 'reset_confirm=yes'], { inventory });
    await allReady(t, ['k8s-master02', 'k8s-master03', ...workers], 'k8s-master02');
    await lab('reset', ...offer, 'k8s-master01');
    await succeeds(t, ['playbooks/ha.yml', '--limit', 'k8s-master01,loadbalancers']);
    await allReady(t, [...masters, ...workers]);
    await succeeds(t, ['playbooks/verify.yml', '--tags', 'etcd']);
  });

  test.serial('certificates are shown, renewed, and really used', async (t) => {
    const before = await servedCertificates();
    const shown = await succeeds(t, ['playbooks/certificates.yml', '--tags', 'show']);
    t.regex(JSON.stringify(shown.events), /apiserver +\d{4}-\d\d-\d\d +\d+ days/);
    t.deepEqual(await servedCertificates(), before);
    // kubeadm's last 365 days, so that all of them are due.
    await succeeds(t, ['playbooks/certificates.yml', '-e', 'certificates_renew_before=400']);
    const after = await servedCertificates();
    t.is(after.size, 2 * masters.length);
    for (const [name, [serial, file]] of after) {
      t.is(serial, file, `${name} is served as it stands in its file`);
      t.not(serial, before.get(name)![0], name);
    }
    const access = await onHost('k8s-master02', 'cmp /root/.kube/config /etc/kubernetes/admin.conf && echo same');
    t.is(access, 'same\n');
    unchanged(t, await succeeds(t, ['playbooks/certificates.yml']));
  });

  test.serial('a new join token is made when none is left, and stays secret', async (t) => {
    await onHost(
      'k8s-master01',
      'kubeadm token list -o jsonpath=\'{.token}{"\\n"}\' | xargs -r -n 1 kubeadm token delete',
    );
    const file = path.join(folder, 'join');
    const run = await succeeds(t, ['playbooks/tokens.yml', '-e', `tokens_file=${file}`]);
    t.is(statSync(file).mode & 0o777, 0o600);
    const [, token, hash] = /--token (\S+) --discovery-token-ca-cert-hash (\S+)/.exec(readFileSync(file, 'utf8'))!;
    t.false(run.stdout.includes(token!.split('.')[1]!), 'the secret is not in the output');
    t.true((await onHost('k8s-master01', 'kubeadm token list')).includes(token!));
    t.true((await onHost('k8s-master01', 'kubeadm token create --ttl 1m --print-join-command')).includes(hash!));
    unchanged(t, await succeeds(t, ['playbooks/tokens.yml', '-e', `tokens_file=${file}`]));
  });

  test.serial('a snapshot of etcd is restored to a working cluster: what was written after it is gone', async (t) => {
    const snapshots = path.join(folder, 'snapshots');
    await kubectl('k8s-master01', 'create configmap before-the-snapshot');
    for (let count = 0; count < 3; count += 1) {
      await succeeds(t, [
        'playbooks/etcd-snapshot.yml',
        '-e',
        `etcd_snapshot_folder=${snapshots}`,
        '-e',
        'etcd_snapshot_keep=2',
      ]);
    }
    const files = readdirSync(snapshots).sort();
    t.is(files.length, 4, 'two snapshots, each with its sum');
    t.is(statSync(path.join(snapshots, files[0]!)).mode & 0o777, 0o600);
    await kubectl('k8s-master01', 'create configmap after-the-snapshot');
    const restore = ['playbooks/etcd-restore.yml', '-e', `etcd_restore_file=${path.join(snapshots, files[2]!)}`];
    t.regex(trouble(await run(restore)), /etcd_restore_confirm=yes/);
    await succeeds(t, [...restore, '-e', 'etcd_restore_confirm=yes']);
    const maps = await kubectl('k8s-master01', 'get configmaps -o name');
    t.regex(maps, /before-the-snapshot/);
    t.notRegex(maps, /after-the-snapshot/);
    await allReady(t, [...masters, ...workers]);
    await succeeds(t, ['playbooks/verify.yml', '-e', 'verify_failover=false']);
  });

  test.serial('all hosts are reset, and the same command builds a cluster on them again', async (t) => {
    await succeeds(t, ['playbooks/reset.yml', '-e', 'reset_confirm=yes']);
    for (const host of [...masters, ...workers])
      t.is(await onHost(host, 'find /etc/kubernetes /var/lib/etcd -type f 2>/dev/null || true'), '', host);
    await succeeds(t, ['playbooks/ha.yml']);
    await allReady(t, [...masters, ...workers]);
    unchanged(t, await succeeds(t, ['playbooks/ha.yml']));
  });
}

/** What kubectl prints on a master. */
export function kubectl(master: string, args: string): Promise<string> {
  return onHost(master, `kubectl --kubeconfig /etc/kubernetes/admin.conf ${args}`);
}

/** Expects that these nodes, and no others, are there and Ready. */
export async function allReady(
  t: ExecutionContext,
  expected: readonly string[],
  master = 'k8s-master01',
): Promise<void> {
  const lines = (await kubectl(master, 'get nodes --no-headers')).trim().split('\n');
  const found = lines.map((line) => line.split(/\s+/).slice(0, 2) as [string, string]);
  t.deepEqual(
    Object.fromEntries(found.map(([name, state]) => [name.split('.')[0], state])),
    Object.fromEntries(expected.map((name) => [name, 'Ready'])),
  );
}

/** The lab's inventory with another host as its first master, and k8s-master01 nowhere. */
function inventoryWithFirstMaster(name: string, address: string): string {
  const own = path.join(packageRoot, base);
  const inventory = path.join(folder, 'inventory');
  if (existsSync(inventory)) return inventory;
  const text = readFileSync(path.join(own, 'hosts.yml'), 'utf8');
  const changed = text
    .replace(/k8s-master01:\n( +)ansible_host: \S+/, `${name}:\n$1ansible_host: ${address}`)
    .replace(/\n {4}spare:[\s\S]*$/, '\n');
  mkdirSync(inventory);
  symlinkSync(path.join(own, 'group_vars'), path.join(inventory, 'group_vars'));
  writeFileSync(path.join(inventory, 'hosts.yml'), changed);
  return inventory;
}

/** The serial numbers of the certificates that API servers and etcd serve, each with that of its file. */
async function servedCertificates(): Promise<Map<string, readonly [string, string]>> {
  const serials = new Map<string, readonly [string, string]>();
  for (const master of masters) {
    for (const [port, file] of [
      ['6443', 'apiserver'],
      ['2379', 'etcd/server'],
    ] as const) {
      const command = `address=$(hostname -I | cut -d ' ' -f 1)
        echo | openssl s_client -connect $address:${port} 2>/dev/null | openssl x509 -noout -serial
        openssl x509 -noout -serial -in /etc/kubernetes/pki/${file}.crt`;
      const [served, stands] = (await onHost(master, command)).trim().split('\n');
      serials.set(`${master} ${file}`, [served!, stands!]);
    }
  }
  return serials;
}
