import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { temporaryDirectory } from '../../temporary.ts';
import { succeeds, unchanged } from '../expect.ts';
import { changes, kplay, trouble } from '../kplay.ts';
import { lab, onHost } from '../on-host.ts';
import { folders } from '../settings.ts';
import { pause, run } from '../shell.ts';

/*
 * Registries and load balancers, without a cluster: a plain docker-registry on both load balancers behind the virtual address,
 * one of another making (its program from an archive, TLS, passwords) on k8s-node01; haproxy and keepalived built from source.
 */

const folder = temporaryDirectory('kplay-registry');

const address = '172.31.3.188:5000';
const images = ['pause:3.2', 'kube-proxy:v1.20.2'];
const behind = inventory('behind', {
  hosts: ['k8s-ha01', 'k8s-ha02'],
  vars: {
    registry_images: images.map((image) => ({
      image: `google_containers/${image}`,
      url: `{{ lab_server }}/images/${image.split(':')[0]}.tar`,
      checksum: '{{ lab_sums }}',
    })),
    // There are no masters to balance.
    haproxy_services: [
      { name: 'registry-5000', port: 5000, group: 'registry', mode: 'http', check: 'http', check_uri: '/v2/' },
    ],
  },
});
const hosts = ['--limit', 'k8s-ha01,k8s-ha02'];
const playbooks = ['playbooks/loadbalancers.yml', 'playbooks/registries.yml'];

test.serial('registries on both load balancers are filled from archives', async (t) => {
  await lab('reset', 'k8s-ha01', 'k8s-ha02', 'k8s-node01');
  await succeeds(t, ['playbooks/hosts.yml', '-i', behind, ...hosts]);
  await succeeds(t, [...playbooks, '-i', behind, ...hosts]);
  for (const registry of ['172.31.3.104:5000', '172.31.3.105:5000', address]) {
    const listed = await onHost(
      'k8s-ha02',
      `skopeo list-tags --tls-verify=false docker://${registry}/google_containers/pause`,
    );
    t.deepEqual((JSON.parse(listed) as { Tags: string[] }).Tags, ['3.2'], registry);
  }
});

test.serial('a second run and --check change nothing', async (t) => {
  unchanged(t, await succeeds(t, [...playbooks, '-i', behind, ...hosts]));
  unchanged(t, await succeeds(t, [...playbooks, '-i', behind, ...hosts, '--check']));
});

test.serial('verify.yml shows the address and the page of statistics, and tells its password to nobody', async (t) => {
  const verified = await succeeds(t, [
    'playbooks/verify.yml',
    '-i',
    behind,
    ...hosts,
    '--tags',
    'loadbalancers',
    '-vvv',
  ]);
  t.notRegex(verified.stdout + verified.stderr, /lab-only/);
  await onHost('k8s-ha01', 'systemctl stop docker-registry');
  await onHost('k8s-ha02', 'systemctl stop docker-registry');
  await pause(10_000);
  const down = await kplay(['playbooks/verify.yml', '-i', behind, ...hosts, '--tags', 'loadbalancers']);
  t.is(down.code, 2);
  t.regex(trouble(down), /No server answers of: registry-5000/);
  await succeeds(t, [...playbooks, '-i', behind, ...hosts]);
});

test.serial('a node pulls through the virtual address, also when one registry is gone', async (t) => {
  const mirrors = { containerd_mirrors: { [address]: [{ url: `http://${address}` }] } };
  await succeeds(t, [
    'playbooks/hosts.yml',
    'playbooks/cluster.yml',
    '--limit',
    'k8s-node01',
    '--tags',
    'sources,base,containerd',
    '-e',
    JSON.stringify(mirrors),
  ]);
  await pull(t, images[0]!);
  for (const gone of ['k8s-ha01', 'k8s-ha02']) {
    await onHost(gone, 'systemctl stop docker-registry');
    await onHost('k8s-node01', `ctr -n k8s.io images rm ${address}/google_containers/${images[1]}`);
    await pause(10_000);
    await pull(t, images[1]!);
    await onHost(gone, 'systemctl start docker-registry');
    await pause(5_000);
  }
});

