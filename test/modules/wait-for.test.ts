import { once } from 'node:events';
import { existsSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import type { ExecutionContext } from 'ava';
import test from 'ava';
import { addressesOf, countConnections, hexAddress } from '../../modules/wait_for/conditions.ts';
import waitFor from '../../modules/wait_for.ts';
import type { Mapping } from '../../runner/value.ts';
import { isInstalled, runModule, shells, temporaryFolder } from './harness.ts';

async function listen(t: ExecutionContext, server: net.Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as net.AddressInfo).port;
}

function greeter(): net.Server {
  return net.createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-Test\r\n'));
}

for (const shell of shells) {
  test(`wait_for: ports with ${shell.join(' ')}`, async (t) => {
    const port = await listen(
      t,
      net.createServer((socket) => socket.on('error', () => {}).end('SSH-2.0-Test\r\n')),
    );
    t.false((await runModule(waitFor, { port }, { shell })).failed);
    const banner = await runModule(waitFor, { port, search_regex: 'SSH-(?P<version>[\\d.]+)', timeout: 5 }, { shell });
    t.deepEqual({ ...(banner.fields.match_groupdict as Mapping) }, { version: '2.0' });
    const open = await runModule(waitFor, { port, state: 'stopped', timeout: 1, msg: 'still open' }, { shell });
    t.deepEqual([open.failed, open.msg], [true, 'still open']);
    t.true((await runModule(waitFor, { port: 1, timeout: 1 }, { shell })).failed);
    t.false((await runModule(waitFor, { port: 1, state: 'stopped' }, { shell })).failed);
  });
}

test('wait_for: files and what they hold', async (t) => {
  const file = path.join(temporaryFolder(), 'log');
  t.regex(String((await runModule(waitFor, { path: file, timeout: 1 })).msg), /Timeout when waiting for file/);
  t.false((await runModule(waitFor, { path: file, state: 'absent' })).failed);
  writeFileSync(file, 'first\nready on port 80\n');
  const found = await runModule(waitFor, { path: file, search_regex: '^ready on port (\\d+)$' });
  t.deepEqual(found.fields.match_groups, ['80']);
  t.true((await runModule(waitFor, { path: file, search_regex: 'never', timeout: 1 })).failed);
});

test('wait_for: a file that comes later', async (t) => {
  const file = path.join(temporaryFolder(), 'later');
  setTimeout(() => writeFileSync(file, ''), 300);
  t.false((await runModule(waitFor, { path: file, timeout: 20 })).failed);
});

test('wait_for: connections of the kernel’s list', (t) => {
  t.is(hexAddress('0100007F'), '127.0.0.1');
  t.is(hexAddress('0000000000000000FFFF00000100007F'), '127.0.0.1');
  const line = (local: string, remote: string, state: string): string =>
    `   0: ${local} ${remote} ${state} 00000000:00000000`;
  const list = [
    line('0100007F:0050', '00000000:0000', '0A'),
    line('0100007F:0050', '0200007F:C350', '01'),
    line('0100007F:0051', '0200007F:C350', '01'),
  ].join('\n');
  const filter = { addresses: [], port: 80, excluded: [], states: ['01'] };
  t.is(countConnections(list, filter), 1);
  t.is(countConnections(list, { ...filter, excluded: ['127.0.0.2'] }), 0);
  t.is(countConnections(list, { ...filter, addresses: ['192.0.2.1'] }), 0);
});

/** A PATH that has what every host has, these programs, and these stand-ins (sh text by name). */
function pathWith(programs: readonly string[], standIns: Readonly<Record<string, string>> = {}): string {
  const folder = temporaryFolder();
  for (const name of ['cat', 'grep', 'sh', 'timeout', 'true', 'awk', ...programs]) {
    const found = ['/usr/bin', '/bin'].map((place) => path.join(place, name)).find(existsSync);
    if (found) symlinkSync(found, path.join(folder, name));
  }
  for (const [name, text] of Object.entries(standIns)) {
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  }
  return folder;
}

/** What nc without -z says: busybox's, ncat's, a GNU one's; and a bash that was built without /dev/tcp. */
const cannotTell: Readonly<Record<string, string>> = {
  nc: 'echo "nc: invalid option -- \'z\'" >&2; exit 1',
  bash: 'echo "bash: line 1: /dev/tcp/127.0.0.1/1: No such file or directory" >&2; exit 1',
  perl: 'echo "Can\'t locate IO/Socket/INET.pm in @INC" >&2; exit 2',
  curl: 'printf 0.000000; exit 1',
};

for (const tool of ['bash', 'python3', 'perl', 'curl', 'none']) {
  const hasIt = tool === 'none' || isInstalled(tool);
  (hasIt ? test : test.skip)(`wait_for: tools that cannot tell are passed over for ${tool}`, async (t) => {
    const port = await listen(t, greeter());
    const others = Object.entries(cannotTell).filter(([name]) => name !== tool);
    const environment = { PATH: pathWith([tool], Object.fromEntries(others)) };
    for (const shell of shells) {
      const options = { environment, shell: [`/bin/${shell[0]}`, ...shell.slice(1)] };
      const found = await runModule(waitFor, { port, timeout: 5 }, options);
      t.false(found.failed, String(found.msg));
      const open = await runModule(waitFor, { port, state: 'stopped', timeout: 1 }, options);
      t.is(open.msg, `Timeout when waiting for 127.0.0.1:${port} to stop.`);
      t.false((await runModule(waitFor, { port: 1, state: 'stopped', timeout: 5 }, options)).failed);
      if (tool === 'none' || tool === 'curl') continue;
      const banner = await runModule(waitFor, { port, search_regex: '^SSH-', timeout: 5 }, options);
      t.false(banner.failed, String(banner.msg));
    }
  });
}

test('wait_for: where nothing can tell of another host, that is said, whatever is waited for', async (t) => {
  const environment = { PATH: pathWith([], cannotTell) };
  for (const state of ['started', 'stopped']) {
    const result = await runModule(waitFor, { host: '192.0.2.1', port: 22, state, timeout: 1 }, { environment });
    t.true(result.failed);
    t.regex(String(result.msg), /nothing that can tell whether a port is open: bash, an nc that knows -z/);
  }
});

test('wait_for: it waits the whole time', async (t) => {
  const file = path.join(temporaryFolder(), 'never');
  const result = await runModule(waitFor, { path: file, timeout: 2, sleep: 5 });
  t.true(result.failed);
  t.true((result.fields.elapsed as number) >= 2);
});

test('wait_for: drained counts the connections of a host that is given by name, and fails for an unknown one', async (t) => {
  const server = net.createServer((socket) => socket.on('error', () => {}));
  const port = await listen(t, server);
  const client = net.connect(port, '127.0.0.1');
  await once(client, 'connect');
  const busy = await runModule(waitFor, { host: 'localhost', port, state: 'drained', timeout: 1 });
  client.destroy();
  t.true(busy.failed);
  t.regex(String(busy.msg), /to drain/);
  const unknown = await runModule(waitFor, { host: 'no-such-host.invalid', port, state: 'drained', timeout: 1 });
  t.regex(String(unknown.msg), /could not find the address of no-such-host\.invalid/);
  t.deepEqual(addressesOf('a', '@a 192.0.2.1\n@ab 192.0.2.2\n@a 2001:db8::1\n'), ['192.0.2.1', '2001:db8::1']);
});
