import path from 'node:path';
import type { Problem } from '../errors.ts';
import type { Position } from '../position.ts';
import { printable } from '../printable.ts';
import { readText } from '../python/file-names.ts';
import { hideSpans } from '../secrets/hide.ts';
import { hideNamed } from '../secrets/named.ts';
import { SecretRegister } from '../secrets/register.ts';
import { secretsInSource } from '../secrets/source-lines.ts';

/**
 * A problem as text for people: what is wrong, where, the line with a caret (and the line before it), what to do.
 * No newline at the end. What by its name is secret has stars in its place, and nothing in it steers a terminal.
 */
export function formatProblem(problem: Problem): string {
  const { position } = problem;
  const source = position && sourceLines(position.file);
  const secrets = secretsOfLine(source, position);
  const shown = (text: string): string => printable(hideNamed(secrets.maskText(text)));
  const lines = [`ERROR ${shown(problem.message)}`];
  if (position) lines.push(...placeLines(position, source));
  if (problem.hint) lines.push(`  hint: ${shown(problem.hint)}`);
  return lines.join('\n');
}

/** What the line of an error hides, word by word: the error may be about one of them. */
function secretsOfLine(source: readonly string[] | undefined, position: Position | undefined): SecretRegister {
  const secrets = new SecretRegister();
  const line = position && source?.[position.line - 1];
  if (!source || !line) return secrets;
  for (const { start, end } of secretsInSource(source, position.line - 1)) {
    const text = line.slice(start, end);
    secrets.add([text, ...text.split(/[^\p{L}\p{N}]+/u)]);
  }
  return secrets;
}

/** A place as `file:line:column`, the file relative to the working folder when it is below it. */
export function formatPosition(position: Position): string {
  return `${shownFile(position.file)}:${position.line}:${position.column}`;
}

function placeLines(position: Position, source: readonly string[] | undefined): string[] {
  const lines = [`  at ${printable(formatPosition(position))}`];
  const line = source?.[position.line - 1];
  if (source === undefined || line === undefined || line.length > 400) return lines;
  const width = String(position.line).length;
  const row = (number: number | string, text: string): string =>
    `  ${String(number).padStart(width)} | ${text}`.trimEnd();
  lines.push('');
  if (source[position.line - 2]?.trim())
    lines.push(row(position.line - 1, shorten(shownLine(source, position.line - 2))));
  lines.push(row(position.line, shownLine(source, position.line - 1)));
  // Tabs stay tabs, so that the caret stands below its character.
  const before = shownLine(source, position.line - 1, position.column - 1);
  lines.push(row('', `${before.replace(/[^\t]/g, ' ')}^`));
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

/** A line as it is shown, up to a column; from the beginning of a secret that goes on there. */
function shownLine(source: readonly string[], index: number, column = Number.POSITIVE_INFINITY): string {
  const spans = secretsInSource(source, index);
  const cut = spans.find((span) => span.start < column && span.end > column)?.start ?? column;
  return printable(
    hideSpans(
      source[index]!.slice(0, cut),
      spans.filter((span) => span.end <= cut),
    ),
  );
}

function shorten(line: string): string {
  return line.length > 160 ? `${line.slice(0, 157)}...` : line;
}
