import { KplayError } from '../errors.ts';
import type { Written } from '../language/tree.ts';
import type { TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping, mapping } from '../value.ts';
import type { CompiledTask } from './compiled-task.ts';
import type { Engine } from './engine.ts';
import { renderEnvironment, renderKeyword } from './keywords.ts';

/**
 * The environment of a task. Entries that rest on facts of the environment are left out as long as these are not known, so
 * that a play may build on the host's PATH and gather facts. Throws KplayError for what else cannot be rendered.
 */
export function taskEnvironment(engine: Engine, task: CompiledTask, context: TemplateContext): Record<string, string> {
  try {
    return renderEnvironment(engine, task.environment, context);
  } catch (error) {
    const unknown = unknownFacts(task, context);
    if (unknown === undefined) throw error;
    const levels = task.environment.map((level) => withoutUnknown(engine, level, unknown, context));
    return renderEnvironment(engine, levels, context);
  }
}

/** What names facts of the environment that are not known yet; undefined when they are. */
function unknownFacts(task: CompiledTask, context: TemplateContext): RegExp | undefined {
  if (context.scope.has('ansible_env')) return undefined;
  return task.module?.name === 'setup' ? /\bansible_env\b|\bansible_facts(\.env\b|\[['"]env['"]\])/ : /\bansible_env\b/;
}

function withoutUnknown(engine: Engine, level: Written, unknown: RegExp, context: TemplateContext): Written {
  const known = (part: Mapping): Mapping =>
    mapping(Object.entries(part).filter(([, value]) => !isUndefined(engine, { ...level, value }, unknown, context)));
  const parts = (value: Value): Value =>
    Array.isArray(value) ? value.map(parts) : isMapping(value) ? known(value) : value;
  return { ...level, value: parts(level.value) };
}

function isUndefined(engine: Engine, entry: Written, unknown: RegExp, context: TemplateContext): boolean {
  if (typeof entry.value !== 'string' || !unknown.test(entry.value)) return false;
  try {
    renderKeyword(engine, entry, context);
    return false;
  } catch (error) {
    if (error instanceof KplayError && error.problems.every(({ code }) => code === 'undefined')) return true;
    throw error;
  }
}
