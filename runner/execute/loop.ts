import { KplayError } from '../errors.ts';
import type { Loop, LoopControl } from '../language/tree.ts';
import { pythonText } from '../python/text.ts';
import type { FileKind } from '../search-path.ts';
import type { TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping } from '../value.ts';
import type { Engine } from './engine.ts';
import { booleanKeyword, renderKeyword, textKeyword } from './keywords.ts';
import { withoutOmitted } from './omit.ts';

/** One turn of a loop: the item, and the variables that it brings. */
export interface Turn {
  readonly item: Value;
  readonly variables: Mapping;
}

/** What the files are for that `with_first_found` looks for beside an action, as Ansible guesses it from the action's name. */
function filesOf(action: string): FileKind {
  if (action.includes('template')) return 'templates';
  return action.includes('var') ? 'vars' : 'files';
}

/**
 * The items of a task's loop. Throws KplayError when they cannot be worked out or are no list.
 * @param action the name of the task's action
 */
export function loopItems(engine: Engine, loop: Loop, context: TemplateContext, action = ''): Value[] {
  const { terms, lookup } = loop;
  const rendered = engine.templar.render(terms.value, context, terms.position);
  if (lookup === undefined) {
    if (Array.isArray(rendered)) return withoutOmitted(engine.templar.omit, rendered) as Value[];
    throw new KplayError({
      code: 'argument',
      message: `Invalid data passed to 'loop', it requires a list, got this instead: ${short(rendered)}.`,
      hint: isMapping(rendered) ? 'Use the dict2items filter to loop over a dict.' : undefined,
      position: terms.position,
    });
  }
  const list = Array.isArray(rendered) ? rendered : [rendered];
  const items = engine.templar.lookup(
    lookup,
    lookup === 'dict' && isMapping(rendered) ? [rendered] : list,
    {},
    { ...context, loopFiles: filesOf(action) },
    terms.position,
  );
  return withoutOmitted(engine.templar.omit, items) as Value[];
}

function short(value: Value): string {
  const text = pythonText(value);
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}

/** The name of the variable that holds the item. */
export function loopVariable(engine: Engine, control: LoopControl | undefined, context: TemplateContext): string {
  return textKeyword(engine, control?.loopVar, context) ?? 'item';
}

/** What is shown of an item: the label, where there is one that can be rendered, or the item. */
export function itemLabel(
  engine: Engine,
  node: { readonly loopControl?: LoopControl | undefined },
  context: TemplateContext,
  item: Value,
): Value {
  const label = node.loopControl?.label;
  if (label === undefined) return item;
  try {
    return renderKeyword(engine, label, context) ?? item;
  } catch {
    return item;
  }
}

/** What each turn of the loop adds to the variables. */
export function loopTurns(
  engine: Engine,
  items: readonly Value[],
  control: LoopControl | undefined,
  context: TemplateContext,
): Turn[] {
  const variable = loopVariable(engine, control, context);
  const index = textKeyword(engine, control?.indexVar, context);
  const extended = booleanKeyword(engine, 'extended', control?.extended, context) ?? false;
  const allItems = booleanKeyword(engine, 'extended_allitems', control?.extendedAllitems, context) ?? true;
  return items.map((item, position) => {
    const variables: Mapping = { [variable]: item, ansible_loop_var: variable };
    if (index !== undefined) {
      variables[index] = position;
      variables.ansible_index_var = index;
    }
    if (extended) variables.ansible_loop = extendedLoop(items, position, allItems);
    return { item, variables };
  });
}

function extendedLoop(items: readonly Value[], position: number, allItems: boolean): Mapping {
  const loop: Mapping = {
    index: position + 1,
    index0: position,
    first: position === 0,
    last: position + 1 === items.length,
    length: items.length,
    revindex: items.length - position,
    revindex0: items.length - position - 1,
  };
  if (allItems) loop.allitems = items as Value[];
  if (position > 0) loop.previtem = items[position - 1]!;
  if (position + 1 < items.length) loop.nextitem = items[position + 1]!;
  return loop;
}
