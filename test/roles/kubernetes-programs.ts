import { execFile } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { ExecutionContext } from 'ava';
import { kubeArchive } from '../lab/releases.ts';
import { temporaryDirectory } from '../temporary.ts';

/** Versions of which there are archives of real programs (test/lab/README.md tells how they are made). */
export type BuiltVersion = '1.20.2' | '1.36.3' | '1.37.2';

const run = promisify(execFile);
const unpacked = new Map<BuiltVersion, Promise<string | undefined>>();

async function unpack(version: BuiltVersion): Promise<string | undefined> {
  const file = kubeArchive(version);
  if (!existsSync(file)) return undefined;
  const folder = temporaryDirectory('kplay-kubernetes');
  // Of the old one kubeadm alone; the others are one program that is what it is called by.
  const member = version === '1.20.2' ? 'out/kubeadm' : 'kube';
  await run('tar', ['-xJf', file, '-C', folder, member]);
  for (const name of version === '1.20.2' ? [] : ['kubeadm', 'kubelet']) symlinkSync('kube', path.join(folder, name));
  return path.join(folder, path.dirname(member));
}

/** The path of a real program, unpacked once for this test file; undefined, and a word in the test's log, where there is no archive. */
export async function kubernetesProgram(
  t: ExecutionContext,
  version: BuiltVersion,
  name: 'kubeadm' | 'kubelet',
): Promise<string | undefined> {
  const made = unpacked.get(version) ?? unpack(version);
  unpacked.set(version, made);
  const folder = await made;
  if (folder !== undefined) return path.join(folder, name);
  t.log(`skipped: there is no kube-${version}.tar.xz in ../shared/lab (KPLAY_LAB_ARCHIVES names another folder)`);
  t.pass();
  return undefined;
}

/** What a program says on both streams, and how it ends. */
export async function ask(program: string, ...args: readonly string[]): Promise<{ code: number; said: string }> {
  return run(program, args, { maxBuffer: 16 * 1024 * 1024 }).then(
    ({ stdout, stderr }) => ({ code: 0, said: stdout + stderr }),
    (error: { code?: unknown; stdout?: string; stderr?: string }) => ({
      code: typeof error.code === 'number' ? error.code : 1,
      said: `${error.stdout ?? ''}${error.stderr ?? ''}`,
    }),
  );
}
