import { didYouMean, type Problem } from '../errors.ts';
import { placeOfKey, placeOfValue } from '../position.ts';
import { keyText } from '../python/dict.ts';
import { pythonText } from '../python/text.ts';
import { booleanWord } from '../python/truth-words.ts';
import { isMapping, type Mapping, mapping, UnsafeText, type Value } from '../value.ts';
import type { ArgumentRules, ArgumentSchema, ArgumentSpec } from './arguments.ts';
import { coerce } from './coerce.ts';
import { checkRules } from './rules.ts';
import { noRules, phasesOf, readingOf } from './schema-reading.ts';

export interface ValidateOptions {
  /** Whether a value is known only at run time, so that its type and choices cannot be checked yet. */
  readonly templated?: ((value: Value) => boolean) | undefined;
  /** Whether keys that are not in the schema are accepted as they are. */
  readonly extraArguments?: boolean | undefined;
}

export interface Validated {
  /** Coerced arguments by their canonical names, defaults filled in. */
  readonly args: Mapping;
  readonly problems: readonly Problem[];
  readonly warnings: readonly string[];
}

/**
 * Checks and coerces the arguments of a module (or an argument_specs entry) with Ansible's rules. Arguments that are
 * null count as not given. Problems have the place of the argument where it came from a file.
 */
export function validateArguments(
  schema: ArgumentSchema,
  rules: ArgumentRules | undefined,
  args: Mapping,
  moduleName: string,
  options: ValidateOptions = {},
): Validated {
  const validation = new Validation(moduleName, options);
  const checked = validation.level(schema, rules, args, '');
  return { args: checked, problems: validation.problems, warnings: validation.warnings };
}

class Validation {
  readonly problems: Problem[] = [];
  readonly warnings: string[] = [];
  readonly #name: string;
  readonly #options: ValidateOptions;

  constructor(name: string, options: ValidateOptions) {
    this.#name = name;
    this.#options = options;
  }

  /** One dict with a schema: the arguments, or a suboption. `path` names it in messages. */
  level(schema: ArgumentSchema, rules: ArgumentRules | undefined, args: Mapping, path: string): Mapping {
    const { names, specs } = readingOf(schema);
    const result = this.#canonical(schema, names, args, path);
    // As in Ansible, defaults do not count for what excludes each other; for all other rules they do.
    const { before, after } = rules ? phasesOf(rules) : noRules;
    const isUnsure = (value: Value): boolean => this.#isTemplated(value);
    for (const message of checkRules(before, result, isUnsure)) this.#add(`${message}${inside(path)}.`, undefined);
    for (const [name, spec] of specs) {
      const value = result[name];
      if (value !== undefined) result[name] = this.#value(spec, value, { args, name, path });
      else if (spec.default !== undefined && spec.default !== null) result[name] = spec.default;
      else if (spec.required) {
        this.#add(`the argument "${name}"${inside(path)} is required.`, undefined);
      }
    }
    for (const message of checkRules(after, result, isUnsure)) this.#add(`${message}${inside(path)}.`, undefined);
    for (const [name, spec] of specs) {
      if (result[name] === undefined && spec.default === null) result[name] = null;
    }
    return result;
  }

  /** The given arguments under their canonical names; unknown and refused ones are reported. */
  #canonical(schema: ArgumentSchema, names: ReadonlyMap<string, string>, args: Mapping, path: string): Mapping {
    const result = mapping();
    for (const [given, value] of Object.entries(args)) {
      const name = names.get(given);
      if (name === undefined) {
        if (this.#options.extraArguments && path === '') result[given] = value;
        else this.#unknown(given, names, args, path);
        continue;
      }
      const spec = schema[name]!;
      if (spec.unsupported !== undefined) {
        this.problems.push({
          code: 'unsupported',
          message: `${this.#name}: the argument "${given}"${inside(path)} is not supported: ${spec.unsupported}`,
          position: placeOfKey(args, given),
        });
        continue;
      }
      if (spec.deprecated !== undefined)
        this.warnings.push(`${this.#name}: "${given}" is deprecated: ${spec.deprecated}`);
      if (value === null && spec.type !== 'raw') continue;
      if (result[name] !== undefined) {
        const alias = given === name ? Object.keys(args).find((key) => key !== name && names.get(key) === name) : given;
        this.warnings.push(`${this.#name}: "${name}" and its other name "${alias}" are both given; "${alias}" counts.`);
        if (given === name) continue;
      }
      if (value !== null || spec.none) result[name] = value;
    }
    return result;
  }

