import type { ArgumentSchema } from '../../runner/module/arguments.ts';

/** A schema that stands by itself, its exact type kept so that the types of the arguments follow from it. */
export function schema<const S extends ArgumentSchema>(args: S): S {
  return args;
}
