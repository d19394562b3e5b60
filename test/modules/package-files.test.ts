import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import test from 'ava';
import apt from '../../modules/apt.ts';
import { commandLines, isInstalled, runModule, temporaryFolder } from './harness.ts';

/** A package file of nothing, and a PATH on which apt-get tells its words, and user _apt may read what `readable` says. */
function emptyPackage(readable: boolean): { file: string; folder: string; environment: Record<string, string> } {
  const folder = temporaryFolder();
  mkdirSync(`${folder}/tree/DEBIAN`, { recursive: true });
  const fields = {
    Package: 'kplay-nothing',
    Version: '1',
    Architecture: 'all',
    Maintainer: 'a <a@b.c>',
    Description: 'x',
  };
  const lines = Object.entries(fields).map(([name, value]) => `${name}: ${value}\n`);
  writeFileSync(`${folder}/tree/DEBIAN/control`, lines.join(''));
  execFileSync('dpkg-deb', ['--build', `${folder}/tree`, `${folder}/nothing.deb`], { stdio: 'ignore' });
  mkdirSync(`${folder}/bin`);
  const program = (name: string, text: string) =>
    writeFileSync(`${folder}/bin/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  program('apt-get', 'echo "words: $*"; for file; do :; done; [ ! -f "$file" ] || dpkg-deb -f "$file" Package');
  program('setpriv', `exit ${readable ? 0 : 1}`);
  program('id', 'echo 42');
  return { folder, file: `${folder}/nothing.deb`, environment: { PATH: `${folder}/bin:${process.env.PATH}` } };
}

(isInstalled('dpkg-deb') ? test : test.skip)(
  'a package file that user _apt may not read is installed all the same',
  async (t) => {
    for (const readable of [true, false]) {
      const { file, environment } = emptyPackage(readable);
      const result = await runModule(apt, { deb: file }, { environment });
      t.true(result.changed, String(result.msg));
      t.regex(
        String(result.fields.stdout),
        readable ? /words: (?!.*Sandbox)/ : /words: .*APT::Sandbox::User=root install/,
      );
      t.regex(String(result.fields.stdout), /^kplay-nothing$/m);
    }
  },
);

(isInstalled('dpkg-deb') ? test : test.skip)(
  'a package file is downloaded without a password on a command line, and not left',
  async (t) => {
    const { file, folder, environment } = emptyPackage(true);
    let seen = '';
    const server = createServer((request, response) => {
      const wanted = `Basic ${Buffer.from('me:hunter2').toString('base64')}`;
      seen += commandLines();
      if (request.headers.authorization !== wanted) response.writeHead(401).end();
      else response.end(readFileSync(file));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.teardown(() => server.close());
    const { port } = server.address() as AddressInfo;
    mkdirSync(`${folder}/home`);
    const deb = `http://me:hunter2@127.0.0.1:${port}/nothing.deb`;
    const result = await runModule(apt, { deb }, { environment: { ...environment, HOME: `${folder}/home` } });
    t.true(result.changed, String(result.msg));
    t.regex(String(result.fields.stdout), /^kplay-nothing$/m);
    t.notRegex(result.scripts.join(''), /hunter2/);
    t.regex(seen, /curl|wget/);
    t.notRegex(seen, /hunter2/);
    t.deepEqual(readdirSync(`${folder}/home`), []);
  },
);
