import { didYouMean } from '../errors.ts';
import { type Position, placeOfKey } from '../position.ts';
import { keyText } from '../python/dict.ts';
import { isMapping, type Value } from '../value.ts';
import { checkTemplates, isTemplate } from './check-templates.ts';
import { loadConditions } from './conditions.ts';
import { type Fields, isIdentifier, scalarText } from './fields.ts';
import { loopControlKeywords } from './keywords.ts';
import { kindOf, placeIn } from './loading.ts';
import type { Loop, LoopControl, Written } from './tree.ts';

/** Reads a task's `loop` or `with_NAME`. */
export function loadLoop(fields: Fields): Loop | undefined {
  const { dict, loading } = fields;
  if (!fields.keys.some(isLoop)) return undefined;
  const names = fields.keys.filter(isLoop);
  if (names.length > 1) {
    const message = `This task has several loops: ${names.map((name) => `"${name}"`).join(' and ')}.`;
    loading.add({ code: 'parse', message, position: placeOfKey(dict, names[1]!) ?? fields.position });
    return undefined;
  }
  const name = names[0]!;
  const position = placeIn(dict, name, fields.position);
  const value = dict[name] ?? null;
  const keyPlace = placeOfKey(dict, name) ?? fields.position;
  const lookup = name === 'loop' ? undefined : name.slice('with_'.length);
  if (lookup !== undefined && !loading.options.templar.lookupNames.has(lookup)) {
    const hint = didYouMean(lookup, loading.options.templar.lookupNames);
    loading.add({
      code: 'unknown-keyword',
      message: `There is no lookup "${lookup}" for "${name}".`,
      position: keyPlace,
      hint,
    });
    return undefined;
  }
  if (value === null) {
    // As in Ansible, an empty `loop:` is none, while `with_NAME` needs a value.
    if (lookup === undefined) return undefined;
    loading.add({ code: 'parse', message: `"${name}" has no value.`, position: keyPlace });
    return undefined;
  }
  checkTemplates(loading, value, position);
  if (lookup === undefined && !Array.isArray(value) && !isTemplate(loading, value)) {
    const hint = typeof value === 'string' ? `A variable is written "{{ ${value} }}".` : undefined;
    loading.add({ code: 'parse', message: `"loop" must be a list, not ${kindOf(value)}.`, position, hint });
    return undefined;
  }
  return lookup === undefined ? { terms: { value, position } } : { lookup, terms: { value, position } };
}

function isLoop(key: string): boolean {
  return key === 'loop' || key.startsWith('with_');
}

/** Reads a task's `loop_control`. */
export function loadLoopControl(fields: Fields): LoopControl | undefined {
  const { loading } = fields;
  const written = fields.written('loop_control');
  if (!written || !isMapping(written.value)) return undefined;
  const dict = written.value;
  for (const name of Object.keys(dict)) {
    if (loopControlKeywords[name] !== undefined) continue;
    const position = placeOfKey(dict, name) ?? written.position;
    const hint = didYouMean(name, Object.keys(loopControlKeywords));
    loading.add({
      code: 'unknown-keyword',
      message: `"${keyText(name)}" is not a key of loop_control.`,
      position,
      hint,
    });
  }
  const value = (name: string): Written | undefined => {
    const given = dict[name];
    if (given === undefined || given === null) return undefined;
    return { value: given as Value, position: placeIn(dict, name, written.position) };
  };
  const variable = (name: string): Written<string> | undefined => {
    const given = value(name);
    if (!given) return undefined;
    const text = scalarText(given.value) ?? '';
    if (isIdentifier(text) || isTemplate(loading, text)) return { value: text, position: given.position };
    badName(fields, name, given.value, given.position);
    return undefined;
  };
  const breakWhen = value('break_when');
  return {
    loopVar: variable('loop_var'),
    indexVar: variable('index_var'),
    label: value('label'),
    pause: value('pause'),
    extended: value('extended'),
    extendedAllitems: value('extended_allitems'),
    breakWhen: breakWhen ? loadConditions(loading, 'break_when', breakWhen.value, breakWhen.position) : [],
  };
}

function badName(fields: Fields, name: string, value: Value, position: Position): void {
  fields.loading.add({ code: 'parse', message: `"${name}" must be a variable name, not ${kindOf(value)}.`, position });
}

/** `{key: value}`, or nothing when there is no value. */
export function optional<K extends string, T>(key: K, value: T | undefined): { [P in K]?: T } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: T };
}
