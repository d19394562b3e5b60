import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
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
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import test from 'ava';
import { digestIn } from '../../modules/get_url/checksum.ts';
import getUrl from '../../modules/get_url.ts';
import { downloadScript, plainDownload } from '../../modules/shared/http-download.ts';
import unarchive from '../../modules/unarchive.ts';
import { commandLines, isInstalled, modeOf, runModule, shells, temporaryFolder } from './harness.ts';

const body = 'the file\n';
const digest = createHash('sha256').update(body).digest('hex');
let server: Server;
let base: string;
const requests: string[] = [];
/** The command lines while the private file was being asked for. */
let seen = '';

test.before(async () => {
  server = createServer((request, response) => {
    requests.push(`${request.method} ${request.url}`);
    if (request.url === '/moved') return response.writeHead(302, { location: '/file.txt' }).end();
    if (request.url === '/private') {
      seen = commandLines();
      const wanted = `Basic ${Buffer.from('me:se"cr\\et').toString('base64')}`;
      const fine = request.headers.authorization === wanted && request.headers['x-token'] === `it's "it"`;
      return response.writeHead(fine ? 200 : 401).end(fine ? body : 'no');
    }
    if (request.url === '/SHA256SUMS') return response.end(`${'0'.repeat(64)}  other\n${digest} *file.txt\n`);
    if (request.url?.startsWith('/file.txt')) {
      if (request.headers['if-modified-since']) return response.writeHead(304).end();
      return response.end(body);
    }
    if (request.url === '/large') return response.end('x'.repeat(100_000));
    return response.writeHead(404).end('not here');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
test.after.always(() => {
  server.close();
});

/** A PATH without some programs. */
function pathWithout(...missing: string[]): string {
  const folder = temporaryFolder();
  for (const from of ['/bin', '/usr/bin', '/sbin', '/usr/sbin']) {
    for (const name of readdirSync(from)) {
      if (!missing.includes(name) && !existsSync(`${folder}/${name}`))
        symlinkSync(`${from}/${name}`, `${folder}/${name}`);
    }
  }
  return folder;
}

const hasZip = isInstalled('zip') && isInstalled('unzip');

const clients: [string, Record<string, string>][] = [
  ['curl', {}],
  ['wget', { PATH: 'wget' }],
];
for (const [name, environment] of clients.filter(([name]) => isInstalled(name))) {
  const options = () => ({ environment: environment.PATH ? { PATH: pathWithout('curl') } : {} });

  test.serial(`${name}: a file is downloaded once, with its mode`, async (t) => {
    const dest = `${temporaryFolder()}/it's here`;
    const args = { url: `${base}/moved`, dest, mode: '0640' };
    t.true((await runModule(getUrl, args, { ...options(), check: true })).changed);
    t.false(existsSync(dest));
    const first = await runModule(getUrl, args, options());
    t.true(first.changed, String(first.msg));
    t.like(first.fields, { status_code: 200, size: body.length, mode: '0640', dest });
    t.is(first.msg, `OK (${body.length} bytes)`);
    t.is(readFileSync(dest, 'utf8'), body);
    t.is(modeOf(dest), '0640');
    t.false((await runModule(getUrl, args, options())).changed, 'not modified');
    t.false((await runModule(getUrl, args, { ...options(), check: true })).changed);
    t.true((await runModule(getUrl, { ...args, mode: '0600' }, options())).changed);
    t.is(modeOf(dest), '0600');
    writeFileSync(dest, 'old');
    const forced = await runModule(getUrl, { ...args, force: true, backup: true }, options());
    t.true(forced.changed);
    t.is(readFileSync(String(forced.fields.backup_file), 'utf8'), 'old');
    t.false((await runModule(getUrl, { ...args, force: true }, options())).changed, 'the same content');
    t.deepEqual(readdirSync(dest.replace("/it's here", '')).length, 2, 'nothing is left but the file and its backup');
  });

  test.serial(`${name}: a checksum decides, from the argument or a list`, async (t) => {
    const folder = temporaryFolder();
    const args = { url: `${base}/file.txt?x=1`, dest: folder, checksum: `sha256:${digest}` };
    const first = await runModule(getUrl, args, options());
    t.true(first.changed, String(first.msg));
    requests.length = 0;
    t.false((await runModule(getUrl, args, options())).changed);
    t.deepEqual(requests, [], 'nothing is asked for');
    const listed = { ...args, checksum: `sha256:${base}/SHA256SUMS`, dest: `${folder}/second` };
    t.true((await runModule(getUrl, listed, options())).changed);
    const wrong = await runModule(getUrl, { ...args, checksum: 'md5:00', dest: `${folder}/third` }, options());
    t.regex(String(wrong.msg), /did not match/);
    t.deepEqual(readdirSync(folder).sort(), ['file.txt', 'second']);
  });

  test.serial(`${name}: headers and passwords arrive, and are on no command line`, async (t) => {
    const dest = `${temporaryFolder()}/f`;
    const args = {
      url: `${base}/private`,
      dest,
      url_username: 'me',
      url_password: 'se"cr\\et',
      headers: { 'X-Token': `it's "it"` },
    };
    const result = await runModule(getUrl, args, options());
    t.true(result.changed, String(result.msg));
    t.false(result.scripts.join('').includes('cr\\et'));
    t.false(result.scripts.join('').includes('X-Token'));
    t.true(seen.includes(name));
    t.false(/cr\\et|X-Token/i.test(seen));
  });

  test.serial(`${name}: failures say what the server said`, async (t) => {
    const folder = temporaryFolder();
    const missing = await runModule(getUrl, { url: `${base}/none`, dest: `${folder}/f` }, options());
    t.true(missing.failed);
    t.is(missing.msg, 'Request failed');
    t.like(missing.fields, { status_code: 404, response: 'HTTP Error 404: Not Found' });
    const checked = await runModule(
      getUrl,
      { url: `${base}/none`, dest: `${folder}/f` },
      { ...options(), check: true },
    );
    t.like(checked, { failed: true, msg: 'Request failed' });
    t.like(checked.fields, { status_code: 404, response: 'HTTP Error 404: Not Found' });
    const refused = await runModule(getUrl, { url: 'http://127.0.0.1:1/', dest: `${folder}/f` }, options());
    t.regex(String(refused.msg), /Request failed/);
    const nowhere = await runModule(getUrl, { url: `${base}/file.txt`, dest: `${folder}/none/f` }, options());
    t.regex(String(nowhere.msg), /does not exist/);
    t.deepEqual(readdirSync(folder), []);
  });
}

test.serial(
  'a link at dest is replaced when what it leads to differs, and what it leads to is left alone',
  async (t) => {
    const folder = temporaryFolder();
    writeFileSync(`${folder}/theirs`, 'old', { mode: 0o640 });
    const args = { url: `${base}/file.txt`, dest: `${folder}/link`, force: true };
    symlinkSync('theirs', args.dest);
    t.true((await runModule(getUrl, args)).changed);
    t.true(lstatSync(args.dest).isFile());
    t.is(readFileSync(`${folder}/theirs`, 'utf8'), 'old');
    t.false((await runModule(getUrl, args)).changed);
    rmSync(args.dest);
    symlinkSync('nowhere', args.dest);
    t.true((await runModule(getUrl, args)).changed);
    t.false(existsSync(`${folder}/nowhere`));
    rmSync(args.dest);
    writeFileSync(`${folder}/theirs`, body);
    symlinkSync('theirs', args.dest);
    t.false((await runModule(getUrl, args)).changed, 'the same content');
    t.true(lstatSync(args.dest).isSymbolicLink());
  },
);

test.serial('a host that cannot ask yet would download, as far as check mode can tell', async (t) => {
  const args = { url: `${base}/file.txt`, dest: `${temporaryFolder()}/file` };
  const environment = { PATH: pathWithout('curl', 'wget') };
  const checked = await runModule(getUrl, args, { environment, check: true });
  t.like(checked, { changed: true, failed: false });
  t.like(await runModule(getUrl, args, { environment }), { failed: true });
});

test.serial('nothing is left of a download, and a full disk leaves the old file', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/full`);
  writeFileSync(
    `${folder}/mount`,
    `mount -t tmpfs -o size=4k none ${folder}/full && echo old >${folder}/full/file && exec sh "$@"; exit 99\n`,
  );
  const environment = { HOME: folder };
  if (userInfo().uid === 0) {
    const shell = ['unshare', '--mount', 'sh', `${folder}/mount`];
    const args = { url: `${base}/large`, dest: `${folder}/full/file`, force: true };
    const full = await runModule(getUrl, args, { environment, shell });
    t.true(full.failed);
    t.regex(String(full.msg), /No space left|writ/i);
    t.false(full.scripts.join('').includes('mv '));
  }
  const args = { url: `${base}/file.txt`, dest: `${folder}/file` };
  t.true((await runModule(getUrl, args, { environment })).changed);
  t.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('.kplay') && !name.endsWith('.notes')),
    [],
  );
});

test('a URL with a password is on no command line, whoever asks for it', (t) => {
  const url = 'https://me:hunter2@example.com/key';
  const { script, stdin } = downloadScript(plainDownload(url, true));
  t.notRegex(script, /hunter2/);
  t.regex(stdin, /hunter2/);
  t.regex(script, /headers and passwords need curl or GNU wget/);
});

test('a wget that takes URLs on its command line only is never given one with a user', async (t) => {
  const folder = temporaryFolder();
  const asked = `${folder}/asked`;
  const bin = `${pathWithout('curl', 'wget')}`;
  writeFileSync(`${bin}/wget`, `#!/bin/sh\necho "$@" >>${asked}\ncase $1 in --version) exit 1;; esac\n`, {
    mode: 0o755,
  });
  const environment = { PATH: bin, HOME: folder };
  for (const url of ['http://me:hunter2@h/x', ' http://me:hunter2@h/x', 'HTTPS://me:hunter2@h', 'me:hunter2@h/x']) {
    const result = await runModule(getUrl, { url, dest: `${folder}/x` }, { environment });
    t.true(result.failed, url);
    t.notRegex(existsSync(asked) ? readFileSync(asked, 'utf8') : '', /hunter2/, url);
    t.regex(String(result.msg), /headers and passwords need curl or GNU wget/, url);
  }
  await runModule(getUrl, { url: 'http://h/@x?a@b', dest: `${folder}/x` }, { environment });
  t.regex(readFileSync(asked, 'utf8'), /h\/@x/);
});

/** A PATH where busybox is some programs. */
function pathWithBusybox(...names: string[]): string {
  const bin = pathWithout('curl', ...names);
  const busybox = execFileSync('sh', ['-c', 'command -v busybox'], { encoding: 'utf8' }).trim();
  for (const name of names) symlinkSync(busybox, `${bin}/${name}`);
  return bin;
}

const withBusybox = isInstalled('busybox') ? test.serial : test.skip;

withBusybox('busybox’s wget asks for what is newer, where it knows headers', async (t) => {
  const options = { environment: { PATH: pathWithBusybox('wget') } };
  const args = { url: `${base}/file.txt`, dest: `${temporaryFolder()}/file` };
  t.true((await runModule(getUrl, args, options)).changed);
  for (const check of [false, true]) {
    const again = await runModule(getUrl, args, { ...options, check });
    t.deepEqual([again.changed, again.failed], [false, false], String(again.msg));
  }
  writeFileSync(args.dest, 'other');
  t.true((await runModule(getUrl, { ...args, force: true }, options)).changed);
  t.is(readFileSync(args.dest, 'utf8'), body);
});

withBusybox('busybox’s tar: names that are not ASCII get their attributes', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/tree/sub`, { recursive: true });
  for (const name of ['ünï', 'plain', 'what?']) writeFileSync(`${folder}/tree/sub/${name}`, name, { mode: 0o644 });
  execFileSync('tar', ['-C', folder, '-czf', `${folder}/tree.tgz`, 'tree']);
  mkdirSync(`${folder}/dest`);
  const options = { environment: { PATH: pathWithBusybox('tar') } };
  const args = { src: `${folder}/tree.tgz`, dest: `${folder}/dest`, mode: 'g-r,o-r', remote_src: true };
  const first = await runModule(unarchive, { ...args, list_files: true }, options);
  t.true(first.changed, String(first.msg));
  t.deepEqual((first.fields.files as string[]).toSorted(), [
    'tree/',
    'tree/sub/',
    'tree/sub/plain',
    'tree/sub/what?',
    'tree/sub/ünï',
  ]);
  for (const name of ['ünï', 'plain', 'what?']) t.is(modeOf(`${folder}/dest/tree/sub/${name}`), '0600', name);
});

test('lists of checksums', (t) => {
  t.is(digestIn('abc\n', 'x', 'u'), 'abc');
  t.is(digestIn('1  ./a\n2 *x\n', 'x', 'u'), '2');
  t.is(digestIn('SHA256 (x) = 3\n', 'x', 'u'), '3');
  t.is(digestIn('SHA2-256(x)= 4\nSHA256(y)= 5', 'y', 'u'), '5');
  t.throws(() => digestIn('1 a\n2 b\n', 'x', 'u'), { message: /Unable to find a checksum for file 'x'/ });
});

function makeArchives(folder: string): void {
  mkdirSync(`${folder}/in/top/bin`, { recursive: true });
  writeFileSync(`${folder}/in/top/bin/a tool`, '#!/bin/sh\n', { mode: 0o755 });
  writeFileSync(`${folder}/in/top/read.me`, 'text', { mode: 0o644 });
  for (const file of ['bin/a tool', 'read.me', 'bin', '']) utimesSync(`${folder}/in/top/${file}`, 1e9, 1e9);
  for (const [letter, suffix] of [
    ['z', 'gz'],
    ['J', 'xz'],
  ]) {
    execFileSync('tar', ['-C', `${folder}/in`, `-c${letter}f`, `${folder}/a.tar.${suffix}`, 'top']);
  }
  if (hasZip) execFileSync('sh', ['-c', `cd ${folder}/in && zip -qr ../a.zip top`]);
}

for (const shell of shells) {
  for (const archive of ['a.tar.gz', 'a.tar.xz', ...(hasZip ? ['a.zip'] : [])]) {
    test(`${shell[0]}: ${archive} is unpacked once, from here and on the host`, async (t) => {
      const folder = temporaryFolder();
      makeArchives(folder);
      mkdirSync(`${folder}/it's out`);
      const args = { src: archive, dest: `${folder}/it's out`, list_files: true };
      const options = { shell, files: { [archive]: `${folder}/${archive}` } };
      const dry = await runModule(unarchive, args, { ...options, check: true, diff: true });
      t.true(dry.changed, String(dry.msg));
      t.deepEqual(readdirSync(args.dest), []);
      const first = await runModule(unarchive, args, options);
      t.true(first.changed, String(first.msg));
      t.is(modeOf(`${args.dest}/top/bin/a tool`), '0755');
      t.deepEqual((first.fields.files as string[]).map((name) => name.replace(/\/$/, '')).sort(), [
        'top',
        'top/bin',
        'top/bin/a tool',
        'top/read.me',
      ]);
      const remote = { ...args, src: `${folder}/${archive}`, remote_src: true };
      const again = await runModule(unarchive, remote, { shell });
      t.false(again.changed, again.diff);
      writeFileSync(`${args.dest}/top/read.me`, 'txet');
      t.true((await runModule(unarchive, remote, { shell })).changed);
      t.is(readFileSync(`${args.dest}/top/read.me`, 'utf8'), 'text');
    });
  }
}

