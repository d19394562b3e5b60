import { realpathSync } from 'node:fs';
import path from 'node:path';
import { decode } from '../../python/bytes.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { readText, systemPath } from '../../python/file-names.ts';
import { str } from '../../python/text.ts';
import { statOf } from '../../stat.ts';
import { type Callee, fn, volatile } from '../runtime/function.ts';
import { string } from '../runtime/parameters.ts';

function check(test: (name: string) => boolean): Callee {
  return fn({}, (value) => {
    try {
      return test(str(value));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code) return false;
      throw error;
    }
  });
}

function isMount(name: string): boolean {
  const real = decode(realpathSync(systemPath(name), 'buffer'));
  return readText('/proc/self/mounts')
    .split('\n')
    .some((line) => line.split(' ')[1] === real);
}

const directory = check((name) => statOf(name)?.isDirectory() ?? false);
const file = check((name) => statOf(name)?.isFile() ?? false);
const link = check((name) => statOf(name, false)?.isSymbolicLink() ?? false);
const absolute = check((name) => path.isAbsolute(name));
const mount = check(isMount);

const sameFile = fn({ path: string() }, (value, { path: other }) => {
  const [a, b] = [statOf(str(value)), statOf(other)];
  if (!a || !b) throw new EvaluationError(`No such file or directory: '${a ? other : str(value)}'`);
  return a.ino === b.ino && a.dev === b.dev;
});

/** Tests of files on the controller. */
export const fileTests: Readonly<Record<string, Callee>> = volatile({
  directory,
  is_dir: directory,
  file,
  is_file: file,
  link,
  is_link: link,
  exists: check((name) => statOf(name) !== undefined),
  link_exists: check((name) => statOf(name, false) !== undefined),
  abs: absolute,
  is_abs: absolute,
  same_file: sameFile,
  is_same_file: sameFile,
  mount,
  is_mount: mount,
});
