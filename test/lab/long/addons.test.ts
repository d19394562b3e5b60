import { writeFileSync } from 'node:fs';
import { cp, mkdir, rm } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { packageRoot } from '../../../runner/root.ts';
import { temporaryDirectory } from '../../temporary.ts';
import { unchanged } from '../expect.ts';
import type { KplayRun } from '../kplay.ts';
import { kplay, trouble } from '../kplay.ts';
import { lab, onHost } from '../on-host.ts';
import { folders } from '../settings.ts';

/*
 * What a running cluster of one master and one worker gets. The images of Calico, Flannel, the Dashboard and Rook are not to be
 * had here: the manifests are stand-ins of the same shapes (test/fixtures/addons), whose pods run the lab's web server.
 */

const folder = temporaryDirectory('kplay-addons');
const inventory = path.join(folder, 'inventory');
const served = path.join(folders.www, 'addons');
const fixtures = path.join(packageRoot, 'test/fixtures/addons');
const kubectl = 'kubectl --kubeconfig /etc/kubernetes/admin.conf';
const smoke = ['-e', 'smoke_image=registry.lab/web:1.0', '-e', 'smoke_answer=nginx-'];

test.before(async () => {
  await lab('reset', 'k8s-master01', 'k8s-node01');
  for (const made of [served, inventory]) await mkdir(made, { recursive: true });
  await cp(fixtures, served, { recursive: true });
  writeFileSync(
    path.join(inventory, 'hosts.yml'),
    JSON.stringify({
      all: {
        children: {
          loadbalancers: {},
          registries: { children: { registry: {}, harbor: {} } },
          kubernetes: {
            children: {
              masters: { hosts: { 'k8s-master01': { ansible_host: '172.31.3.101' } } },
              workers: { hosts: { 'k8s-node01': { ansible_host: '172.31.3.108' } } },
            },
          },
        },
      },
    }),
  );
  await cp('test/lab/inventory/group_vars', path.join(inventory, 'group_vars'), { recursive: true });
  writeFileSync(
    path.join(inventory, 'group_vars/all/zz-addons.yml'),
    JSON.stringify({
      calico_registry: 'registry.lab',
      flannel_registry: 'registry.lab',
      dashboard_registry: 'registry.lab',
      rook_registry: 'registry.lab',
      calico_manifest: '{{ lab_server }}/addons/calico-commented.yaml',
      calico_pull: true,
      flannel_manifest: path.join(fixtures, 'flannel.yaml'),
      dashboard_manifest: '{{ lab_server }}/addons/dashboard.yaml',
      dashboard_token_local: path.join(folder, 'token'),
      rook_manifests: '{{ lab_server }}/addons/rook',
      rook_server_side: true,
      rook_wait_cluster: false,
      rook_cluster: { mon: { count: 1 } },
      calico_autodetection: 'interface=host0',
      flannel_interfaces: ['host0'],
    }),
  );
  writeFileSync(
    path.join(folder, 'networks.yml'),
    '- hosts: kubernetes\n  gather_facts: false\n  roles: [calico, flannel]\n',
  );
});

test.after.always(async () => {
  await rm(served, { recursive: true, force: true });
});

test.serial('a cluster of one master and one worker', async (t) => {
  await succeeds(t, ['playbooks/single.yml']);
});

test.serial('smoke.yml: every node gets an answer, and nothing is left', async (t) => {
  const run = await succeeds(t, ['playbooks/smoke.yml', ...smoke, '-e', 'smoke_service_type=LoadBalancer']);
  unchanged(t, run);
  t.regex(shown(run), /2 pods of registry\.lab\/web:1\.0 answer on port \d+ of 2 nodes; nothing in this cluster gives/);
  t.is(await left('namespace/kplay-smoke'), '');
});

test.serial('smoke.yml leaves nothing when the pods do not come, and says why', async (t) => {
  const run = await play(['playbooks/smoke.yml', '-e', 'smoke_image=registry.lab/none:1.0', '-e', 'smoke_timeout=5']);
  t.is(run.code, 2);
  t.regex(trouble(run), /ErrImagePull|ImagePullBackOff|ContainerCreating/);
  t.is(await left('namespace/kplay-smoke'), '');
});

test.serial('labels and taints are put on and taken off; only what tolerates a taint runs there', async (t) => {
  const marks = { node_labels: { disk: 'ssd' }, node_taints: ['dedicated=storage:NoSchedule'] };
  const on = ['playbooks/single.yml', '--tags', 'node', '-l', 'k8s-node01', '-e', JSON.stringify(marks)];
  await succeeds(t, on);
  unchanged(t, await succeeds(t, on));
  const tolerated = {
    smoke_tolerations: [{ key: 'dedicated', operator: 'Equal', value: 'storage', effect: 'NoSchedule' }],
    smoke_node_selector: { disk: 'ssd' },
  };
  await succeeds(t, ['playbooks/smoke.yml', ...smoke, '-e', JSON.stringify(tolerated)]);
  const refused = await play(['playbooks/smoke.yml', ...smoke, '-e', 'smoke_timeout=5']);
  t.is(refused.code, 2);
  t.regex(trouble(refused), /had taint|FailedScheduling/);
  const none = { node_labels_absent: ['disk'], node_taints_absent: ['dedicated'] };
  const off = ['playbooks/single.yml', '--tags', 'node', '-l', 'k8s-node01', '-e', JSON.stringify(none)];
  await succeeds(t, off);
  unchanged(t, await succeeds(t, off));
  const worker = await onHost('k8s-master01', `${kubectl} get node k8s-node01.example.local -o json`);
  t.false(worker.includes('dedicated') || worker.includes('"disk"'));
  await succeeds(t, [
    'playbooks/single.yml',
    '--tags',
    'node',
    '-l',
    'k8s-master01',
    '-e',
    'node_schedule_master=true',
  ]);
  const master = await onHost(
    'k8s-master01',
    `${kubectl} get node k8s-master01.example.local -o jsonpath={.spec.taints}`,
  );
  t.is(master, '');
});

