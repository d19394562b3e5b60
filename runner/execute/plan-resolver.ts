import { didYouMean, KplayError } from '../errors.ts';
import { displayName } from '../language/display-name.ts';
import { notifyOf, tagsOf } from '../language/inherit.ts';
import type { IncludeNode, PlayNode, TaskNode, Written } from '../language/tree.ts';
import { pythonText } from '../module/python-text.ts';
import type { PlanResolver } from '../strategy/play-plan.ts';
import type { TagSelection } from '../strategy/tags.ts';
import { isSelected } from '../strategy/tags.ts';
import type { Value } from '../value.ts';
import { compileTask } from './compiled-task.ts';
import type { Engine } from './engine.ts';
import { withoutWords } from './failure.ts';
import { hidesResults } from './keywords.ts';

type Leaf = TaskNode | IncludeNode;

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
    const texts: string[] = [];
    for (const tag of tags) texts.push(...this.#tagTexts(tag, node));
    return isSelected(texts, this.#selection);
  }

  #tagTexts(tag: Written<string>, node: Leaf): string[] {
    const { templar } = this.#engine;
    if (!templar.isTemplate(tag.value)) return [tag.value];
    return asTexts(templar.render(tag.value, this.#context(this.#hosts[0] ?? 'localhost', node), tag.position));
  }

  handlersFor(node: TaskNode, host: string, handlers: readonly Leaf[]): { node: Leaf; name: string }[] {
    try {
      return this.#handlersFor(node, host, handlers);
    } catch (error) {
      if (!(error instanceof KplayError)) throw error;
      const hidden = hidesResults(this.#engine, compileTask(node, this.#play), () => this.#context(host, node));
      throw hidden ? withoutWords(error) : error;
    }
  }

  #handlersFor(node: TaskNode, host: string, handlers: readonly Leaf[]): { node: Leaf; name: string }[] {
    const found: { node: Leaf; name: string }[] = [];
    for (const written of notifyOf(node)) {
      const names = this.#engine.templar.isTemplate(written.value)
        ? asTexts(this.#engine.templar.render(written.value, this.#context(host, node), written.position))
        : [written.value];
      for (const name of names) found.push(...this.#find(name, host, handlers, written));
    }
    return found;
  }

  #find(
    name: string,
    host: string,
    handlers: readonly Leaf[],
    written: Written<string>,
  ): { node: Leaf; name: string }[] {
    // The last definition of a name wins; every handler that listens to it is notified as well.
    const named = handlers.findLast((handler) => this.#names(handler, host).includes(name));
    const listening = handlers.filter(
      (handler) => handler !== named && (handler.listen ?? []).some((topic) => topic.value === name),
    );
    const found = named ? [named, ...listening] : listening;
    if (found.length > 0) return found.map((node) => ({ node, name: displayName(node) }));
    throw new KplayError({
      code: 'parse',
      message: `The requested handler '${name}' was not found in either the main handlers list nor in the listening handlers list`,
      hint: didYouMean(
        name,
        handlers.flatMap((handler) => this.#names(handler, host)),
      ),
      position: written.position,
    });
  }

  #names(handler: Leaf, host: string): string[] {
    const own = handler.keywords.name?.value;
    if (own === undefined) return [];
    const name = this.#engine.templar.isTemplate(own) ? this.#renderName(own, handler, host) : own;
    const full = displayName(handler);
    return full === own ? [name] : [name, full.replace(own, () => name)];
  }

  #renderName(name: string, handler: Leaf, host: string): string {
    try {
      return pythonText(this.#engine.templar.render(name, this.#context(host, handler), handler.position));
    } catch {
      return name;
    }
  }

  isStart(node: Leaf): boolean {
    if (this.#startAt === undefined) return true;
    this.#matchesStart ??= startMatcher(this.#startAt);
    return this.#matchesStart(displayName(node)) || this.#matchesStart(node.keywords.name?.value ?? '');
  }

  #context(host: string, node: Leaf): ReturnType<Engine['store']['context']> {
    return this.#engine.store.context({ host, play: this.#play, node });
  }
}

/** `--start-at-task` takes a name or a glob over it. */
function startMatcher(pattern: string): (name: string) => boolean {
  const expression = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const glob = new RegExp(`^(?:${expression})$`, 's');
  return (name) => name === pattern || glob.test(name);
}

function asTexts(value: Value): string[] {
  if (Array.isArray(value)) return value.flatMap(asTexts);
  if (value === null || value === '') return [];
  return pythonText(value)
    .split(',')
    .map((text) => text.trim());
}
