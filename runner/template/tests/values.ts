import { EvaluationError } from '../../python/evaluation-error.ts';
import { isIterable, iterate } from '../../python/iterate.ts';
import { defined, isDict, isIntegral, isNumeric, kindOf, toNumber } from '../../python/kinds.ts';
import { PyObject, type V } from '../../python/object.ts';
import { arithmetic, compare, contains, equal, truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import { splitUrl } from '../../python/url.ts';
import { compareVersions } from '../../python/version.ts';
import { table } from '../../table.ts';
import { Undefined, type Value } from '../../value.ts';
import { toBool } from '../filters/basics.ts';
import { baseNameOf } from '../names.ts';
import { type Callee, fn, PyFunction } from '../runtime/function.ts';
import { any, flag, orNone, text } from '../runtime/parameters.ts';

/** A test with one argument. */
function binary(check: (value: V, other: V) => boolean): Callee {
  return fn({ other: any() }, (value, { other }) => check(value, other));
}

function unary(check: (value: V) => boolean): Callee {
  return fn({}, check);
}

function isRemainder(value: V, remainder: number): boolean {
  return equal(arithmetic('%', value, 2), remainder);
}

const versionOperators: Readonly<Record<string, (order: number) => boolean>> = table<(order: number) => boolean>({
  '==': (order) => order === 0,
  '=': (order) => order === 0,
  eq: (order) => order === 0,
  '<': (order) => order < 0,
  lt: (order) => order < 0,
  '<=': (order) => order <= 0,
  le: (order) => order <= 0,
  '>': (order) => order > 0,
  gt: (order) => order > 0,
  '>=': (order) => order >= 0,
  ge: (order) => order >= 0,
  '!=': (order) => order !== 0,
  '<>': (order) => order !== 0,
  ne: (order) => order !== 0,
});

const version = fn(
  { version: text(), operator: text('eq'), strict: orNone(flag()), version_type: orNone(text()) },
  (value, { version: other, operator, strict, version_type: type }) => {
    defined(value);
    if (str(value) === '') throw new EvaluationError('Input version value cannot be empty');
    if (other === '') throw new EvaluationError('Version parameter to compare against cannot be empty');
    if (strict !== null && type !== null) throw new EvaluationError("Cannot specify both 'strict' and 'version_type'");
    const holds = versionOperators[operator];
    if (!holds) {
      throw new EvaluationError(
        `Invalid operator type (${operator}). Must be one of ${Object.keys(versionOperators).join(', ')}`,
      );
    }
    return holds(compareVersions(str(value), other, type ?? (strict ? 'strict' : 'loose')));
  },
);

function isSubset(value: V, other: V): boolean {
  const there = iterate(other);
  return iterate(value).every((element) => contains(there as Value[], element));
}

function truthy(value: V, converts: boolean): boolean {
  return truth(converts ? (toBool(value) ?? value) : value);
}

const not = (callee: Callee): Callee => ({
  call: (...args) => !truth(callee.call(...args)),
});

const truthyTest = fn({ convert_bool: flag(false) }, (value, args) => truthy(value, args.convert_bool));

/** Tests of values. */
export const valueTests: Readonly<Record<string, Callee>> = {
  defined: unary((value) => !(value instanceof Undefined)),
  undefined: unary((value) => value instanceof Undefined),
  none: unary((value) => value === null),
  boolean: unary((value) => typeof value === 'boolean'),
  true: unary((value) => value === true),
  false: unary((value) => value === false),
  integer: unary((value) => isIntegral(value) && typeof value !== 'boolean'),
  float: unary((value) => kindOf(value) === 'float'),
  number: unary((value) => isNumeric(value)),
  string: unary((value) => kindOf(value) === 'str'),
  mapping: unary((value) => isDict(value)),
  sequence: unary((value) => isIterable(value) && !(value instanceof PyObject && value.typeName.startsWith('dict_'))),
  iterable: unary(isIterable),
  callable: unary((value) => value instanceof PyFunction),
  escaped: unary(() => false),
  lower: unary((value) => str(value) !== str(value).toUpperCase() && str(value) === str(value).toLowerCase()),
  upper: unary((value) => str(value) !== str(value).toLowerCase() && str(value) === str(value).toUpperCase()),
  odd: unary((value) => isRemainder(value, 1)),
  even: unary((value) => isRemainder(value, 0)),
  divisibleby: binary((value, other) => equal(arithmetic('%', value, other), 0)),
  in: binary((value, other) => contains(other, value)),
  contains: binary((value, other) => contains(value, other)),
  sameas: binary((value, other) => value === other),
  filter: fn({}, (value, _args, run) => run.registry.filter(baseNameOf(str(value))) !== undefined),
  test: fn({}, (value, _args, run) => run.registry.test(baseNameOf(str(value))) !== undefined),
  nan: unary((value) => Number.isNaN(isNumeric(value) ? toNumber(value) : 0)),
  isnan: unary((value) => Number.isNaN(isNumeric(value) ? toNumber(value) : 0)),
  any: unary((value) => iterate(value).some(truth)),
  all: unary((value) => iterate(value).every(truth)),
  truthy: truthyTest,
  falsy: not(truthyTest),
  subset: binary(isSubset),
  issubset: binary(isSubset),
  superset: binary((value, other) => isSubset(other, value)),
  issuperset: binary((value, other) => isSubset(other, value)),
  vault_encrypted: unary((value) => kindOf(value) === 'str' && str(value).startsWith('$ANSIBLE_VAULT')),
  uri: fn({ schemes: any(null) }, (value, { schemes }) => isUri(str(value), schemes)),
  url: fn({ schemes: any(null) }, (value, { schemes }) => {
    if (!isUri(str(value), schemes)) return false;
    const { scheme, netloc } = splitUrl(str(value));
    return netloc !== '' || scheme === 'file';
  }),
  urn: unary((value) => isUri(str(value), ['urn'])),
  version,
  version_compare: version,
};

function isUri(uri: string, schemes: V): boolean {
  if (schemes !== null && !isIterable(schemes)) return false;
  const wanted = schemes === null ? [] : iterate(schemes);
  return wanted.length === 0 || wanted.includes(splitUrl(uri).scheme);
}

const comparisons: Readonly<Record<string, (value: V, other: V) => boolean>> = {
  '==': equal,
  '!=': (value, other) => !equal(value, other),
  '<': (value, other) => compare(value, other, '<') < 0,
  '<=': (value, other) => compare(value, other, '<=') <= 0,
  '>': (value, other) => compare(value, other, '>') > 0,
  '>=': (value, other) => compare(value, other, '>=') >= 0,
};

const comparisonNames: Readonly<Record<string, readonly string[]>> = {
  '==': ['==', 'eq', 'equalto'],
  '!=': ['!=', 'ne'],
  '<': ['<', 'lt', 'lessthan'],
  '<=': ['<=', 'le'],
  '>': ['>', 'gt', 'greaterthan'],
  '>=': ['>=', 'ge'],
};

/** Tests that are operators, for `select` and the like. */
export const comparisonTests: Readonly<Record<string, Callee>> = Object.fromEntries(
  Object.entries(comparisonNames).flatMap(([operator, names]) =>
    names.map((name) => [name, binary(comparisons[operator]!)] as const),
  ),
);
