import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { ExecutionContext } from 'ava';

const program = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

// What is in /etc stays readable; what is written there is seen by nobody else, and gone at the end.
const own = `set -e
mkdir "$folder/work"
mount -t tmpfs none "$folder/work"
mkdir "$folder/work/upper" "$folder/work/work"
mount -t overlay none -o "lowerdir=/etc,upperdir=$folder/work/upper,workdir=$folder/work/work" /etc
cd "$folder"
PATH=$folder/bin:$PATH
kplay() { "$node" "$program" "$@"; }
`;

/**
 * Runs an sh text in `folder`, on this machine but with changes to /etc of its own; `kplay` runs kplay there, and programs in
 * `folder/bin` come first. Gives all that is said; undefined, with the test passed, where this takes root.
 */
export async function inOwnEtc(
  t: ExecutionContext,
  folder: string,
  text: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string | undefined> {
  if (process.getuid?.() !== 0) {
    t.log('skipped: an /etc of its own takes root');
    t.pass();
    return undefined;
  }
  const env = { ...process.env, ...more, folder, program, node: process.execPath, script: own + text };
  const words = ['-c', 'exec unshare --mount --propagation private sh -c "$script"'];
  return await new Promise<string>((resolve) => {
    execFile('sh', words, { env }, (_error, stdout, stderr) => resolve(stdout + stderr));
  });
}
