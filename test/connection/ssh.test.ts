import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import test from 'ava';
import { Unreachable } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import {
  begin,
  checkBackground,
  checkCommands,
  checkDaemon,
  checkTimeout,
  mark,
  remaining,
  runner,
} from './commands.ts';
import { startProxy } from './proxy.ts';
import { freePort, makeKey, missingSshd, startSshd, type TestSshd } from './sshd.ts';

const missing = missingSshd();
const withSshd = missing ? test.skip : test;
let sshd: TestSshd;

test.before(async (t) => {
  if (missing) t.log(`SKIPPED: ${missing}`);
  else sshd = await startSshd(['AllowTcpForwarding yes']);
});
test.after.always(() => sshd?.stop());

withSshd('commands', async (t) => {
  const connection = createConnection(sshd.settings);
  await checkCommands(t, runner(connection));
  await checkBackground(t, runner(connection), sshd.folder);
  await checkDaemon(t, runner(connection));
  await checkTimeout(t, runner(connection), mark(7301));
  await connection.close();
});

withSshd('limits longer than a timer of Node can take do not end at once', async (t) => {
  const sshArgs = `${sshd.settings.sshArgs ?? ''} -o ServerAliveInterval=3000000 -o ServerAliveCountMax=1`;
  const connection = createConnection({ ...sshd.settings, sshArgs, connectTimeoutSeconds: 3_000_000 });
  t.is((await connection.run({ script: 'sleep 0.2; echo here' })).stdout, 'here\n');
  await connection.close();
});

withSshd('more background processes than the server allows sessions', async (t) => {
  const connection = createConnection(sshd.settings);
  t.teardown(() => spawnSync('pkill', ['-f', `^sleep ${mark(7302)}`]));
  for (let n = 0; n < 14; n++)
    t.is((await connection.run({ script: `sleep ${mark(7302)}.${n} & echo ${n}` })).stdout, `${n}\n`);
  t.is((await connection.run({ script: remaining(mark(7302)) })).stdout, '14\n');
  await connection.close();
});

withSshd('close leaves nothing running', async (t) => {
  const connection = createConnection(sshd.settings);
  const { result } = await begin(connection, `sleep ${mark(7303)}.5 & sleep ${mark(7303)}.25`);
  const failure = t.throwsAsync(result, { instanceOf: Unreachable });
  await connection.close();
  await failure;
  const other = createConnection(sshd.settings);
  t.is((await other.run({ script: remaining(mark(7303)) })).stdout, '0\n');
  await other.close();
});

withSshd('a controller that is killed leaves nothing running', async (t) => {
  const program = join(sshd.folder, 'controller.mjs');
  const built = new URL('../../runner/connection/create.js', import.meta.url).href;
  writeFileSync(
    program,
    `import { createConnection } from ${JSON.stringify(built)};
const connection = createConnection(${JSON.stringify(sshd.settings)});
await connection.run({ script: 'echo up; exec sleep ${mark(7304)}.5', onOutput: () => console.log('up') });`,
  );
  const child = spawn(process.execPath, [program], { stdio: ['ignore', 'pipe', 'inherit'], cwd: packageRoot });
  await new Promise((resolve) => child.stdout.once('data', resolve));
  child.kill('SIGKILL');
  const connection = createConnection(sshd.settings);
  const wait = `i=0; while [ $i -lt 1200 ]; do r=$(${remaining(mark(7304))}); [ "$r" = 0 ] && break; sleep 0.1; i=$((i+1)); done; echo "$r"`;
  t.is((await connection.run({ script: wait })).stdout, '0\n');
  await connection.close();
});

withSshd('a host that dies in the middle is unreachable with the reason', async (t) => {
  const proxy = await startProxy(sshd.port);
  const sshArgs = `${sshd.settings.sshArgs} -o ServerAliveInterval=1 -o ServerAliveCountMax=2`;
  const settings = { ...sshd.settings, port: proxy.port, hostKeyChecking: false, sshArgs };
  const cut = createConnection(settings);
  const first = await begin(cut, `sleep ${mark(7305)}`);
  const lost = t.throwsAsync(first.result, { instanceOf: Unreachable, message: /lost: / });
  proxy.cut();
  await lost;
  t.is((await cut.run({ script: 'echo again' })).stdout, 'again\n');
  // Now it says nothing more at all, as after a power cut.
  const second = await begin(cut, `sleep ${mark(7305)}`);
  const silent = t.throwsAsync(second.result, {
    instanceOf: Unreachable,
    message: /lost: it has not answered for 3 s .*ServerAliveInterval/,
  });
  proxy.freeze();
  await silent;
  await cut.close();
  proxy.stop();
});

withSshd('a host that never answers is unreachable within the time limit', async (t) => {
  const server = createServer(() => {});
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const connection = createConnection({ ...sshd.settings, port, connectTimeoutSeconds: 0.5 });
  await t.throwsAsync(connection.open(), { instanceOf: Unreachable, message: /within 0.5 s/ });
  server.close();
});

