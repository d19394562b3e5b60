import path from 'node:path';
import { type ErrorCode, KplayError, type Problem } from '../errors.ts';
import { type Position, placeOfValue } from '../position.ts';
import { searchPath } from '../search-path.ts';
import { hideNamed } from '../secrets/named.ts';
import type { TemplateRules } from '../template/rules.ts';
import { isMapping, type Mapping, type Value } from '../value.ts';
import { CollectionFiles } from './collection-files.ts';
import { rolesAround } from './inherit.ts';
import type { LoadOptions, ModuleSignature } from './load.ts';
import type { Collections, IncludeNode, ParentNode, Role, RoleNode, TaskTreeNode, Written } from './tree.ts';
import { readYamlFile } from './yaml.ts';

/** A handler's name that a task notifies, and whether the task may never be reached. */
export interface Notified {
  readonly name: Written<string>;
  readonly uncertain: boolean;
}

/** What is known of the play that nodes are loaded for. */
export interface PlayContext {
  /** Folder of the playbook file. */
  readonly folder: string;
  /** Variables of the play, nearest last: vars, then static vars_files. */
  readonly vars: Mapping[];
  /** Roles of this play by path and `*_from`. */
  readonly roles: Map<string, Role>;
  /** All that is notified by a task of the play. */
  readonly notified: Notified[];
  /** Handlers of the play and its roles. */
  readonly handlers: TaskTreeNode[];
  /** Whether there may be handlers that are not known before it runs. */
  handlersUnknown: boolean;
  /** Files and roles whose dynamic includes were checked already. */
  readonly checked: Set<string>;
  /** The rules that the play chooses for its templates. */
  readonly rules: TemplateRules | undefined;
  /** module_defaults of the play. */
  moduleDefaults: Mapping | undefined;
}

/** Where a list of tasks stands. */
export interface NodeContext {
  readonly play: PlayContext;
  readonly parent: ParentNode | undefined;
  readonly role: RoleNode | undefined;
  /** Files that include each other, the nearest first. */
  readonly files: readonly string[];
  readonly handlers: boolean;
  /** Files and roles whose import is under way, to find those that import themselves. */
  readonly imports: readonly string[];
  /** Where short names of modules and roles are looked for first. */
  readonly collections: Collections;
  /** Whether a run may never come here, or goes on when something fails here: behind a condition, among handlers, before a rescue. */
  readonly uncertain: boolean;
}

/** Where problems go that are found in a part that a run may never reach. */
interface Sink {
  readonly problems: Problem[];
  /** Whether it takes all of them. Else those stay errors that leave nothing behind that could fail when it is reached. */
  readonly takesAll: boolean;
}

/** Problems of how something is written, for which Ansible, too, refuses a playbook. */
const ofWriting: ReadonlySet<ErrorCode> = new Set(['yaml', 'parse', 'unknown-keyword']);

/** Parts of the loader that need each other; wired together by loader.ts so that files make no cycle. */
export interface NodeLoaders {
  tasks(loading: Loading, list: Value, position: Position, context: NodeContext): Promise<TaskTreeNode[]>;
  role(loading: Loading, use: RoleUse, context: NodeContext): Promise<RoleNode[]>;
}

/** A role that is asked for by roles:, a dependency, import_role or include_role. */
export interface RoleUse {
  readonly name: string;
  readonly position: Position;
  readonly via: RoleNode['via'];
  readonly keywords: RoleNode['keywords'];
  readonly params: Mapping;
  readonly tasksFrom?: string | undefined;
  readonly varsFrom?: string | undefined;
  readonly defaultsFrom?: string | undefined;
  readonly handlersFrom?: string | undefined;
  readonly allowDuplicates: boolean;
  readonly public: boolean;
  readonly dependencyOf?: RoleNode | undefined;
}

/** How many tasks and blocks the playbooks of a run, or what is included, may have. */
const mostTasks = 200_000;

