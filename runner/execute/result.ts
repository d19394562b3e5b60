import type { ModuleResult } from '../module/contract.ts';
import type { Mapping, Value } from '../value.ts';

/** What a module's result is registered as: changed, failed and msg beside its fields, and the lines of its output. */
export function resultFields(module: ModuleResult): Mapping {
  const result: Mapping = { changed: module.changed ?? false, ...module.fields };
  if (module.msg !== undefined) result.msg = module.msg;
  if (module.failed !== undefined || result.failed === undefined) result.failed = module.failed ?? false;
  if (module.skipped) result.skipped = true;
  if (module.warnings && module.warnings.length > 0) result.warnings = [...module.warnings];
  for (const stream of ['stdout', 'stderr']) {
    const text = result[stream];
    if (typeof text === 'string' && result[`${stream}_lines`] === undefined) result[`${stream}_lines`] = lines(text);
  }
  return result;
}

function lines(text: string): Value[] {
  if (text === '') return [];
  const parts = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (parts.at(-1) === '') parts.pop();
  return parts;
}