  #unknown(given: string, names: ReadonlyMap<string, string>, args: Mapping, path: string): void {
    const known = [...names.keys()];
    const hint =
      didYouMean(given, known) ??
      (known.length > 0 ? `It knows ${[...new Set(names.values())].sort().join(', ')}.` : 'It takes no arguments.');
    this.#add(`there is no argument "${keyText(given)}"${inside(path)}.`, placeOfKey(args, given), hint);
  }

  #value(spec: ArgumentSpec, value: Value, where: Where): Value {
    if (this.#isTemplated(value)) {
      if (spec.fixed) this.#add(`${label(where)} cannot be a template.`, placeOfValue(where.args, where.name));
      return value;
    }
    const coerced = coerce(value, spec.type);
    if ('expected' in coerced) {
      this.#wrongType(where, coerced.expected, value, spec);
      return value;
    }
    if (coerced.warning) this.warnings.push(`${this.#name}: ${label(where)}: ${coerced.warning}.`);
    const typed = spec.type === 'list' ? this.#elements(spec, coerced.value as Value[], where) : coerced.value;
    const chosen = this.#choice(spec, typed, where);
    return spec.type === 'dict' && spec.options && isMapping(chosen)
      ? this.level(spec.options, undefined, chosen, pathOf(where))
      : chosen;
  }

  #elements(spec: ArgumentSpec, list: Value[], where: Where): Value[] {
    const type = spec.elements ?? (spec.options ? 'dict' : undefined);
    if (type === undefined) return list;
    return list.map((element, index) => {
      if (this.#isTemplated(element)) return element;
      const coerced = element === null && type !== 'raw' ? { expected: elementName(type) } : coerce(element, type);
      const place = { args: list, name: index, path: pathOf(where) };
      if ('expected' in coerced) {
        this.#wrongType(place, coerced.expected, element, spec);
        return element;
      }
      if (coerced.warning) this.warnings.push(`${this.#name}: ${label(place)}: ${coerced.warning}.`);
      return spec.options && isMapping(coerced.value)
        ? this.level(spec.options, undefined, coerced.value, pathOf(place))
        : coerced.value;
    });
  }

  #choice(spec: ArgumentSpec, value: Value, where: Where): Value {
    if (!spec.choices) return value;
    if (Array.isArray(value)) return value.map((element) => this.#oneChoice(spec, element, where));
    return this.#oneChoice(spec, value, where);
  }

  #oneChoice(spec: ArgumentSpec, value: Value, where: Where): Value {
    const choices = spec.choices!;
    if (this.#isTemplated(value) || (choices as readonly Value[]).includes(value)) return value;
    // YAML makes booleans of yes and no; where these are choices, the word that is meant is found again.
    const truth = value === 'True' ? true : value === 'False' ? false : undefined;
    const words = truth === undefined ? [] : choices.filter((choice) => booleanWord(String(choice)) === truth);
    if (words.length === 1) return words[0]!;
    const shown = choices.map((choice) => pythonText(choice));
    this.#add(
      `${label(where)} must be one of ${shown.join(', ')}${spec.noLog ? '' : `, not "${pythonText(value)}"`}.`,
      placeOfValue(where.args, where.name),
      spec.noLog ? undefined : didYouMean(pythonText(value), shown),
    );
    return value;
  }

  #wrongType(where: Where, expected: string, value: Value, spec: ArgumentSpec): void {
    const given = spec.noLog ? '' : `, not ${describe(value)}`;
    this.#add(`${label(where)} must be ${expected}${given}.`, placeOfValue(where.args, where.name));
  }

  #isTemplated(value: Value): boolean {
    return this.#options.templated?.(value) ?? false;
  }

  #add(message: string, position: Problem['position'], hint?: string): void {
    this.problems.push({ code: 'argument', message: `${this.#name}: ${message}`, position, hint });
  }
}

interface Where {
  readonly args: Mapping | Value[];
  readonly name: string | number;
  readonly path: string;
}

function pathOf(where: Where): string {
  if (typeof where.name === 'number') return `${where.path}[${where.name}]`;
  return where.path === '' ? where.name : `${where.path}.${where.name}`;
}

function label(where: Where): string {
  return `"${pathOf(where)}"`;
}

function inside(path: string): string {
  return path === '' ? '' : ` of "${path}"`;
}

function elementName(type: string): string {
  return type === 'str' || type === 'path' ? 'text' : `a ${type}`;
}

function describe(value: Value): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return 'a list';
  if (value instanceof UnsafeText) return `"${value.text}"`;
  if (isMapping(value)) return 'a dict';
  return `"${pythonText(value)}"`;
}
