import type { FileKind } from '../search-path.ts';
import type { Mapping, Value } from '../value.ts';

/** Ansible's argument types. `raw` takes anything; `path` is text in which `~` and variables of the environment are expanded on the host. */
export type ArgumentType =
  | 'str'
  | 'int'
  | 'float'
  | 'bool'
  | 'list'
  | 'dict'
  | 'path'
  | 'raw'
  | 'json'
  | 'bytes'
  | 'bits'
  | 'jsonarg';

/** One argument of a module. */
export interface ArgumentSpec {
  readonly type: ArgumentType;
  readonly required?: boolean;
  readonly default?: Value;
  readonly choices?: readonly (string | number | boolean)[];
  readonly aliases?: readonly string[];
  /** The type of a list's elements. */
  readonly elements?: ArgumentType;
  /** The schema of a dict, or of the dicts in a list. */
  readonly options?: ArgumentSchema;
  /** Its value is masked everywhere. */
  readonly noLog?: boolean;
  /** One or two sentences. */
  readonly doc: string;
  /** Accepted, but this reason is said: `use X instead`. */
  readonly deprecated?: string;
  /**
   * Its text is an expression that the module evaluates itself. The engine leaves it as written: were it rendered
   * first, text from a host could become an expression.
   */
  readonly expression?: boolean;
  /** What a file of this machine that it names is for: the file is looked for before the run. */
  readonly file?: FileKind;
  /** Whether None is a value like any other, and does not mean that nothing is given. */
  readonly none?: true;
  /** It must be known before the run: a template is an error. */
  readonly fixed?: boolean;
  /** An argument of Ansible's that kplay refuses, and why; so that it is an error that says so. */
  readonly unsupported?: string;
}

export type ArgumentSchema = Readonly<Record<string, ArgumentSpec>>;

/** Rules over several arguments, with Ansible's names and meanings. */
export interface ArgumentRules {
  readonly mutuallyExclusive?: readonly (readonly string[])[];
  readonly requiredOneOf?: readonly (readonly string[])[];
  readonly requiredTogether?: readonly (readonly string[])[];
  /** [argument, value, [needed …], anyOf?] */
  readonly requiredIf?: readonly (readonly [string, Value, readonly string[], boolean?])[];
  /** argument -> arguments that it needs */
  readonly requiredBy?: Readonly<Record<string, readonly string[]>>;
}

type Scalar<T extends ArgumentType> = T extends 'str' | 'path' | 'json' | 'jsonarg'
  ? string
  : T extends 'int' | 'float' | 'bytes' | 'bits'
    ? number
    : T extends 'bool'
      ? boolean
      : T extends 'dict'
        ? Mapping
        : Value;

type Elements<A extends ArgumentSpec> = A extends { options: infer O extends ArgumentSchema }
  ? Arguments<O>
  : A extends { elements: infer E extends ArgumentType }
    ? Scalar<E>
    : Value;

type One<A extends ArgumentSpec> = A['type'] extends 'list'
  ? Elements<A>[]
  : A extends { type: 'dict'; options: infer O extends ArgumentSchema }
    ? Arguments<O>
    : A extends { type: 'str'; choices: readonly (infer C)[] }
      ? C
      : Scalar<A['type']>;

/** The checked, coerced arguments: required ones and those with a default are there, others may be undefined. */
export type Arguments<S extends ArgumentSchema> = {
  readonly [K in keyof S]: S[K] extends { required: true } | { default: NonNullable<Value> }
    ? One<S[K]>
    : One<S[K]> | undefined;
} & { readonly [extra: string]: unknown };
