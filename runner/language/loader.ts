import { existsSync } from 'node:fs';
import path from 'node:path';
import { mapping } from '../value.ts';
import { loadTaskList } from './block.ts';
import { RunIncludeLoader } from './include-loader.ts';
import type { Loaded, LoadOptions } from './load.ts';
import { Loading } from './loading.ts';
import { loadPlays } from './playbook.ts';
import { loadRole } from './role.ts';
import type { Playbook } from './tree.ts';

/**
 * Reads playbooks with all that they import, and checks everything that can be known before a host is contacted:
 * keywords, modules and their arguments, roles, files, handlers, the syntax of templates. Throws one KplayError with
 * every problem. What `include_*` asks for is loaded while running by `includes`, with the same checks.
 */
export async function loadPlaybooks(files: readonly string[], options: LoadOptions): Promise<Loaded> {
  const loading = new Loading(options, { tasks: loadTaskList, role: loadRole });
  const playbooks: Playbook[] = [];
  for (const file of files) {
    const absolute = path.resolve(file);
    if (!existsSync(absolute)) {
      loading.add({ code: 'missing-file', message: `There is no playbook ${file}.` });
      continue;
    }
    playbooks.push({ file, plays: await loadPlays(loading, absolute, { vars: mapping(), tags: [], when: [] }) });
  }
  loading.throwIfAny();
  return { playbooks, includes: new RunIncludeLoader(loading) };
}
