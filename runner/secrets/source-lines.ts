import type { Span } from './finder.ts';
import { namedSecrets } from './named.ts';

/** How far back the name is looked for that a line's value belongs to. */
const farthest = 500;

const keyBegins = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
const keyEnds = /-----END [A-Z ]*PRIVATE KEY-----/;

/**
 * Where a line of a file has secrets, by itself and by the lines above it: it may be part of a value of several lines, of
 * a dict of secrets, or of a private key. `index` counts from 0.
 */
export function secretsInSource(lines: readonly string[], index: number): Span[] {
  const line = lines[index] ?? '';
  if (isInKey(lines, index)) return content(line);
  const owner = ownerOf(lines, index);
  if (owner === 'text') return content(line);
  return owner === 'container' ? entry(line) : namedSecrets(line, true);
}

function isInKey(lines: readonly string[], index: number): boolean {
  if (keyBegins.test(lines[index]!)) return false;
  for (let before = index - 1; before >= Math.max(0, index - farthest); before--) {
    const line = lines[before]!;
    if (keyEnds.test(line)) return false;
    if (keyBegins.test(line)) return !keyEnds.test(lines[index]!);
  }
  return false;
}

/** What a line belongs to that has a secret's name: a text of several lines, a list or dict, or nothing. */
function ownerOf(lines: readonly string[], index: number): 'text' | 'container' | undefined {
  const line = lines[index]!;
  let depth = depthOf(line);
  let isNearest = true;
  for (let before = index - 1; before >= Math.max(0, index - farthest); before--) {
    const above = lines[before]!;
    if (/^\s*(?:#.*)?$/.test(above)) continue;
    // The entries of a list may stand as far to the left as the list's name.
    const isAbove = depthOf(above) < depth || (depthOf(above) === depth && /^\s*-/.test(line) && !/^\s*-/.test(above));
    const kind = isAbove || (isNearest && /[:=]\s*$/.test(above)) ? openedBy(above) : undefined;
    if (kind) return kind;
    if (isAbove) depth = depthOf(above);
    isNearest = false;
    if (depth === 0) return undefined;
  }
  return undefined;
}

/** What a line begins whose last name is a secret's and whose value goes on below. */
function openedBy(line: string): 'text' | 'container' | undefined {
  const probe = `${line.trimEnd()} x`;
  const span = namedSecrets(probe, true).at(-1);
  if (!span || span.end !== probe.length) return undefined;
  return span.start === probe.length - 1 ? 'container' : 'text';
}

function depthOf(line: string): number {
  return /^\s*/.exec(line)![0].length;
}

/** All of a line but its indentation. */
function content(line: string): Span[] {
  return nonEmpty({ start: depthOf(line), end: line.trimEnd().length });
}

/** The value of an entry; all of the line where no entry begins. */
function entry(line: string): Span[] {
  const name = /^\s*(?:- +)*["']?[\w.-]+["']?\s*:(?:\s+|$)/.exec(line)?.[0] ?? /^\s*(?:- +)*/.exec(line)![0];
  return nonEmpty({ start: name.length, end: line.trimEnd().length });
}

function nonEmpty(span: Span): Span[] {
  return span.start < span.end ? [span] : [];
}
