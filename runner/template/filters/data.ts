import { isInterruption } from '../../computing.ts';
import { KplayError } from '../../errors.ts';
import { parseYaml, parseYamlDocuments } from '../../language/yaml.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { jsonText } from '../../python/json.ts';
import { parseJson } from '../../python/json-reader.ts';
import { defined, requireInt } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { yamlText } from '../../python/yaml-dump.ts';
import { Undefined, type Value } from '../../value.ts';
import { type Bound, type Callee, fn, keywordsOf } from '../runtime/function.ts';

type Options = ReadonlyMap<string, V>;

function option(options: Options, name: string, standard: V): V {
  return options.get(name) ?? standard;
}

function indentOf(value: V): number | string | null {
  return value === null || typeof value === 'string' ? value : requireInt(value, 'indent');
}

function toJson(value: V, [keywords]: Bound, nice: boolean): string {
  const options = keywordsOf(keywords);
  const separators = options.get('separators') as string[] | undefined;
  return jsonText(defined(value), {
    indent: indentOf(option(options, 'indent', nice ? 4 : null)),
    sortKeys: truth(option(options, 'sort_keys', nice)),
    ensureAscii: truth(option(options, 'ensure_ascii', true)),
    ...(separators ? { itemSeparator: separators[0]!, keySeparator: separators[1]! } : {}),
  });
}

function toYaml(value: V, standardIndent: number, keywords: Options, nice: boolean): string {
  const flow = option(keywords, 'default_flow_style', nice ? false : null);
  const style = option(keywords, 'default_style', null);
  const width = option(keywords, 'width', 80);
  const indent = requireInt(option(keywords, 'indent', standardIndent), 'indent');
  return yamlText(defined(value), {
    indent: indent > 1 && indent < 10 ? indent : 2,
    width: Math.min(Number(width), 1e9),
    sortKeys: truth(option(keywords, 'sort_keys', true)),
    flowStyle: flow === null ? null : truth(flow),
    allowUnicode: truth(option(keywords, 'allow_unicode', true)),
    explicitStart: truth(option(keywords, 'explicit_start', false)),
    explicitEnd: truth(option(keywords, 'explicit_end', false)),
    defaultStyle: style === null ? null : str(style),
  });
}

/** Reads YAML in a text; anything else is given back as it is. */
function fromYaml(value: V, read: (text: string) => Value): V {
  defined(value);
  if (typeof value !== 'string') return value;
  try {
    return read(value);
  } catch (error) {
    if (error instanceof KplayError && !isInterruption(error))
      throw new EvaluationError(`from_yaml: ${error.message}`, 'template', undefined, error);
    throw error;
  }
}

function fromJson(value: V): V {
  if (value instanceof Undefined || typeof value !== 'string') {
    throw new EvaluationError(`from_json takes text, not ${str(value)}`);
  }
  return parseJson(value);
}

function htmlJson(value: V, [indent = null]: Bound): string {
  return jsonText(defined(value), { indent: indentOf(indent), sortKeys: true }).replace(
    /[<>&']/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Filters to and from JSON and YAML. */
export const dataFilters: Readonly<Record<string, Callee>> = {
  to_json: fn('**keywords', (value, args) => toJson(value, args, false)),
  to_nice_json: fn('indent sort_keys **keywords', (value, [indent = 4, sort = true, keywords]) => {
    const options = new Map(keywordsOf(keywords));
    const separators = options.get('separators') as string[] | undefined;
    return jsonText(defined(value), {
      indent: indentOf(indent),
      sortKeys: truth(sort),
      ensureAscii: truth(option(options, 'ensure_ascii', true)),
      ...(separators ? { itemSeparator: separators[0]!, keySeparator: separators[1]! } : {}),
    });
  }),
  from_json: fn('', fromJson),
  tojson: fn('indent', htmlJson),
  to_yaml: fn('default_flow_style **keywords', (value, [flow, keywords]) => {
    const options = new Map(keywordsOf(keywords));
    if (flow !== undefined) options.set('default_flow_style', flow);
    return toYaml(value, 2, options, false);
  }),
  to_nice_yaml: fn('indent **keywords', (value, [indent = 4, keywords]) => {
    return toYaml(value, requireInt(indent, 'indent'), keywordsOf(keywords), true);
  }),
  from_yaml: fn('', (value) => fromYaml(value, (text) => parseYaml(text, '<from_yaml>'))),
  from_yaml_all: fn('', (value) => fromYaml(value, (text) => parseYamlDocuments(text, '<from_yaml_all>'))),
};