/** What is shared by all of one load: options, caches, problems. */
export class Loading {
  readonly options: LoadOptions;
  readonly loaders: NodeLoaders;
  readonly problems: Problem[] = [];
  /** Where includes stand, for when they are resolved. */
  readonly includes: WeakMap<IncludeNode, NodeContext>;
  readonly collectionFiles: CollectionFiles;
  readonly #files: Map<string, Value>;
  readonly #signatures: Map<string, ModuleSignature | undefined>;
  readonly #seen = new Set<string>();
  readonly #warned: Set<string>;
  /** The innermost last. */
  readonly #sinks: Sink[] = [];
  #tasks = 0;
  readonly #readBefore = new Set<string>();

  constructor(options: LoadOptions, loaders: NodeLoaders, shared?: Loading) {
    this.options = options;
    this.loaders = loaders;
    this.includes = shared ? shared.includes : new WeakMap();
    this.collectionFiles = shared ? shared.collectionFiles : new CollectionFiles();
    this.#files = shared ? shared.#files : new Map();
    this.#warned = shared ? shared.#warned : new Set();
    this.#signatures = shared ? shared.#signatures : new Map();
  }

  /** A load of its own problems that shares what was read. */
  fork(): Loading {
    return new Loading(this.options, this.loaders, this);
  }

