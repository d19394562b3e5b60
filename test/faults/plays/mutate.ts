import { dump } from 'js-yaml';
import { keywordsOf } from '../../../runner/language/keywords.ts';
import type { Random } from '../random.ts';
import { isDict, type Node } from './corpus.ts';
import { lateValues, oddValues, usualValues } from './values.ts';

/** Makes one play that nobody would write out of the corpus: as YAML text. */
export function mutatedPlaybook(corpus: readonly Node[][], random: Random): Buffer {
  const plays = structuredClone(random.pick(corpus)) as Node[];
  for (let count = 1 + random.below(4); count > 0; count--) mutateTree(plays, corpus, random);
  for (const play of plays)
    if (isDict(play) && isDict(play.vars ?? {})) play.vars = { odd: [...lateValues], ...(play.vars as Dict) };
  const text = Buffer.from(dump(plays, { lineWidth: -1, noRefs: true }));
  return random.chance(0.1) ? mutateText(text, random) : text;
}

type Dict = { [key: string]: Node };

/** A place in a tree: what holds the node, and under which key. */
interface Place {
  readonly holder: Node[] | Dict;
  readonly key: string | number;
  readonly depth: number;
}

function mutateTree(plays: Node[], corpus: readonly Node[][], random: Random): void {
  if (random.chance(0.4)) return addKeyword(plays, random);
  const places = placesOf(plays);
  if (places.length === 0) return;
  // What stands at the top is mostly found before the run: that is for the checks' own tests.
  const deep = places.filter(({ depth }) => depth >= 3);
  const place = random.pick(deep.length > 0 && random.chance(0.9) ? deep : places);
  random.pick(mutations)(place, corpus, random);
}

type Mutation = (place: Place, corpus: readonly Node[][], random: Random) => void;

const keywords = [...new Set([...keywordsOf('task'), ...keywordsOf('play'), ...keywordsOf('block')])];

const mutations: readonly Mutation[] = [
  (place, _, random) => set(place, random.pick(oddValues)),
  (place, _, random) => set(place, random.pick(oddValues.filter((odd) => typeof odd === typeof get(place)))),
  // What a template gives is known only when the task runs.
  (place, _, random) => set(place, oddTemplate(random)),
  (place, _, random) => set(place, oddTemplate(random)),
  (place, _, random) => set(place, oddTemplate(random)),
  (place, corpus, random) => set(place, structuredClone(get(random.pick(placesOf(random.pick(corpus)))))),
  (place) => remove(place),
  (place, _, random) => rename(place, random.pick(keywords)),
  (place, _, random) => {
    const { holder } = place;
    if (Array.isArray(holder)) holder.splice(random.below(holder.length + 1), 0, structuredClone(get(place)));
  },
  (place, _, random) => set(place, random.chance(0.5) ? [get(place)] : { block: [get(place)], rescue: [], always: [] }),
  (place, _, random) => {
    const value = get(place);
    if (typeof value === 'string') set(place, cut(value, random));
  },
];

function cut(value: string, random: Random): string {
  const at = random.below(value.length + 1);
  const inserted = random.chance(0.5) ? String(random.pick(oddValues.filter((odd) => typeof odd === 'string'))) : '';
  return value.slice(0, at) + inserted + value.slice(at + random.below(4));
}

function oddTemplate(random: Random): string {
  return `{{ odd[${random.below(lateValues.length)}] }}`;
}

/** Adds a keyword to a task. */
function addKeyword(root: Node[], random: Random): void {
  const tasks = tasksOf(root);
  if (tasks.length === 0) return;
  const keyword = random.pick(Object.keys(usualValues));
  const value = random.chance(0.8) ? random.pick(usualValues[keyword]!) : oddTemplate(random);
  random.pick(tasks)[keyword] = structuredClone(value);
}

const taskLists = new Set(['tasks', 'pre_tasks', 'post_tasks', 'handlers', 'block', 'rescue', 'always']);

function tasksOf(root: Node): Dict[] {
  return placesOf(root)
    .filter(({ key }) => taskLists.has(String(key)))
    .flatMap((place) => get(place))
    .filter(isDict);
}

function placesOf(root: Node, depth = 0): Place[] {
  if (typeof root !== 'object' || root === null) return [];
  const keys: (string | number)[] = Array.isArray(root) ? root.map((_, index) => index) : Object.keys(root);
  return keys.flatMap((key) => {
    const place: Place = { holder: root, key, depth };
    return [place, ...placesOf(get(place), depth + 1)];
  });
}

function get({ holder, key }: Place): Node {
  return (holder as Record<string | number, Node>)[key]!;
}

function set({ holder, key }: Place, value: Node): void {
  (holder as Record<string | number, Node>)[key] = structuredClone(value);
}

function remove({ holder, key }: Place): void {
  if (Array.isArray(holder)) holder.splice(key as number, 1);
  else delete holder[key];
}

function rename(place: Place, name: string): void {
  if (Array.isArray(place.holder)) return;
  const value = get(place);
  remove(place);
  place.holder[name] = value;
}

function mutateText(text: Buffer, random: Random): Buffer {
  const at = random.below(text.length + 1);
  const end = Math.min(text.length, at + random.below(12));
  const inserted = random.chance(0.5) ? random.bytes(1 + random.below(3)) : text.subarray(at, end);
  return Buffer.concat([text.subarray(0, at), inserted, text.subarray(random.chance(0.5) ? at : end)]);
}
