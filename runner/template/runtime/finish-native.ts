import { EvaluationError, undefinedError } from '../../python/evaluation-error.ts';
import { isDict, typeName } from '../../python/kinds.ts';
import { Nothing, PyObject, Tuple, type V } from '../../python/object.ts';
import { WalkMemory } from '../../shared-values.ts';
import { isTemporal, type Mapping, mapping, Undefined, type Value } from '../../value.ts';

type Memory = WalkMemory<Value>;

/**
 * A value as it leaves a template by the rules from ansible-core 2.19 on: tuples are lists, what is omitted goes out of lists and dicts.
 * Throws EvaluationError for what is undefined and for what no variable can hold.
 */
export function finishNative(value: V, omit: string): Value {
  if (typeof value !== 'object' || value === null) return value;
  return new Finish(omit, true).value(value);
}

/** The same for one of several parts of a text, where what no variable can hold is its text. */
export function finishPart(value: V, omit: string): V {
  if (typeof value !== 'object' || value === null) return value;
  return new Finish(omit, false).value(value);
}

class Finish {
  readonly #omit: string;
  readonly #strict: boolean;
  readonly #memory: Memory = new WalkMemory();

  constructor(omit: string, strict: boolean) {
    this.#omit = omit;
    this.#strict = strict;
  }

  value(value: V): Value {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return this.#memory.recall(value) ?? this.#memory.note(value, this.#list(value));
    if (value instanceof Nothing) return this.#strict ? unsupported('Undefined') : value;
    if (value instanceof Undefined) throw undefinedError(value.message);
    if (value instanceof PyObject) return this.#object(value);
    return isDict(value) ? (this.#memory.recall(value) ?? this.#memory.note(value, this.#dict(value))) : value;
  }

  #object(value: PyObject): Value {
    if (isTemporal(value)) return value;
    return this.#strict ? unsupported(typeName(value)) : (value as V as Value);
  }

  #list(list: Value[]): Value[] {
    const omit = this.#omit;
    let copy: Value[] | undefined = list instanceof Tuple ? [] : undefined;
    for (let index = 0; index < list.length; index++) {
      const element = list[index]!;
      const finished = this.value(element);
      if (!copy && (finished !== element || element === omit)) copy = list.slice(0, index);
      if (element !== omit) copy?.push(finished);
    }
    return copy ?? list;
  }

  #dict(dict: Mapping): Mapping {
    const names = Object.keys(dict);
    const finished = names.map((name) => this.value(dict[name]!));
    if (finished.every((value, index) => value === dict[names[index]!] && value !== this.#omit)) return dict;
    const kept = names.map((name, index) => [name, finished[index]!] as const);
    return mapping(kept.filter(([, value]) => value !== this.#omit));
  }
}

function unsupported(type: string): never {
  const hint = type === 'range' ? 'Make it a list: range(3) | list.' : undefined;
  throw new EvaluationError(`Type '${type}' is unsupported for variable storage.`, 'template', hint);
}
