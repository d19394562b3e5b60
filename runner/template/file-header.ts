import { EvaluationError } from '../python/evaluation-error.ts';
import { parseLiteral } from '../python/parse-literal.ts';
import { table } from '../table.ts';
import type { FileTemplateOptions } from './templar.ts';

const marker = '#jinja2:';

const settingNames: Readonly<Record<string, keyof FileTemplateOptions>> = table<keyof FileTemplateOptions>({
  trim_blocks: 'trimBlocks',
  lstrip_blocks: 'lstripBlocks',
  newline_sequence: 'newlineSequence',
  variable_start_string: 'variableStart',
  variable_end_string: 'variableEnd',
  block_start_string: 'blockStart',
  block_end_string: 'blockEnd',
  comment_start_string: 'commentStart',
  comment_end_string: 'commentEnd',
});

/** A template file without its `#jinja2: trim_blocks: False` line, with the settings of that line over those given. */
export function readHeader(
  text: string,
  options: FileTemplateOptions,
): { body: string; settings: FileTemplateOptions; lines: number } {
  if (!text.startsWith(marker)) return { body: text, settings: options, lines: 0 };
  const end = text.indexOf('\n');
  const header = text.slice(marker.length, end < 0 ? undefined : end);
  const settings: Record<string, unknown> = { ...options };
  for (const pair of header.split(',')) {
    const colon = pair.indexOf(':');
    const name = pair.slice(0, colon).trim();
    const key = settingNames[name];
    if (colon < 0) throw new EvaluationError(`failed to parse jinja2 override '${pair.trim()}'.`).at(0, 0);
    if (!key) throw new EvaluationError(`Unknown setting "${name}" in the line "${marker}".`).at(0, 0);
    settings[key] = parseLiteral(pair.slice(colon + 1).trim());
  }
  return { body: end < 0 ? '' : text.slice(end + 1), settings: settings as FileTemplateOptions, lines: 1 };
}
