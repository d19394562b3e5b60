import { didYouMean, KplayError } from '../errors.ts';
import { displayName } from '../language/display-name.ts';
import { notifyOf, tagsOf } from '../language/inherit.ts';
import type { IncludeNode, PlayNode, TaskNode, Written } from '../language/tree.ts';
import { fnmatchExpression } from '../python/fnmatch.ts';
import { pythonText } from '../python/text.ts';
import type { Handler, PlanResolver } from '../strategy/play-plan.ts';
import type { Step } from '../strategy/step.ts';
import type { TagSelection } from '../strategy/tags.ts';
import { isSelected } from '../strategy/tags.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping, mapping } from '../value.ts';
import { compileTask } from './compiled-task.ts';
import type { Engine } from './engine.ts';
import { withoutWords } from './failure.ts';
import { hidesResults } from './keywords.ts';

type Leaf = TaskNode | IncludeNode;
type Context = ReturnType<Engine['store']['context']>;

/** Looks up tags, names and handlers of a play's tasks, rendering what holds templates. */
export class EngineResolver implements PlanResolver {
  readonly #engine: Engine;
  readonly #play: PlayNode;
  readonly #hosts: readonly string[];
  readonly #selection: TagSelection;
  readonly #startAt: string | undefined;
  #matchesStart: ((name: string) => boolean) | undefined;

  constructor(
    engine: Engine,
    play: PlayNode,
    hosts: readonly string[],
    selection: TagSelection,
    startAt: string | undefined,
  ) {
    this.#engine = engine;
    this.#play = play;
    this.#hosts = hosts;
    this.#selection = selection;
    this.#startAt = startAt;
  }

  /** Whether the tags of a task or include select it; `tags` are all of its tags, for who knows them already. */
  isSelected(node: Leaf, tags: readonly Written<string>[] = tagsOf(node, this.#play)): boolean {
    return isSelected(this.tagTexts(node, tags), this.#selection);
  }

  /** The tags of a task or include, their templates rendered. */
  tagTexts(node: Leaf, tags: readonly Written<string>[] = tagsOf(node, this.#play)): string[] {
    const texts: string[] = [];
    for (const tag of tags) texts.push(...this.#tagTexts(tag, node));
    return texts;
  }

  #tagTexts(tag: Written<string>, node: Leaf): string[] {
    const { templar } = this.#engine;
    if (!templar.isTemplate(tag.value)) return [tag.value];
    return asTexts(templar.render(tag.value, this.#context(this.#hosts[0] ?? 'localhost', node), tag.position));
  }

  notifications(step: Step, host: string, result: Mapping | undefined, handlers: readonly Handler[]): string[] {
    const node = step.node as TaskNode;
    try {
      return notifyOf(node).flatMap((written) => {
        const names = this.#notified(written, node, host, step.loopVars, result);
        for (const name of names) this.#checkHandler(name, host, handlers, written);
        return names;
      });
    } catch (error) {
      if (!(error instanceof KplayError)) throw error;
      const context = (): Context => this.#context(host, node, step.loopVars);
      throw hidesResults(this.#engine, compileTask(node, this.#play), context) ? withoutWords(error) : error;
    }
  }

  /** The names of a notify; in a loop they may be of the item, and then every item that was not skipped notifies its own. */
  #notified(
    { value, position }: Written<string>,
    node: TaskNode,
    host: string,
    loopVars: Mapping,
    result: Mapping | undefined,
  ): string[] {
    const { templar } = this.#engine;
    if (!templar.isTemplate(value)) return [value];
    const turns = node.loop ? turnsOf(result).map((turn) => ({ ...loopVars, ...turn })) : [loopVars];
    return turns.flatMap((turn) => asTexts(templar.render(value, this.#context(host, node, turn), position)));
  }

  #checkHandler(name: string, host: string, handlers: readonly Handler[], { position }: Written<string>): void {
    if (this.handlersOf(name, host, handlers).length > 0) return;
    throw new KplayError({
      code: 'parse',
      message: `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`,
      hint: didYouMean(
        name,
        handlers.flatMap((handler) => this.#names(handler, host)),
      ),
      position,
    });
  }

  /** The first of that name, and the first of each name that listens to it, by precedence. */
  handlersOf(notification: string, host: string, handlers: readonly Handler[]): Handler[] {
    const found = new Map<string, Handler>();
    const add = (handler: Handler): unknown => found.set(this.#identity(handler, host), handler);
    const candidates = byPrecedence(handlers);
    const named = candidates.find((handler) => this.#names(handler, host).includes(notification));
    if (named) add(named);
    for (const handler of candidates) {
      const listens = (handler.node.listen ?? []).some((topic) => topic.value === notification);
      if (listens && !found.has(this.#identity(handler, host))) add(handler);
    }
    return [...found.values()];
  }

  /** What makes handlers of several uses of a role the same one: the name, or the place where there is none. */
  #identity(handler: Handler, host: string): string {
    const [name] = this.#names(handler, host);
    const { file, line, column } = handler.node.position;
    return name ?? `${file}:${line}:${column}`;
  }

  #names(handler: Handler, host: string): string[] {
    const own = handler.node.keywords.name?.value;
    if (own === undefined) return [];
    const name = this.#engine.templar.isTemplate(own) ? this.#renderName(own, handler, host) : own;
    const full = displayName(handler.node);
    return full === own ? [name] : [name, full.replace(own, () => name)];
  }

  #renderName(name: string, { node, loopVars }: Handler, host: string): string {
    try {
      return pythonText(this.#engine.templar.render(name, this.#context(host, node, loopVars), node.position));
    } catch {
      return name;
    }
  }

  isStart(node: Leaf): boolean {
    if (this.#startAt === undefined) return true;
    this.#matchesStart ??= startMatcher(this.#startAt);
    return this.#matchesStart(displayName(node)) || this.#matchesStart(node.keywords.name?.value ?? '');
  }

  #context(host: string, node: Leaf, loopVars: Mapping = {}): Context {
    return this.#engine.store.context({ host, play: this.#play, node, loopVars });
  }
}

/** Handlers as Ansible looks through them: what came last first, but those of one file in their order. */
function byPrecedence(handlers: readonly Handler[]): Handler[] {
  const groups: Handler[][] = [];
  for (const handler of handlers) {
    const group = groups.at(-1);
    const other = group?.[0];
    if (other && other.node.parent === handler.node.parent && other.loopVars === handler.loopVars) group.push(handler);
    else groups.push([handler]);
  }
  return groups.reverse().flat();
}

/** What each turn of a loop that was not skipped brought as variables. */
function turnsOf(result: Mapping | undefined): Mapping[] {
  const results = Array.isArray(result?.results) ? result.results.filter(isMapping) : [];
  return results
    .filter(({ skipped }) => skipped !== true)
    .map((turn) => mapping(turnVariables(turn).map((name) => [name, turn[name]!])));
}

function turnVariables({ ansible_loop_var: loop, ansible_index_var: index }: Mapping): string[] {
  return [loop, index].filter((name) => typeof name === 'string');
}

/** `--start-at-task` takes a name or a glob over it. */
function startMatcher(pattern: string): (name: string) => boolean {
  const glob = fnmatchExpression(pattern);
  return (name) => name === pattern || glob.test(name);
}

function asTexts(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap(asTexts);
  if (value === null || value === '') return [];
  return pythonText(value)
    .split(',')
    .map((text) => text.trim());
}
