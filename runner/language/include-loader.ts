import type { IncludeLoader } from './load.ts';
import type { Loading, NodeContext } from './loading.ts';
import { findTaskFile, loadTaskFile } from './task-files.ts';
import type { BlockNode, IncludeNode, RoleNode, TaskTreeNode } from './tree.ts';

/** Loads what is included while running. Each file and role is loaded once for each include that asks for it. */
export class RunIncludeLoader implements IncludeLoader {
  readonly #loading: Loading;
  readonly #tasks = new WeakMap<IncludeNode, Map<string, Promise<readonly TaskTreeNode[]>>>();
  readonly #roles = new WeakMap<IncludeNode, Map<string, Promise<readonly RoleNode[]>>>();

  constructor(loading: Loading) {
    this.#loading = loading;
  }

  tasks(file: string, include: IncludeNode): Promise<readonly TaskTreeNode[]> {
    return cached(this.#tasks, include, file, () =>
      this.#load(include, (loading, context) => readTasks(loading, file, include, context)),
    );
  }

  role(
    name: string,
    options: Parameters<IncludeLoader['role']>[1],
    include: IncludeNode,
  ): Promise<readonly RoleNode[]> {
    const use = {
      allowDuplicates: true,
      public: false,
      ...options,
      name,
      position: include.position,
      via: 'include_role',
      keywords: { tags: [], when: [] },
      params: {},
    } as const;
    return cached(this.#roles, include, JSON.stringify([name, options]), () =>
      this.#load(include, (loading, context) =>
        loading.loaders.role(loading, use, { ...context, parent: include, imports: [] }),
      ),
    );
  }

  async #load<T>(include: IncludeNode, action: (loading: Loading, context: NodeContext) => Promise<T>): Promise<T> {
    const context = this.#loading.includes.get(include);
    if (!context) throw new Error('kplay: this include was not made by the loader');
    const loading = this.#loading.fork();
    const result = await action(loading, context);
    loading.throwIfAny();
    return result;
  }
}

async function readTasks(
  loading: Loading,
  name: string,
  include: IncludeNode,
  context: NodeContext,
): Promise<readonly TaskTreeNode[]> {
  const file = loading.attempt(() => findTaskFile(name, context, include.position));
  if (file === undefined) return [];
  const children: TaskTreeNode[] = [];
  const block: BlockNode = {
    type: 'block',
    position: include.position,
    parent: include,
    keywords: { tags: [], when: [] },
    block: children,
    rescue: [],
    always: [],
    notify: [],
    origin: 'include',
    file,
  };
  children.push(
    ...(await loadTaskFile(loading, file, include.position, { ...context, parent: block, imports: [file] })),
  );
  return [block];
}

function cached<T>(
  cache: WeakMap<IncludeNode, Map<string, Promise<T>>>,
  include: IncludeNode,
  key: string,
  load: () => Promise<T>,
): Promise<T> {
  let entries = cache.get(include);
  if (!entries) {
    entries = new Map();
    cache.set(include, entries);
  }
  let result = entries.get(key);
  if (!result) {
    result = load();
    entries.set(key, result);
  }
  return result;
}
