import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../../temporary.ts';
import { labEnvironment } from '../environment.ts';
import { defaultOffer, releases, takeKubernetes } from '../releases.ts';
import { sourceFolder } from '../settings.ts';

test('the lab serves what is named, 1.20 where nothing is', (t) => {
  t.deepEqual(takeKubernetes(['k8s-node01']), { offer: defaultOffer, rest: ['k8s-node01'] });
  const { offer, rest } = takeKubernetes(['--kubernetes', '1.37', 'k8s-node01', '--kubernetes=1.36']);
  t.false(offer.old);
  t.deepEqual(
    offer.releases.map((release) => release.minor),
    ['1.36', '1.37'],
  );
  t.deepEqual(rest, ['k8s-node01']);
  t.deepEqual(takeKubernetes(['--kubernetes', '1.20']).offer, defaultOffer);
});

test('a version that the lab has not is refused', (t) => {
  const message = /the lab has no Kubernetes "(1\.35)?"; it has 1\.20, 1\.36, 1\.37/;
  t.throws(() => takeKubernetes(['--kubernetes', '1.35']), { message });
  t.throws(() => takeKubernetes(['--kubernetes']), { message });
});

test('a release is of the minor version that it is listed under, and its etcd is served by its own name too', (t) => {
  for (const { minor, version, etcd, etcdTags } of releases) {
    t.true(version.startsWith(`${minor}.`));
    t.true(etcdTags.includes(`${etcd}-0`));
  }
});

const withApt = existsSync('/usr/lib/apt/apt-helper') ? test : test.skip;

withApt('official releases are fetched and compared with their sums', async (t) => {
  const served = temporaryDirectory('kplay-releases');
  const { dl, stop } = await serve(served);
  const folder = path.join(served, 'v1.37.2/bin/linux/amd64');
  mkdirSync(folder, { recursive: true });
  for (const name of ['kubeadm', 'kubectl', 'kubelet', ...control]) {
    writeFileSync(path.join(folder, name), `the program ${name}`);
    writeFileSync(path.join(folder, `${name}.sha256`), sum(path.join(folder, name)));
  }
  const out = path.join(served, 'out');
  t.is(await fetchRelease('kube', '1.37.2', out, dl), 0);
  t.deepEqual(readdirSync(out).sort(), ['kubeadm', 'kubectl', 'kubelet', ...control].sort());
  t.is(statSync(path.join(out, 'kubelet')).mode & 0o777, 0o755);

  writeFileSync(path.join(folder, 'kubelet'), 'another program');
  t.not(await fetchRelease('kube', '1.37.2', path.join(served, 'again'), dl), 0);
  stop();
});

withApt('an archive of a release gives its programs', async (t) => {
  const served = temporaryDirectory('kplay-releases');
  const { dl, stop } = await serve(served);
  const folder = path.join(served, 'etcd-io/etcd/releases/download/v3.7.3');
  const inside = path.join(served, 'etcd-v3.7.3-linux-amd64');
  for (const name of [folder, inside]) mkdirSync(name, { recursive: true });
  for (const name of ['etcd', 'etcdctl', 'etcdutl', 'README.md']) writeFileSync(path.join(inside, name), name);
  const archive = path.join(folder, `${path.basename(inside)}.tar.gz`);
  execFileSync('tar', ['-czf', archive, '-C', served, path.basename(inside)]);
  writeFileSync(
    path.join(folder, 'SHA256SUMS'),
    `${'0'.repeat(64)}  another\n${sum(archive)}  ${path.basename(archive)}\n`,
  );
  const out = path.join(served, 'out');
  t.is(await fetchRelease('etcd', '3.7.3', out, dl), 0);
  t.deepEqual(readdirSync(out).sort(), ['etcd', 'etcdctl', 'etcdutl']);
  stop();
});

const control = ['kube-apiserver', 'kube-controller-manager', 'kube-proxy', 'kube-scheduler'];

function sum(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/** Serves a folder in place of dl.k8s.io and github.com. */
async function serve(folder: string): Promise<{ readonly dl: string; stop(): void }> {
  const server = createServer((request, response) => {
    const file = path.join(folder, request.url ?? '');
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    dl: `http://127.0.0.1:${port}`,
    stop: () => {
      server.close();
      server.closeAllConnections();
    },
  };
}

async function fetchRelease(part: string, version: string, out: string, dl: string): Promise<number> {
  const script = path.join(sourceFolder, 'build', 'release.sh');
  const environment = { ...labEnvironment({}), KPLAY_LAB_DL: dl, KPLAY_LAB_GITHUB: dl };
  const child = spawn('/bin/sh', [script, part, version, out], { env: environment, stdio: 'ignore' });
  const [code] = (await once(child, 'close')) as [number];
  return code;
}