test('owner and mode of what is unpacked are kept', async (t) => {
  const folder = temporaryFolder();
  makeArchives(folder);
  mkdirSync(`${folder}/out`);
  const args = {
    src: `${folder}/a.tar.gz`,
    remote_src: true,
    dest: `${folder}/out`,
    mode: 'u=rwX,go=',
    owner: userInfo().username,
  };
  t.true((await runModule(unarchive, args)).changed);
  t.is(modeOf(`${folder}/out/top/read.me`), '0600');
  t.is(modeOf(`${folder}/out/top/bin/a tool`), '0700');
  t.false((await runModule(unarchive, args)).changed);
  if (process.getuid?.() !== 0) return t.log('only root gives files to another group: that part is skipped');
  t.true((await runModule(unarchive, { ...args, group: 'daemon' })).changed);
  t.is(statSync(`${folder}/out/top`).gid, 1);
});

test('links get no permissions, and names are given whole, also where others may write', async (t) => {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/in/dir`, { recursive: true });
  writeFileSync(`${folder}/in/dir/schön 1`, 'x', { mode: 0o644 });
  writeFileSync(`${folder}/theirs`, 'x', { mode: 0o644 });
  symlinkSync(`${folder}/theirs`, `${folder}/in/dir/link`);
  execFileSync('tar', ['-C', `${folder}/in`, '-cf', `${folder}/a.tar`, 'dir']);
  for (const mode of [0o755, 0o777]) {
    const dest = `${folder}/out${mode}`;
    mkdirSync(dest);
    chmodSync(dest, mode);
    const args = { src: `${folder}/a.tar`, remote_src: true, dest, mode: 'u=rwX,go=', group: String(userInfo().gid) };
    const first = await runModule(unarchive, args);
    t.true(first.changed, String(first.msg));
    t.is(modeOf(`${dest}/dir/schön 1`), '0600');
    t.is(modeOf(`${dest}/dir`), '0700');
    t.is(modeOf(`${folder}/theirs`), '0644');
    t.false((await runModule(unarchive, args)).changed);
  }
});

test('no name leads what is given to a file out of dest', async (t) => {
  const folder = temporaryFolder();
  for (const place of ['in', 'outside']) {
    mkdirSync(`${folder}/${place}/dir`, { recursive: true });
    writeFileSync(`${folder}/${place}/dir/file`, 'x', { mode: 0o644 });
    utimesSync(`${folder}/${place}/dir/file`, 0, 0);
  }
  execFileSync('tar', ['-C', `${folder}/in`, '-cf', `${folder}/a.tar`, 'dir/file']);
  mkdirSync(`${folder}/out`);
  chmodSync(`${folder}/out`, 0o777);
  symlinkSync(`${folder}/outside/dir`, `${folder}/out/dir`);
  const args = { src: `${folder}/a.tar`, remote_src: true, dest: `${folder}/out`, mode: '0600', keep_newer: true };
  t.regex(String((await runModule(unarchive, args)).msg), /was changed by somebody else/);
  t.is(modeOf(`${folder}/outside/dir/file`), '0644');
});

test('include, exclude, extra_opts and creates', async (t) => {
  const folder = temporaryFolder();
  makeArchives(folder);
  mkdirSync(`${folder}/out`);
  const args = { src: `${folder}/a.tar.gz`, remote_src: true, dest: `${folder}/out` };
  const one = { ...args, include: ['top/read.me'], extra_opts: ['--strip-components=1'] };
  t.true((await runModule(unarchive, one)).changed);
  t.deepEqual(readdirSync(`${folder}/out`), ['read.me']);
  t.false((await runModule(unarchive, one)).changed);
  t.true((await runModule(unarchive, { ...args, exclude: ['top/bin'] })).changed);
  t.false(existsSync(`${folder}/out/top/bin`));
  const skipped = await runModule(unarchive, { ...args, creates: `${folder}/out/read*` });
  t.like(skipped, { skipped: true, changed: false });
});

test('a folder that --strip-components takes away is neither missing nor given an owner', async (t) => {
  const folder = temporaryFolder();
  makeArchives(folder);
  mkdirSync(`${folder}/out`, { mode: 0o755 });
  const args = {
    src: `${folder}/a.tar.gz`,
    remote_src: true,
    dest: `${folder}/out`,
    owner: userInfo().username,
    extra_opts: ['--strip-components=1'],
  };
  t.true((await runModule(unarchive, args)).changed);
  t.deepEqual(readdirSync(`${folder}/out`).sort(), ['bin', 'read.me']);
  t.false((await runModule(unarchive, args)).changed);
  // "/" in tar's list is none of the host's.
  const before = modeOf('/');
  await runModule(unarchive, { ...args, mode: 'u=rwX,go=rX' });
  t.is(modeOf('/'), before);
  t.is(modeOf(`${folder}/out/read.me`), '0644');
});

test('what cannot be unpacked is said', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/junk`, 'this is no archive at all');
  writeFileSync(`${folder}/empty`, '');
  const args = { remote_src: true, dest: folder };
  t.regex(String((await runModule(unarchive, { ...args, src: `${folder}/junk` })).msg), /Failed to find handler/);
  t.regex(String((await runModule(unarchive, { ...args, src: `${folder}/empty` })).msg), /0 bytes/);
  t.regex(String((await runModule(unarchive, { ...args, src: `${folder}/none` })).msg), /does not exist/);
  t.regex(
    String((await runModule(unarchive, { src: `${folder}/junk`, remote_src: true, dest: '/none' })).msg),
    /not a directory/,
  );
});
