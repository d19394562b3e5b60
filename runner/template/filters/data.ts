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
import { type Callee, fn } from '../runtime/function.ts';
import { type Arguments, any, flag, named, number, orNone, rest, string, text } from '../runtime/parameters.ts';

function indentOf(value: V): number | string | null {
  return value === null || typeof value === 'string' ? value : requireInt(value, 'indent');
}

/** What json.dumps takes of which nothing shows here, and what Ansible adds. */
const unseenOfJson = {
  skipkeys: named(any(false)),
  check_circular: named(any(true)),
  allow_nan: named(any(true)),
  default: named(any(null)),
  vault_to_text: named(any(false)),
  preprocess_unsafe: named(any(false)),
};

const jsonParameters = {
  profile: orNone(string()),
  indent: named(any(null)),
  sort_keys: named(flag(false)),
  ensure_ascii: named(flag(true)),
  separators: named(any(null)),
  ...unseenOfJson,
};

function toJson(value: V, args: Arguments<typeof jsonParameters>): string {
  const separators = args.separators as [string, string] | null;
  return jsonText(defined(value), {
    indent: indentOf(args.indent),
    sortKeys: args.sort_keys,
    ensureAscii: args.ensure_ascii,
    ...(separators ? { itemSeparator: separators[0], keySeparator: separators[1] } : {}),
  });
}

const niceJsonParameters = {
  ...jsonParameters,
  profile: named(orNone(string())),
  indent: any(4),
  sort_keys: flag(true),
};

const yamlParameters = {
  args: rest,
  default_flow_style: named(any(null)),
  default_style: named(orNone(text())),
  indent: named(orNone(number())),
  width: named(any(null)),
  allow_unicode: named(flag(true)),
  explicit_start: named(flag(false)),
  explicit_end: named(flag(false)),
  sort_keys: named(flag(true)),
  // Of these nothing shows here.
  canonical: named(any(null)),
  line_break: named(any(null)),
  encoding: named(any(null)),
  version: named(any(null)),
  tags: named(any(null)),
  vault_behavior: named(any(null)),
};

function toYaml(value: V, args: Arguments<typeof yamlParameters>): string {
  const { default_flow_style: flow, indent, width } = args;
  return yamlText(defined(value), {
    indent: indent !== null && Number.isInteger(indent) && indent > 1 && indent < 10 ? indent : 2,
    width: Math.min(Number(width ?? 80), 1e9),
    sortKeys: args.sort_keys,
    flowStyle: flow === null ? null : truth(flow),
    allowUnicode: args.allow_unicode,
    explicitStart: args.explicit_start,
    explicitEnd: args.explicit_end,
    defaultStyle: args.default_style,
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

function htmlJson(value: V, indent: V): string {
  return jsonText(defined(value), { indent: indentOf(indent), sortKeys: true }).replace(
    /[<>&']/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

/** Filters to and from JSON and YAML. */
export const dataFilters: Readonly<Record<string, Callee>> = {
  to_json: fn(jsonParameters, toJson),
  // The filter has separators of its own.
  to_nice_json: fn(niceJsonParameters, (value, args) => toJson(value, { ...args, separators: [',', ': '] })),
  from_json: fn({ profile: orNone(string()), strict: named(any(true)) }, fromJson),
  tojson: fn({ indent: any(null) }, (value, { indent }) => htmlJson(value, indent)),
  to_yaml: fn(yamlParameters, toYaml),
  to_nice_yaml: fn({ ...yamlParameters, indent: orNone(number(), 4), default_flow_style: named(any(false)) }, toYaml),
  from_yaml: fn({}, (value) => fromYaml(value, (source) => parseYaml(source, '<from_yaml>'))),
  from_yaml_all: fn({}, (value) => fromYaml(value, (source) => parseYamlDocuments(source, '<from_yaml_all>'))),
};
