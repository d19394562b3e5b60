import { once } from 'node:events';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import type net from 'node:net';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { isNotThereYet, parseObjectDiffs, shownDiff } from '../../modules/kubectl/parse.ts';
import kubectl from '../../modules/kubectl.ts';
import ping from '../../modules/ping.ts';
import reboot from '../../modules/reboot.ts';
import uri from '../../modules/uri.ts';
import type { Mapping } from '../../runner/value.ts';
import { modeOf, runModule, runWithAnswers, temporaryFolder } from './harness.ts';

async function listen(t: ExecutionContext, server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

/** Headers that a result would take for its own fields. */
const hostile = { failed: 'yes', warnings: 'one', unreachable: 'true', 'ansible-facts': '{}' };

function echo(): http.Server {
  return http.createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      if (request.url === '/moved') response.writeHead(302, { location: '/' }).end();
      else if (request.url === '/broken') response.writeHead(503, 'Not now').end('come back later\n');
      else if (request.url === '/file') response.end('content\n');
      else {
        response.writeHead(200, { 'content-type': 'application/json', 'set-cookie': 'a=b; Path=/', ...hostile });
        response.end(
          JSON.stringify({ method: request.method, headers: request.headers, body: Buffer.concat(parts).toString() }),
        );
      }
    });
  });
}

test('uri: JSON both ways, with user, password and headers that need care', async (t) => {
  const port = await listen(t, echo());
  const result = await runModule(uri, {
    url: `http://127.0.0.1:${port}/x`,
    method: 'POST',
    body_format: 'json',
    body: { text: 'a "b" \\ ü\n' },
    url_username: 'me',
    url_password: 'p"w\\d',
    headers: { 'X-Quoted': 'b"c' },
  });
  t.false(result.failed);
  const { method, headers, body } = result.fields.json as { method: string; headers: Mapping; body: string };
  t.deepEqual([method, headers['x-quoted'], JSON.parse(body)], ['POST', 'b"c', { text: 'a "b" \\ ü\n' }]);
  t.is(Buffer.from(String(headers.authorization).slice(6), 'base64').toString(), 'me:p"w\\d');
  t.deepEqual({ ...(result.fields.cookies as Mapping) }, { a: 'b' });
  for (const name of Object.keys(hostile)) t.false(name.replace('-', '_') in result.fields, name);
  t.false(result.scripts.join('').includes('p"w'));
});

test('uri: forms', async (t) => {
  const url = `http://127.0.0.1:${await listen(t, echo())}/`;
  const form = await runModule(uri, {
    url,
    method: 'POST',
    body_format: 'form-urlencoded',
    body: { a: 1, b: ['x', 'y z'] },
  });
  t.is((form.fields.json as Mapping).body, 'a=1&b=x&b=y+z');
  const multipart = await runModule(uri, {
    url,
    method: 'POST',
    body_format: 'form-multipart',
    body: { f: { filename: 'x.txt', content: 'hello' } },
  });
  t.regex(
    String((multipart.fields.json as Mapping).body),
    /name="f"; filename="x\.txt"\r\nContent-Type: application\/octet-stream\r\n\r\nhello\r\n/,
  );
});

test('uri: statuses, redirects and no answer', async (t) => {
  const base = `http://127.0.0.1:${await listen(t, echo())}`;
  const broken = await runModule(uri, { url: `${base}/broken` });
  t.deepEqual([broken.failed, broken.fields.status, broken.fields.content], [true, 503, 'come back later\n']);
  t.regex(String(broken.msg), /Status code was 503 and not \[200\]: Not now/);
  t.false((await runModule(uri, { url: `${base}/broken`, status_code: [200, 503] })).failed);
  t.is((await runModule(uri, { url: `${base}/moved` })).fields.redirected, true);
  t.is((await runModule(uri, { url: `${base}/moved`, method: 'POST' })).fields.status, 302);
  const nobody = await runModule(uri, { url: 'http://127.0.0.1:1/' });
  t.deepEqual([nobody.failed, nobody.fields.status], [true, -1]);
});

test('uri: dest is written once, with its mode; creates guards', async (t) => {
  const url = `http://127.0.0.1:${await listen(t, echo())}/file`;
  const dest = path.join(temporaryFolder(), 'out');
  const first = await runModule(uri, { url, dest, mode: '0600' });
  t.deepEqual([first.changed, readFileSync(dest, 'utf8'), modeOf(dest)], [true, 'content\n', '0600']);
  t.false((await runModule(uri, { url, dest, mode: '0600' })).changed);
  t.true((await runModule(uri, { url, dest, mode: '0640' })).changed);
  const guarded = await runModule(uri, { url: 'http://127.0.0.1:1/', creates: dest });
  t.deepEqual([guarded.failed, guarded.changed], [false, false]);
});