test.serial(
  'a registry whose program comes from an archive, with TLS and passwords, is filled from another one',
  async (t) => {
    const archive = path.join(folder, 'registry.tar.gz');
    // The form of a release, with Debian's program in it.
    await run('sh', [
      '-c',
      `dpkg-deb --fsys-tarfile "$1" | tar -x -C "$2" ./usr/bin/docker-registry && cd "$2" &&
    mv usr/bin/docker-registry registry && tar -czf "$3" registry`,
      'sh',
      pooled('docker-registry_'),
      folder,
      archive,
    ]);
    const [certificate, key] = [path.join(folder, 'own.crt'), path.join(folder, 'own.key')];
    await run('openssl', [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=registry.lab',
      '-keyout',
      key,
      '-out',
      certificate,
    ]);
    const own = (password: string, names: readonly string[], checksum = sumOf(archive)) =>
      inventory('own', {
        hosts: ['k8s-node01'],
        vars: {
          registry_method: 'binary',
          registry_binary: archive,
          registry_binary_checksum: checksum,
          registry_port: 443,
          registry_certificate: certificate,
          registry_key: key,
          registry_users: names.map((name) => ({ name, password })),
          registry_images: [
            { image: 'mirror/pause:3.2', from: `${address}/google_containers/pause:3.2`, insecure: true },
          ],
        },
      });
    const there = ['playbooks/registries.yml', '--limit', 'k8s-node01', '-i'];
    const wrong = await kplay([...there, own('first word', ['puller', 'other'], `sha256:${'0'.repeat(64)}`)]);
    t.is(wrong.code, 2);
    const first = await succeeds(t, [...there, own('first word', ['puller', 'other']), '-vvv']);
    t.notRegex(first.stdout, /first word/);
    const inspect = (login: string) =>
      onHost('k8s-node01', `skopeo inspect --tls-verify=false ${login} docker://172.31.3.108:443/mirror/pause:3.2`);
    await t.throwsAsync(inspect(''), { message: /unauthorized|authentication required/ });
    t.regex(await inspect('--creds "puller:first word"'), /"Digest": "sha256:/);
    t.regex(await onHost('k8s-node01', 'openssl s_client -connect 172.31.3.108:443 </dev/null 2>&1'), /registry\.lab/);
    unchanged(t, await succeeds(t, [...there, own('first word', ['puller', 'other'])]));
    // Another password for the one, and the other is gone.
    const second = await succeeds(t, [...there, own('second word', ['puller'])]);
    t.true(changes(second).some((change) => change.includes('Set passwords')));
    t.regex(await inspect('--creds "puller:second word"'), /"Digest"/);
    await t.throwsAsync(inspect('--creds "puller:first word"'));
    t.is(await onHost('k8s-node01', 'cut -d : -f 1 /etc/docker/registry/htpasswd'), 'puller\n');
    t.is(
      await onHost(
        'k8s-node01',
        'stat -c %a /var/lib/kplay/registry/config.json /etc/docker/registry/tls/registry.key',
      ),
      '600\n600\n',
    );
  },
);

test.serial('what haproxy or keepalived would not take is refused, and what runs stays', async (t) => {
  const before = await onHost('k8s-ha01', 'cat /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf');
  const refused = await kplay([
    ...playbooks,
    '-i',
    behind,
    ...hosts,
    '-e',
    JSON.stringify({ haproxy_extra: 'nonsense here' }),
  ]);
  t.is(refused.code, 2);
  t.regex(trouble(refused), /nonsense/);
  const other = await kplay([
    ...playbooks,
    '-i',
    behind,
    ...hosts,
    '--tags',
    'keepalived',
    '-e',
    'keepalived_interface=none0',
  ]);
  t.is(other.code, 2, trouble(other));
  t.is(await onHost('k8s-ha01', 'cat /etc/haproxy/haproxy.cfg /etc/keepalived/keepalived.conf'), before);
  t.regex(await onHost('k8s-node01', `curl -s http://${address}/v2/_catalog`), /google_containers/);
});

test.serial(
  'haproxy with Lua and keepalived are built from source, once, and the package can take over again',
  async (t) => {
    const source = path.join(folder, 'source.json');
    const archives = '{{ lab_server }}/archives';
    const vars = {
      haproxy_method: 'source',
      // What Debian's source package has; the roles' own default is another one.
      haproxy_version_wanted: '2.6.12',
      haproxy_archive: `${archives}/haproxy-2.6.12.tar.gz`,
      haproxy_checksum: `sha256:${archives}/SHA256SUMS`,
      haproxy_lua_archive: `${archives}/lua-5.4.4.tar.gz`,
      // Without optimization it is built in a third of the time.
      haproxy_build_options:
        'TARGET=linux-glibc USE_PCRE2=1 USE_OPENSSL=1 USE_ZLIB=1 USE_SYSTEMD=1 CPU_CFLAGS=-O0 DEBUG_CFLAGS=',
      keepalived_build_options: '--disable-fwmark CFLAGS=-O0',
      keepalived_method: 'source',
      keepalived_archive: `${archives}/keepalived-2.2.7.tar.gz`,
    };
    writeFileSync(source, JSON.stringify({ all: { vars } }));
    const one = ['playbooks/loadbalancers.yml', '-i', behind, '--limit', 'k8s-ha02'];
    const built = await succeeds(t, [...one, '-i', source]);
    t.log(`built in ${built.duration.toFixed(0)} s`);
    const programs = `for name in haproxy keepalived; do
    readlink "/proc/$(systemctl show -p MainPID $name | cut -d = -f 2)/exe"; done`;
    t.is(
      await onHost('k8s-ha02', programs),
      '/usr/local/haproxy/sbin/haproxy\n/usr/local/keepalived/sbin/keepalived\n',
    );
    t.regex(
      await onHost('k8s-ha02', '/usr/local/haproxy/sbin/haproxy -vv'),
      /version 2\.6\.12[\s\S]*Built with Lua version : Lua 5\.4\.4/,
    );
    t.regex(await onHost('k8s-ha02', '/usr/local/keepalived/sbin/keepalived -v 2>&1'), /v2\.2\.7/);
    unchanged(t, await succeeds(t, [...one, '-i', source]));
    unchanged(t, await succeeds(t, [...one, '-i', source, '--check']));
    await succeeds(t, ['playbooks/verify.yml', '-i', behind, ...hosts, '--tags', 'loadbalancers']);
    await succeeds(t, one);
    t.is(await onHost('k8s-ha02', programs), '/usr/sbin/haproxy\n/usr/sbin/keepalived\n');
  },
);

/** An inventory beside the lab's: who is in the group registry, and values. */
function inventory(
  name: string,
  content: { hosts: readonly string[]; vars: Readonly<Record<string, unknown>> },
): string {
  const file = path.join(folder, `${name}.json`);
  const members = Object.fromEntries(content.hosts.map((host) => [host, {}]));
  writeFileSync(file, JSON.stringify({ registry: { hosts: members }, all: { vars: content.vars } }));
  return file;
}

/** A Debian package in the lab's repository. */
function pooled(start: string): string {
  const pool = path.join(folders.www, 'debian', 'pool');
  return path.join(pool, readdirSync(pool).find((file) => file.startsWith(start))!);
}

function sumOf(file: string): string {
  return `sha256:${createHash('sha256').update(readFileSync(file)).digest('hex')}`;
}

async function pull(t: ExecutionContext, image: string): Promise<void> {
  const name = `${address}/google_containers/${image}`;
  await onHost('k8s-node01', `ctr -n k8s.io images pull --hosts-dir /etc/containerd/certs.d ${name}`);
  t.regex(await onHost('k8s-node01', 'ctr -n k8s.io images list -q'), new RegExp(`^${name}$`, 'm'));
}
