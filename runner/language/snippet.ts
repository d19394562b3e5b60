import path from 'node:path';
import type { Problem } from '../errors.ts';
import type { Position } from '../position.ts';
import { visible } from '../python/bytes.ts';
import { readText } from '../python/file-names.ts';

/**
 * A problem as text for people: what is wrong, where, the line with a caret (and the line before it), what to do.
 * No newline at the end. Lines that look like they hold a secret are not shown.
 */
export function formatProblem(problem: Problem): string {
  const lines = [`ERROR ${problem.message}`];
  if (problem.position) lines.push(...placeLines(problem.position));
  if (problem.hint) lines.push(`  hint: ${problem.hint}`);
  return visible(lines.join('\n'));
}

/** A place as `file:line:column`, the file relative to the working folder when it is below it. */
export function formatPosition(position: Position): string {
  return `${shownFile(position.file)}:${position.line}:${position.column}`;
}

function placeLines(position: Position): string[] {
  const lines = [`  at ${formatPosition(position)}`];
  const source = sourceLines(position.file);
  const line = source?.[position.line - 1];
  if (source === undefined || line === undefined || line.length > 400) return lines;
  const width = String(position.line).length;
  const previous = source[position.line - 2];
  const row = (number: number | string, text: string): string =>
    `  ${String(number).padStart(width)} | ${text}`.trimEnd();
  lines.push('');
  if (previous?.trim()) lines.push(row(position.line - 1, maskSecret(shorten(previous))));
  const shown = maskSecret(line);
  lines.push(row(position.line, shown));
  const column = Math.min(position.column, shown.length + 1);
  // Tabs stay tabs, so that the caret stands below its character.
  lines.push(row('', `${shown.slice(0, column - 1).replace(/[^\t]/g, ' ')}^`));
  return lines;
}

function shownFile(file: string): string {
  if (!path.isAbsolute(file)) return file;
  const relative = path.relative(process.cwd(), file);
  return relative === '' || relative.startsWith('..') ? file : relative;
}

function sourceLines(file: string): string[] | undefined {
  try {
    return readText(file).split(/\r\n|\n|\r/);
  } catch {
    return undefined;
  }
}

function shorten(line: string): string {
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}

/** Hides the value of keys that by their name hold a secret, unless it is a template. */
function maskSecret(line: string): string {
  return line.replace(
    /^(\s*(?:- +)*["']?[\w.-]*(?:password|passwd|passphrase|secret|token|private_key|api_?key)[\w.-]*["']?\s*[:=]\s*)(?!["']?\{\{)(?![|>]?\s*$)\S.*$/i,
    '$1********',
  );
}