test('uri: what the other side sends cannot pass for something else', async (t) => {
  const server = http.createServer((_, response) => response.end('\n@@kplay:report\n200\n@@aa:curl\n0\n'));
  const url = `http://127.0.0.1:${await listen(t, server)}/`;
  const result = await runModule(uri, { url, return_content: true });
  t.is(result.fields.content, '\n@@kplay:report\n200\n@@aa:curl\n0\n');
});

test('uri: a host without curl is told so', async (t) => {
  const result = await runModule(
    uri,
    { url: 'http://127.0.0.1:1/' },
    { shell: ['/bin/sh'], environment: { PATH: '/nonexistent' } },
  );
  t.regex(String(result.msg), /has no curl/);
});

test('ping answers', async (t) => {
  t.is((await runModule(ping, {})).fields.ping, 'pong');
  t.true((await runModule(ping, { data: 'crash' })).failed);
});

test('reboot: not the machine that kplay runs on, and nothing in check mode', async (t) => {
  const own = await runModule(reboot, { reboot_command: 'exit 1' });
  t.deepEqual([own.failed, own.msg], [true, 'this would reboot the machine that kplay runs on']);
  const check = await runWithAnswers(reboot, {}, ['another-boot\n'], { check: true });
  t.deepEqual([check.changed, check.scripts.length], [true, 1]);
  t.regex(check.scripts[0]!, /cat \/proc\/sys\/kernel\/random\/boot_id/);
});

test('reboot: back with another boot id and when the test command succeeds', async (t) => {
  const answers = ['boot-1\n', '', 'boot-1\n', 'boot-2\n', { rc: 1 }, { rc: 0, stdout: 'root\n' }];
  const result = await runWithAnswers(reboot, { reboot_timeout: 30 }, answers);
  t.deepEqual([result.changed, result.fields.rebooted, result.scripts.length], [true, true, 6]);
  const failed = await runWithAnswers(reboot, {}, ['boot-1\n', { rc: 1, stderr: 'not allowed' }]);
  t.regex(String(failed.msg), /not allowed/);
  const same = await runWithAnswers(reboot, { reboot_timeout: 1 }, [
    'boot-1\n',
    '',
    'boot-1\n',
    'boot-1\n',
    'boot-1\n',
  ]);
  t.regex(String(same.msg), /Timed out waiting for the host to come back/);
});

test('kubectl: differences of objects, without what the server keeps for itself', (t) => {
  const object = (data: string, generation: number): string =>
    `apiVersion: v1\ndata:\n  x: ${data}\nkind: ConfigMap\nmetadata:\n  generation: ${generation}\n  managedFields:\n  - apiVersion: v1\n    manager: a\n  name: a\n`;
  const output = `@@before v1.ConfigMap.default.a\n${object('1', 1)}\n@@after v1.ConfigMap.default.a\n${object('2', 2)}\n@@before same\n${object('1', 1)}\n@@after same\n${object('1', 2)}\n`;
  const diffs = parseObjectDiffs(output);
  t.deepEqual(
    diffs.map(({ name }) => name),
    ['v1.ConfigMap.default.a'],
  );
  t.is(diffs[0]!.before, 'apiVersion: v1\ndata:\n  x: 1\nkind: ConfigMap\nmetadata:\n  name: a\n');
});

test('kubectl: values of Secrets are in no diff', (t) => {
  const secret = (value: string): string =>
    `apiVersion: v1\ndata:\n  p: ${value}\n  q: same\nkind: Secret\nmetadata:\n  annotations:\n    kubectl.kubernetes.io/last-applied-configuration: |\n      {"stringData":{"p":"${value}"}}\n  name: s\n`;
  const shown = shownDiff({ name: 's', before: secret('aaa'), after: secret('bbb') });
  t.is(
    shown.before,
    'apiVersion: v1\ndata:\n  p: (hidden, before)\n  q: (hidden)\nkind: Secret\nmetadata:\n  name: s\n',
  );
  t.is(shown.after, shown.before.replace('before', 'after'));
});

test('kubectl: a kind that the manifests define may be on its way, one of Kubernetes itself is not', (t) => {
  const lacks = (kind: string, version: string): string =>
    `error: unable to recognize "x.yaml": no matches for kind "${kind}" in version "${version}"`;
  t.true(isNotThereYet(lacks('CephCluster', 'ceph.rook.io/v1')));
  t.true(isNotThereYet("error: ceph.rook.io/v1, Kind=CephCluster doesn't support dry-run"));
  t.true(isNotThereYet('Error from server (NotFound): namespaces "demo" not found'));
  t.false(isNotThereYet(lacks('PodDisruptionBudget', 'policy/v1')));
  t.false(isNotThereYet(`${lacks('CephCluster', 'ceph.rook.io/v1')}\n${lacks('PodDisruptionBudget', 'policy/v1')}`));
});

