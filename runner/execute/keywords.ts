import { KplayError } from '../errors.ts';
import type { Conditions, Written } from '../language/tree.ts';
import { keyText } from '../python/dict.ts';
import { pythonText } from '../python/text.ts';
import { booleanWord } from '../python/truth-words.ts';
import { checkWritable } from '../shared-values.ts';
import type { TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping, numberIn } from '../value.ts';
import type { Engine } from './engine.ts';
import { withoutOmitted } from './omit.ts';

/** Renders a keyword's value; undefined when the keyword is absent or the value is `omit`. */
export function renderKeyword(
  engine: Engine,
  written: Written | undefined,
  context: TemplateContext,
): Value | undefined {
  if (written === undefined) return undefined;
  const value = engine.templar.render(written.value, context, written.position);
  return value === engine.templar.omit ? undefined : value;
}

/** A keyword as a boolean, by Ansible's words. Throws KplayError for anything else. */
export function booleanKeyword(
  engine: Engine,
  name: string,
  written: Written | undefined,
  context: TemplateContext,
): boolean | undefined {
  const value = renderKeyword(engine, written, context);
  if (value === undefined || value === null) return undefined;
  if (typeof value === 'boolean') return value;
  const word = pythonText(value);
  return booleanWord(word) ?? (word === '' ? false : refuse(name, 'true or false', word, written));
}

/**
 * Whether a task hides its results by no_log, whatever else is wrong with it: when in doubt it does, since what its keyword
 * rests on need not be there.
 */
export function hidesResults(
  engine: Engine,
  task: { readonly keywords: { readonly noLog?: Written | undefined } },
  context: () => TemplateContext,
): boolean {
  if (task.keywords.noLog === undefined) return false;
  try {
    return booleanKeyword(engine, 'no_log', task.keywords.noLog, context()) ?? false;
  } catch {
    return true;
  }
}

/** A keyword as a number; a percentage may have its sign (`30%`). Throws KplayError for anything else. */
export function numberKeyword(
  engine: Engine,
  name: string,
  written: Written | undefined,
  context: TemplateContext,
  kind: 'number' | 'percentage' = 'number',
): number | undefined {
  const value = renderKeyword(engine, written, context);
  if (value === undefined || value === null) return undefined;
  const number = numberIn(kind === 'percentage' && typeof value === 'string' ? value.replaceAll('%', '') : value);
  return number ?? refuse(name, `a ${kind}`, value, written);
}

function refuse(name: string, kind: string, value: Value, written: Written | undefined): never {
  throw new KplayError({
    code: 'argument',
    message: `${name} must be ${kind}, not "${pythonText(value)}"`,
    position: written?.position,
  });
}

/** A keyword as text. */
export function textKeyword(
  engine: Engine,
  written: Written | undefined,
  context: TemplateContext,
): string | undefined {
  const value = renderKeyword(engine, written, context);
  return value === undefined || value === null ? undefined : pythonText(value);
}

/** The first condition that does not hold, or undefined when all do. Throws KplayError for undefined variables. */
export function firstFalse(
  engine: Engine,
  conditions: Conditions,
  context: TemplateContext,
): string | boolean | undefined {
  for (const condition of conditions) {
    if (condition.value === true) continue;
    if (condition.value === false) return false;
    if (!engine.templar.test(condition.value, context, condition.position)) return condition.value;
  }
  return undefined;
}

/** The environment of a task: every level's dict, the nearest winning. Values become text as Ansible makes it. */
export function renderEnvironment(
  engine: Engine,
  levels: readonly Written[],
  context: TemplateContext,
): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const level of levels) {
    const rendered = renderKeyword(engine, level, context);
    for (const part of Array.isArray(rendered) ? rendered : [rendered]) {
      if (part === undefined || part === null || part === '') continue;
      if (!isMapping(part)) {
        throw new KplayError({
          code: 'argument',
          message: 'environment must be a dict of names and values',
          position: level.position,
        });
      }
      checkWritable(part, 'The environment', level.position);
      for (const [name, value] of Object.entries(withoutOmitted(engine.templar.omit, part) as Mapping)) {
        environment[keyText(name)] = environmentText(value);
      }
    }
  }
  return environment;
}

function environmentText(value: Value): string {
  return value === null ? '' : pythonText(value);
}
