import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { folders, labFolder } from '../settings.ts';
import { run } from '../shell.ts';

/** What the battery sends, on the controller. */
export const dataFolder: string = path.join(labFolder, 'data');

/** Where it puts what it fetches. */
export const fetchedFolder: string = path.join(labFolder, 'fetched');

/** Files of the tree that is copied and packed: name and text. */
const tree: Readonly<Record<string, string>> = {
  plain: 'plain\n',
  empty: '',
  'with a blank': 'blank\n',
  "it's $HOME": 'quote\n',
  '-dash': 'dash\n',
  'sub/deep/last': 'last\n',
  'sub/ünï': 'unicode\n',
  'sub/.hidden': 'hidden\n',
};

/** Makes the data, the same at every time and place. */
export async function makeData(): Promise<void> {
  // Made to the end, or made again.
  const done = path.join(dataFolder, 'made');
  if (existsSync(done)) return;
  rmSync(dataFolder, { recursive: true, force: true });
  const write = (name: string, content: string | Buffer) => {
    mkdirSync(path.dirname(path.join(dataFolder, name)), { recursive: true });
    writeFileSync(path.join(dataFolder, name), content, { mode: 0o644 });
  };
  write('large', noise(5 * 1024 * 1024));
  write('bytes', Buffer.from(Array.from({ length: 1024 }, (_, index) => index % 256)));
  for (const [name, text] of Object.entries(tree)) write(`tree/${name}`, text);
  write('served/file', 'served\n');
  const tar = ['-C', dataFolder, '--sort=name', '--owner=0', '--group=0', '--mtime=@1577934245'];
  for (const [end, how] of [
    ['gz', '-z'],
    ['xz', '-J'],
    ['bz2', '-j'],
  ] as const) {
    await run('tar', [...tar, how, '-cf', path.join(dataFolder, `tree.tar.${end}`), 'tree']);
  }
  await run('sh', [
    '-c',
    'cd "$1" && find tree -exec touch -d @1577934246 {} + && zip -q -r tree.zip tree',
    'sh',
    dataFolder,
  ]);
  writeFileSync(done, '');
}

/** Puts what the battery downloads where the web server finds it. */
export function serveData(): void {
  const served = path.join(folders.www, 'battery');
  mkdirSync(served, { recursive: true });
  for (const name of ['served/file', 'tree.tar.gz']) {
    const file = path.join(served, path.basename(name));
    copyFileSync(path.join(dataFolder, name), file);
    // Older than what stands on the hosts: who asks by age is answered that nothing is new.
    utimesSync(file, 1577934245, 1577934245);
  }
}

/** Bytes that look random and are always the same. */
function noise(length: number): Buffer {
  const blocks: Buffer[] = [];
  for (let index = 0; blocks.length * 32 < length; index++) {
    blocks.push(createHash('sha256').update(`noise ${index}`).digest());
  }
  return Buffer.concat(blocks).subarray(0, length);
}
