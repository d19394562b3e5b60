import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type ConnectionSettings, TransferError } from '../../runner/connection/connection.ts';
import { createConnection } from '../../runner/connection/create.ts';
import { temporaryDirectory } from '../temporary.ts';
import { eventually } from './ways.ts';

const settings: ConnectionSettings = {
  kind: 'local',
  host: 'localhost',
  connectTimeoutSeconds: 10,
  hostKeyChecking: true,
};
const connection = createConnection(settings);
test.after.always(() => connection.close());

function newFolder(): string {
  return temporaryDirectory('kplay-transfer');
}

for (const size of [0, 1, 4096, 262_144, 262_145, 5_000_000]) {
  test(`${size} bytes go there and back`, async (t) => {
    const folder = newFolder();
    const bytes = Buffer.alloc(size, "\0\xff'\n\x1eabc", 'latin1');
    const file = join(folder, "it's a file");
    await connection.send(bytes, file, {});
    t.true(readFileSync(file).equals(bytes));
    writeFileSync(join(folder, 'source'), bytes);
    await connection.send(join(folder, 'source'), file, {});
    t.true(readFileSync(file).equals(bytes));
    await connection.fetch(file, join(folder, 'back'));
    t.true(readFileSync(join(folder, 'back')).equals(bytes));
    t.deepEqual(readdirSync(folder).sort(), ['back', "it's a file", 'source']);
  });
}

test('the mode is the one given, else that of the replaced file, else what the umask leaves', async (t) => {
  const folder = newFolder();
  const mode = (name: string) => (statSync(join(folder, name)).mode & 0o7777).toString(8);
  await connection.send(Buffer.from('a'), join(folder, 'new'), {});
  t.is(mode('new'), (0o666 & ~process.umask()).toString(8));
  chmodSync(join(folder, 'new'), 0o741);
  await connection.send(Buffer.from('b'), join(folder, 'new'), {});
  t.is(mode('new'), '741');
  await connection.send(Buffer.from('c'), join(folder, 'new'), { mode: '0600' });
  t.is(mode('new'), '600');
  await connection.send(Buffer.from('d'), join(folder, 'new'), { mode: 'u+x,g=r' });
  t.is(mode('new'), '740');
});

test('a link is replaced, not what it leads to', async (t) => {
  const folder = newFolder();
  mkdirSync(join(folder, 'directory'));
  writeFileSync(join(folder, 'file'), 'theirs');
  for (const target of ['file', 'directory', 'nowhere', 'link']) {
    symlinkSync(target, join(folder, 'link'));
    await connection.send(Buffer.from(target), join(folder, 'link'), {});
    t.true(lstatSync(join(folder, 'link')).isFile());
    t.is(readFileSync(join(folder, 'link'), 'utf8'), target);
    rmSync(join(folder, 'link'));
  }
  t.is(readFileSync(join(folder, 'file'), 'utf8'), 'theirs');
  t.deepEqual(readdirSync(join(folder, 'directory')), []);
});

test('a host that refuses says why, and nothing is left behind', async (t) => {
  const folder = newFolder();
  const fails = (destination: string, attributes: object, message: RegExp, size = 3) =>
    t.throwsAsync(connection.send(Buffer.alloc(size), destination, attributes), { instanceOf: TransferError, message });
  await fails(join(folder, 'no/such'), {}, /cannot write .*no\/such: .*(nonexistent|No such file)/);
  await fails(join(folder, 'no/such'), {}, /cannot write/, 4_000_000);
  await fails(folder, {}, /Is a directory/);
  await fails(join(folder, 'x'), { mode: 'nonsense' }, /invalid mode/);
  await fails(join(folder, 'x'), { owner: 'no-such-user' }, /invalid user/);
  await t.throwsAsync(connection.send(join(folder, 'missing'), join(folder, 'x'), {}), {
    message: /cannot read .*ENOENT/,
  });
  await t.throwsAsync(connection.fetch(join(folder, 'missing'), join(folder, 'x')), {
    message: /cannot read .*No such file/,
  });
  await t.throwsAsync(connection.fetch(folder, join(folder, 'x')), { message: /Is a directory/ });
  await t.throwsAsync(connection.fetch('/etc/passwd', join(folder, 'no/such')), { message: /cannot write .*here/ });
  t.deepEqual(readdirSync(folder), []);
  t.is((await connection.run({ script: 'echo works' })).stdout, 'works\n');
});

test('a disk that is full', async (t) => {
  const folder = newFolder();
  const shell = join(folder, 'sh');
  // A limit of the file size stands for a full disk: dd's write fails in the middle.
  writeFileSync(shell, '#!/bin/sh\ntrap "" XFSZ\nulimit -f 500\nexec /bin/sh "$@"\n', { mode: 0o755 });
  const small = createConnection({ ...settings, shell });
  const target = join(folder, 'target');
  writeFileSync(target, 'before');
  await t.throwsAsync(small.send(Buffer.alloc(9_000_000), target, {}), {
    instanceOf: TransferError,
    message: /cannot write .*target: .*File too large/,
  });
  t.is(readFileSync(target, 'utf8'), 'before');
  t.deepEqual(readdirSync(folder).sort(), ['sh', 'target']);
  const stored = await small.run({ script: 'wc -c', stdin: Buffer.alloc(9_000_000) });
  t.not(stored.rc, 0);
  t.regex(stored.stderr, /standard input could not be stored: .*File too large/s);
  t.is((await small.run({ script: 'echo works' })).stdout, 'works\n');
  await small.close();
});

test('a local file that becomes shorter leaves nothing there', async (t) => {
  const folder = newFolder();
  const source = join(folder, 'source');
  writeFileSync(source, '');
  truncateSync(source, 1_000_000_000);
  // The host's dd waits until the file has become shorter: more is on the way than fits into pipes by then.
  const [bin, started, go] = ['bin', 'started', 'go'].map((name) => join(newFolder(), name)) as [
    string,
    string,
    string,
  ];
  mkdirSync(bin);
  const dd = `#!/bin/sh\n: >'${started}'\nwhile [ ! -e '${go}' ]; do sleep 0.05; done\nPATH=\${PATH#*:} exec dd "$@"\n`;
  writeFileSync(join(bin, 'dd'), dd, { mode: 0o755 });
  const own = createConnection(settings, { environment: { ...process.env, PATH: `${bin}:${process.env.PATH}` } });
  t.teardown(() => own.close());
  const sending = t.throwsAsync(own.send(source, join(folder, 'target'), {}), {
    instanceOf: TransferError,
    message: /became shorter/,
  });
  t.true(await eventually(() => existsSync(started)));
  truncateSync(source, 1000);
  writeFileSync(go, '');
  await sending;
  t.true(await eventually(() => readdirSync(folder).length === 1));
  t.deepEqual(readdirSync(folder), ['source']);
});