  /**
   * Collects a problem, once however often its file is used. One that `leavesNothing` to fail in its place when the part is
   * reached is an error, although a run may never come there.
   */
  add(problem: Problem, leavesNothing = false): void {
    const { position } = problem;
    const key = `${problem.message}\n${position?.file}:${position?.line}:${position?.column}`;
    if (this.#seen.has(key)) return;
    const stays = leavesNothing || ofWriting.has(problem.code);
    const sink = this.#sinks.findLast(({ takesAll }) => takesAll || !stays);
    if (!sink) this.#seen.add(key);
    (sink?.problems ?? this.problems).push(problem);
  }

  /**
   * Counts a task or block that is about to be read; false when there are so many that the rest is to be left: a few lines of
   * YAML can mean more of them than fit anywhere.
   */
  countTask(position: Position): boolean {
    if (this.#tasks++ < mostTasks) return true;
    const message = `More than ${mostTasks} tasks come together here.`;
    const hint =
      'YAML aliases (*NAME) of blocks that hold aliases, and files that are imported often, multiply what they mean.';
    if (this.#tasks === mostTasks + 1) this.add({ code: 'parse', message, position, hint });
    return false;
  }

  /** Runs an action and collects its KplayError; `fallback` gives a place to problems without one. */
  attempt<T>(action: () => T, fallback?: Position, leavesNothing = false): T | undefined {
    try {
      return action();
    } catch (error) {
      this.#collect(error, fallback, leavesNothing);
      return undefined;
    }
  }

  /**
   * Reads a part that a run may never reach. Of what is wrong in it is only warned, since it fails when it is reached; `strict`
   * makes it an error. `finish` gets what was read and what was wrong; it comes at once where nothing has to be waited for.
   */
  uncertainly<T>(
    read: () => T | Promise<T>,
    finish: (result: T, problems: readonly Problem[]) => T,
    takesAll = false,
  ): T | Promise<T> {
    if (this.options.strict) return read();
    const problems: Problem[] = [];
    this.#sinks.push({ problems, takesAll });
    const leave = (): void => {
      this.#sinks.pop();
      for (const problem of problems) this.#warnOf(problem);
    };
    let result: T | Promise<T>;
    try {
      result = read();
    } catch (error) {
      leave();
      throw error;
    }
    if (result instanceof Promise) return result.then((found) => finish(found, problems)).finally(leave);
    try {
      return finish(result, problems);
    } finally {
      leave();
    }
  }

  /** Adds a problem of a part that a run may never reach. */
  addUncertain(problem: Problem): void {
    if (this.options.strict) this.add(problem);
    else this.#warnOf(problem);
  }

  #warnOf({ message, hint, position }: Problem): void {
    const more = hint === undefined ? '' : ` ${hint}`;
    this.warn(hideNamed(`${message}${more} This fails when it is reached.`), position);
  }

  /** The same for an asynchronous action. */
  async attemptAsync<T>(action: () => Promise<T>, fallback?: Position): Promise<T | undefined> {
    try {
      return await action();
    } catch (error) {
      this.#collect(error, fallback);
      return undefined;
    }
  }

  #collect(error: unknown, fallback: Position | undefined, leavesNothing = false): void {
    if (!(error instanceof KplayError)) throw error;
    for (const problem of error.problems)
      this.add({ ...problem, position: problem.position ?? fallback }, leavesNothing);
  }

  /** Throws all that was collected, file by file and from top to bottom. */
  throwIfAny(): void {
    if (this.problems.length > 0) throw new KplayError(inReadingOrder(this.problems));
  }

  /** Tells of something that is no error, once for a line however often it is read: before the run and while it runs. */
  warn(text: string, position?: Position): void {
    const key = `${position?.file}:${position?.line} ${text}`;
    if (this.#warned.has(key)) return;
    this.#warned.add(key);
    this.options.warn?.(text, position);
  }

  /** A YAML file's document, read once (by a listing at most twice). Throws KplayError. */
  readYaml(file: string): Value {
    const known = this.#files.get(file);
    if (known !== undefined) return known;
    const again = this.#readBefore.has(file);
    const value = readYamlFile(file, again ? {} : { warn: (text, position) => this.warn(text, position) });
    // A listing keeps only files that it reads again: most of a big tree's are read once, and their memory is soon free.
    if (again || !this.options.outlineOnly) this.#files.set(file, value);
    else this.#readBefore.add(file);
    return value;
  }

  /** Whether it is known what a name says of a module; if not, {@link learn} finds out. */
  knows(module: string): boolean {
    return this.#signatures.has(module);
  }

  /** Loads modules. Tasks are many and modules few, so that only this has to be waited for. */
  async learn(modules: readonly string[]): Promise<void> {
    for (const name of modules) this.#signatures.set(name, await this.options.catalog.signature(name));
  }

  /** A module that was learned of; undefined when there is none of that name. */
  signature(module: string): ModuleSignature | undefined {
    if (!this.knows(module)) throw new Error(`nobody has learned of the module ${module}`);
    return this.#signatures.get(module);
  }
}

function inReadingOrder(problems: readonly Problem[]): Problem[] {
  const files = [...new Set(problems.map((problem) => problem.position?.file))];
  const key = ({ position }: Problem): number[] => [
    files.indexOf(position?.file),
    position?.line ?? 0,
    position?.column ?? 0,
  ];
  return [...problems].sort((a, b) => {
    const [fileA, lineA, columnA] = key(a);
    const [fileB, lineB, columnB] = key(b);
    return fileA! - fileB! || lineA! - lineB! || columnA! - columnB!;
  });
}

/** The place of an entry, or of what holds it. */
export function placeIn(container: Mapping | Value[], entry: string | number, fallback: Position): Position {
  return placeOfValue(container, entry) ?? fallback;
}

/** The first position in a file. */
export function startOf(file: string): Position {
  return { file, line: 1, column: 1 };
}

/** The directories in which files that a node names are looked for, as they will be while it runs. */
export function searchPathOf(loading: Loading, context: NodeContext): readonly string[] {
  const { playbookFolder } = loading.options;
  return searchPath({
    roles: rolesAround(context.parent).map((role) => role.role.path),
    file: context.files[0],
    playbooks: [path.resolve(context.play.folder), ...(playbookFolder === undefined ? [] : [playbookFolder])],
  });
}

/** Describes a value in a message: `a list`, `a dict`, `text`. */
export function kindOf(value: Value): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (isMapping(value)) return 'a dict';
  return typeof value === 'string' ? `"${value.length > 60 ? `${value.slice(0, 57)}...` : value}"` : String(value);
}