withSshd('nobody listens there, or the name is unknown', async (t) => {
  const port = await freePort();
  await t.throwsAsync(createConnection({ ...sshd.settings, port }).open(), {
    instanceOf: Unreachable,
    message: new RegExp(`connect to host 127.0.0.1 port ${port}: Connection refused`),
  });
  await t.throwsAsync(createConnection({ ...sshd.settings, host: 'no-such-host.invalid' }).open(), {
    instanceOf: Unreachable,
    message: /Could not resolve hostname no-such-host.invalid/,
  });
});

withSshd('files go there and back through jump hosts and a ProxyCommand', async (t) => {
  const folder = temporaryDirectory('kplay-way');
  const config = join(folder, 'config');
  const common = `UserKnownHostsFile ${sshd.folder}/known_hosts\n  IdentityFile ${sshd.folder}/user_key\n  Port ${sshd.port}\n  HostName 127.0.0.1\n`;
  writeFileSync(
    config,
    `Host hop*\n  ${common}Host behind\n  ProxyJump hop1,hop2\n  ${common}Host piped\n  ProxyCommand bash -c 'exec 3<>/dev/tcp/%h/%p; cat <&3 & cat >&3'\n  ${common}Host broken\n  ProxyCommand bash -c '(sleep 0.3; echo no way there >&2) & exit 7'\n  ${common}`,
  );
  const at = (host: string) =>
    createConnection({ ...sshd.settings, port: undefined, privateKeyFile: undefined, host, sshArgs: `-F ${config}` });
  for (const host of ['behind', 'piped']) {
    const connection = at(host);
    const bytes = Buffer.alloc(700_000, host);
    await connection.send(bytes, join(folder, host), {});
    await connection.fetch(join(folder, host), join(folder, `${host}.back`));
    t.true(readFileSync(join(folder, `${host}.back`)).equals(bytes), host);
    t.false(existsSync(join(folder, `${host}.kplay`)));
    await connection.close();
  }
  await t.throwsAsync(at('broken').open(), { instanceOf: Unreachable, message: /ProxyCommand.*no way there/ });
});

withSshd('a jump host that does not forward, and a server that hangs up, are told in their words', async (t) => {
  const closed = await startSshd(['AllowTcpForwarding no']);
  t.teardown(() => closed.stop());
  const config = join(closed.folder, 'client');
  writeFileSync(
    config,
    `Host hop\n  HostName 127.0.0.1\n  Port ${closed.port}\n  IdentityFile ${closed.folder}/user_key\nHost *\n  UserKnownHostsFile ${closed.folder}/known_hosts\n`,
  );
  const behind = createConnection({ ...closed.settings, sshArgs: `-F ${config} -J hop` });
  await t.throwsAsync(behind.open(), {
    instanceOf: Unreachable,
    message: /through hop: hop does not forward to 127.0.0.1 port \d+: administratively prohibited.*AllowTcpForwarding/,
  });
  const server = createServer((client) => client.on('error', () => {}).end('Not allowed \x1b[31m at this time\r\n'));
  t.teardown(() => server.close());
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const error = await t.throwsAsync(createConnection({ ...sshd.settings, port }).open(), { instanceOf: Unreachable });
  t.regex(error.message, /; it said: Not allowed {2}\[31m at this time$/);
});

for (const [how, hangUp] of [
  ['at once', (client: Socket) => client.destroy()],
  ['with a reset', (client: Socket) => client.resetAndDestroy()],
  ['when it has heard us', (client: Socket) => client.once('data', () => client.resetAndDestroy())],
] as const) {
  test(`a server that hangs up behind its greeting, ${how}, is said to have done so`, async (t) => {
    const server = createServer((client) => {
      client.on('error', () => {}).write('SSH-2.0-OpenSSH_9.9\r\n', () => hangUp(client));
    });
    t.teardown(() => server.close());
    const port = await new Promise<number>((resolve) => {
      server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
    });
    const host = createConnection({
      kind: 'ssh',
      host: '127.0.0.1',
      port,
      connectTimeoutSeconds: 60,
      hostKeyChecking: false,
    });
    const error = await t.throwsAsync(host.open(), { instanceOf: Unreachable });
    // A reset may come so early that there is no connection yet.
    t.regex(error.message, /the host closed the connection before the login was done$|Connection reset by peer$/);
  });
}

withSshd('a server that hangs up for a setting of its own: the setting is named', async (t) => {
  const strict = await startSshd(['MaxAuthTries 1', 'AuthorizedKeysFile none']);
  t.teardown(() => strict.stop());
  const folder = temporaryDirectory('kplay-keys');
  for (const name of ['one', 'two', 'three']) makeKey(join(folder, name));
  const sshArgs = `${strict.settings.sshArgs} -i ${folder}/one -i ${folder}/two -i ${folder}/three`;
  for (const kind of ['ssh', 'openssh'] as const) {
    const connection = createConnection(
      { ...strict.settings, kind, sshArgs },
      { environment: { PATH: process.env.PATH } },
    );
    const message = /Too many authentication failures.*MaxAuthTries.*IdentitiesOnly=yes/;
    await t.throwsAsync(connection.open(), { instanceOf: Unreachable, message }, kind);
  }
});
