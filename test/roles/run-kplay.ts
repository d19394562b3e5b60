import { execFile } from 'node:child_process';
import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { packageRoot } from '../../runner/root.ts';
import { fewAtOnce } from '../few-at-once.ts';

const program = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

/** The environment in which playbooks of a test find the project's roles, which are for its own playbooks unless they are asked for. */
export const withRoles: NodeJS.ProcessEnv = { ...process.env, ANSIBLE_ROLES_PATH: path.join(packageRoot, 'roles') };

/** What a run of kplay came to. */
export interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs kplay here, without hosts of the lab. */
export function runKplay(args: readonly string[], cwd: string = packageRoot): Promise<Outcome> {
  const env = { ...withRoles, NO_COLOR: '1' };
  const options = { cwd, maxBuffer: 64 * 1024 * 1024, env };
  return fewAtOnce(
    () =>
      new Promise((resolve) => {
        execFile(process.execPath, [program, ...args], options, (error, stdout, stderr) => {
          resolve({ code: typeof error?.code === 'number' ? error.code : error ? 1 : 0, stdout, stderr });
        });
      }),
  );
}

/** Makes folder/roles: the project's roles, of which those named have these tasks in place of their own. */
export function borrowRoles(folder: string, tasks: Readonly<Record<string, string>>): void {
  const roles = path.join(packageRoot, 'roles');
  for (const role of readdirSync(roles)) {
    const own = tasks[role];
    const target = path.join(folder, 'roles', role);
    if (own === undefined) {
      mkdirSync(path.dirname(target), { recursive: true });
      symlinkSync(path.join(roles, role), target);
      continue;
    }
    mkdirSync(path.join(target, 'tasks'), { recursive: true });
    writeFileSync(path.join(target, 'tasks', 'main.yml'), own);
    for (const part of readdirSync(path.join(roles, role))) {
      if (part !== 'tasks') symlinkSync(path.join(roles, role, part), path.join(target, part));
    }
  }
}