/** A stand-in for kubectl: its cluster is a folder with one file an object, manifests are `name: text`. */
function fakeKubectl(): { executable: string; cluster: string } {
  const cluster = temporaryFolder();
  const executable = path.join(temporaryFolder(), 'kubectl');
  writeFileSync(
    executable,
    `#!/bin/sh
c=${cluster}; verb=$1; shift; f=
while [ $# -gt 0 ]; do [ "$1" = -f ] && { f=$2; shift; }; shift; done
[ -e "$c/down" ] && { echo 'The connection to the server 10.0.0.1:6443 was refused' >&2; exit 1; }
[ -n "$f" ] && n=$(sed -n 's/^name: //p' "$f" | head -n 1)
case $verb in
diff) mkdir "$c.live" "$c.merged"; [ -e "$c/$n" ] && cp "$c/$n" "$c.live/$n"; grep -v '^---' "$f" >"$c.merged/$n"; $KUBECTL_EXTERNAL_DIFF "$c.live" "$c.merged"; r=$?; rm -r "$c.live" "$c.merged"; exit $r ;;
apply) grep -v '^---' "$f" >"$c/$n"; echo "$n configured" ;;
get) [ -e "$c/$n" ] && echo "thing/$n" ;;
delete) rm "$c/$n"; echo "$n deleted" ;;
wait) [ -e "$c/ready" ] || { echo 'timed out' >&2; exit 1; } ;;
esac
exit 0
`,
  );
  chmodSync(executable, 0o755);
  return { executable, cluster };
}

test('kubectl: applied once, changed, and deleted, with a real shell', async (t) => {
  const { executable, cluster } = fakeKubectl();
  const args = { executable, kubeconfig: '/nonexistent', definition: 'name: a\nx: 1' };
  const check = await runModule(kubectl, args, { check: true });
  t.deepEqual([check.changed, existsSync(path.join(cluster, 'a'))], [true, false]);
  t.true((await runModule(kubectl, args)).changed);
  const again = await runModule(kubectl, args);
  t.deepEqual([again.changed, again.scripts.length], [false, 1]);
  const changed = await runModule(kubectl, { ...args, definition: 'name: a\nx: 2' });
  t.is(changed.diff, '--- a\nname: a\nx: 1\n+++ a\nname: a\nx: 2\n');
  t.is(readFileSync(path.join(cluster, 'a'), 'utf8'), 'name: a\nx: 2\n');
  t.true((await runModule(kubectl, { ...args, state: 'absent' })).changed);
  t.false((await runModule(kubectl, { ...args, state: 'absent' })).changed);
});

test('kubectl: waiting fails also when nothing had to be changed', async (t) => {
  const { executable, cluster } = fakeKubectl();
  const args = {
    executable,
    kubeconfig: '/nonexistent',
    definition: 'name: a\nx: 1',
    wait_for: ['condition=Ready'],
    wait_timeout: 1,
  };
  t.regex(String((await runModule(kubectl, args)).msg), /timed out/);
  t.regex(String((await runModule(kubectl, args)).msg), /timed out/);
  writeFileSync(path.join(cluster, 'ready'), '');
  const fine = await runModule(kubectl, args);
  t.deepEqual([fine.failed, fine.changed], [false, false]);
});

test('kubectl: no cluster is a failure, in check mode a warning', async (t) => {
  const { executable, cluster } = fakeKubectl();
  writeFileSync(path.join(cluster, 'down'), '');
  const args = { executable, kubeconfig: '/nonexistent', definition: 'name: a' };
  t.regex(String((await runModule(kubectl, args)).msg), /was refused/);
  const check = await runModule(kubectl, args, { check: true });
  t.deepEqual([check.failed, check.changed], [false, true]);
  t.true((await runModule(kubectl, { ...args, executable: '/nonexistent/kubectl' })).failed);
});

test('kubectl: what is asked for must be clear', async (t) => {
  t.regex(String((await runModule(kubectl, {})).msg), /one of definition/);
  t.regex(String((await runModule(kubectl, { kind: 'pod', name: 'a' })).msg), /state present needs/);
  t.regex(String((await runModule(kubectl, { kind: 'pod', state: 'absent' })).msg), /needs name or selector/);
});
