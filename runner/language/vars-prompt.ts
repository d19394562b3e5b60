import { didYouMean } from '../errors.ts';
import { placeOfKey } from '../position.ts';
import { keyText } from '../python/dict.ts';
import { booleanWord } from '../python/truth-words.ts';
import { isMapping, type Mapping } from '../value.ts';
import { type Fields, isIdentifier, scalarText } from './fields.ts';
import { kindOf, placeIn } from './loading.ts';
import type { VarsPrompt } from './tree.ts';

const keys = ['name', 'prompt', 'private', 'default', 'confirm', 'unsafe', 'encrypt', 'salt', 'salt_size'];

/** Reads a play's vars_prompt: a list of dicts, or one alone. */
export function loadVarsPrompt(fields: Fields): VarsPrompt[] {
  const written = fields.written('vars_prompt');
  if (!written) return [];
  const { value } = written;
  if (isMapping(value)) return [onePrompt(fields, value, written.position) ?? []].flat();
  if (!Array.isArray(value)) {
    const message = `"vars_prompt" must be a list, not ${kindOf(value)}.`;
    fields.loading.add({ code: 'parse', message, position: written.position });
    return [];
  }
  const list = value;
  return list.flatMap((entry, index) => {
    const position = placeIn(list, index, written.position);
    if (isMapping(entry)) return onePrompt(fields, entry, position) ?? [];
    const message = `An entry of "vars_prompt" must be a dict with "name", not ${kindOf(entry)}.`;
    fields.loading.add({ code: 'parse', message, position });
    return [];
  });
}

function onePrompt(fields: Fields, entry: Mapping, position: VarsPrompt['position']): VarsPrompt | undefined {
  const { loading } = fields;
  for (const key of Object.keys(entry)) {
    const place = placeOfKey(entry, key) ?? position;
    if (!keys.includes(key)) {
      const message = `"${keyText(key)}" is not a key of vars_prompt.`;
      loading.add({ code: 'unknown-keyword', message, position: place, hint: didYouMean(key, keys) });
    } else if (key === 'encrypt' || key.startsWith('salt')) {
      const hint = 'Hash it where it is used, with the filter password_hash.';
      loading.add({ code: 'unsupported', message: `"${key}" of vars_prompt is not supported.`, position: place, hint });
    }
  }
  const name = scalarText(entry.name ?? null);
  if (name === undefined || !isIdentifier(name)) {
    const message = 'An entry of "vars_prompt" needs "name", the name of a variable.';
    loading.add({ code: 'parse', message, position });
    return undefined;
  }
  const flag = (key: string, otherwise: boolean): boolean =>
    booleanWord(scalarText(entry[key] ?? null) ?? '') ?? otherwise;
  return {
    name,
    prompt: scalarText(entry.prompt ?? null) ?? name,
    private: flag('private', true),
    ...(entry.default === undefined ? {} : { default: entry.default }),
    confirm: flag('confirm', false),
    unsafe: flag('unsafe', false),
    position,
  };
}