test.serial('calico and flannel: applied with the values, waited for, and not changed again', async (t) => {
  const networks = path.join(folder, 'networks.yml');
  await succeeds(t, [networks, '--check']);
  t.is(await left('-n kube-system daemonset/calico-node'), '');
  await succeeds(t, [networks]);
  unchanged(t, await succeeds(t, [networks]));
  unchanged(t, await succeeds(t, [networks, '--check']));
  const node = await onHost('k8s-master01', `${kubectl} -n kube-system get daemonset calico-node -o json`);
  const { spec, status } = JSON.parse(node) as {
    spec: { template: { spec: { containers: { image: string; env: { name: string; value?: string }[] }[] } } };
    status: { numberReady: number };
  };
  const [container] = spec.template.spec.containers;
  const value = (name: string): string | undefined => container!.env.find((one) => one.name === name)?.value;
  t.is(value('CALICO_IPV4POOL_CIDR'), '10.244.0.0/16');
  t.is(value('IP_AUTODETECTION_METHOD'), 'interface=host0');
  t.is(container!.image, 'registry.lab/web:1.0');
  t.is(status.numberReady, 2);
  const config = await onHost('k8s-master01', `${kubectl} -n kube-flannel get configmap kube-flannel-cfg -o yaml`);
  t.regex(config, /"Network": "10\.244\.0\.0\/16"/);
  const old = ['-e', 'calico_manifest={{ lab_server }}/addons/calico-set.yaml'];
  await succeeds(t, [networks, ...old]);
  unchanged(t, await succeeds(t, [networks, ...old]));
});

test.serial('addons.yml: Dashboard and Rook; the token works, and is in no output unless asked for', async (t) => {
  const addons = ['playbooks/addons.yml', '-e', '{"kubernetes_addons": ["dashboard", "rook"]}'];
  const first = await succeeds(t, [...addons, '--diff']);
  // As the Dashboard itself does when it starts.
  await onHost(
    'k8s-master01',
    `${kubectl} -n kubernetes-dashboard patch secret kubernetes-dashboard-csrf -p '{"stringData":{"csrf":"filled"}}'`,
  );
  unchanged(t, await succeeds(t, addons));
  unchanged(t, await succeeds(t, [...addons, '--check']));
  const token = (await onHost('k8s-master01', 'cat /root/dashboard-token')).trim();
  t.is(await onHost('k8s-master01', 'stat -c %a /root/dashboard-token'), '600\n');
  t.false(first.stdout.includes(token));
  const show = ['playbooks/addons.yml', '--tags', 'dashboard_token'];
  t.false((await succeeds(t, show)).stdout.includes(token));
  t.true((await succeeds(t, [...show, '-e', 'dashboard_token_show=yes'])).stdout.includes(token));
  const asked = `${kubectl} --kubeconfig /dev/null -s https://127.0.0.1:6443 --insecure-skip-tls-verify --token=${token} get nodes -o name`;
  t.regex(await onHost('k8s-master01', asked), /node\/k8s-node01/);
  const port = `${kubectl} -n kubernetes-dashboard get service kubernetes-dashboard -o jsonpath={.spec.ports[0].nodePort}`;
  t.is(await onHost('k8s-master01', port), '30000');
  const ceph = `${kubectl} -n rook-ceph get cephcluster rook-ceph -o jsonpath='{.spec.mon.count} {.spec.mon.allowMultiplePerNode}'`;
  t.is(await onHost('k8s-master01', ceph), '1 false');
  t.regex(shown(first), /rook-ceph-operator-\S+ +1\/1 +Running/);
});

test.serial('verify.yml --tags report shows the cluster and the runtimes', async (t) => {
  const run = await succeeds(t, ['playbooks/verify.yml', '--tags', 'report']);
  unchanged(t, run);
  for (const words of [
    /is running at https/,
    /etcd-0 +Healthy/,
    /kube-system +Active/,
    /kube-proxy-\S+ +1\/1/,
    /k8s\.io/,
    /web/,
  ])
    t.regex(shown(run), words);
});

function play(args: readonly string[]): Promise<KplayRun> {
  return kplay(args, { inventory });
}

async function succeeds(t: ExecutionContext, args: readonly string[]): Promise<KplayRun> {
  const run = await play(args);
  t.is(run.code, 0, trouble(run));
  return run;
}

/** What debug showed. */
function shown(run: KplayRun): string {
  return run.events
    .flatMap((event) => (event.type === 'host-result' ? [event.result.fields.msg] : []))
    .flat()
    .join('\n');
}

/** What is still there of an object, empty when nothing is. */
function left(object: string): Promise<string> {
  return onHost('k8s-master01', `${kubectl} get ${object} --ignore-not-found -o name`);
}
