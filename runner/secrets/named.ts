import type { Span } from './finder.ts';
import { hideSpans } from './hide.ts';

/** Names of what is secret, as variables, arguments and options of programs call it. */
const secretName =
  /passw(?:or)?d|pass_?phrase|secret|token|credential|authorization|private[_-]?key|api[_-]?key|access[_-]?key|key[_-]data|(?:^|[_.-])(?:pass|pwd)$/i;

/** Names that have such a word in them and tell where a secret is, or how it is treated. */
const harmlessName = /(?:file|path|dir|directory|name|url|type|length|lock|aging|expire\w*|prompt|tries)s?$|^update_/i;

/** A name with what separates it from its value: `name: `, `name=`, `"name": `, `name `, `--name `. */
const named = /(?<![\w.-])(?<quote>["']?)(?<name>[\w.-]+)\k<quote>(?:[ \t]*(?<sign>:|[!=]?=)[ \t]*|[ \t]+)/g;

/** What gives a password without a name. */
const givesPassword = /\bsshpass[ \t]+-p[ \t]*/g;

/** The password of a URL: from the colon behind the user's name to the last `@` before a blank or quote. A port is none. */
const urlPassword = /\b[a-z][\w+.-]*:\/\/[^\s:/@'"]*:(?<value>(?!\d+[/?#])[^\s'"]{1,300})@/dgi;

/** A private key in one line, or the first line of one. */
const keyBlock = /-----BEGIN [A-Z ]*PRIVATE KEY-----(?<value>.+?)(?=-----END |$)/dg;

/**
 * Where a line has values that by their name are secret: INI and YAML, JSON and flow mappings, `k=v` text, options of commands,
 * passwords in URLs, private keys. `isSource` says that the line is one of a file, in which the value of a line's first
 * name goes on to the line's end, and a sign may be missing. In sentences a word with a colon behind it is no name.
 */
export function namedSecrets(line: string, isSource = false): Span[] {
  const spans: Span[] = [];
  for (const match of line.matchAll(named)) {
    const { name, quote, sign } = match.groups as { name: string; quote: string; sign?: string };
    const start = match.index + match[0].length;
    if (!secretName.test(name) || harmlessName.test(name) || spans.some((span) => start < span.end)) continue;
    const before = line.slice(0, match.index);
    const isFirst = isSource && /^[\s#;?-]*$/.test(before);
    const isOption = name.startsWith('--');
    if (sign === undefined && !isOption && !(isSource && lacksSign(name, line.slice(start), isFirst))) continue;
    if (!isSource && sign === ':' && quote === '' && !isNameInText(name, before)) continue;
    spans.push(...valueSpans(line, start, isFirst && !isOption, sign));
  }
  for (const match of line.matchAll(givesPassword))
    spans.push(...valueSpans(line, match.index + match[0].length, false, undefined));
  for (const pattern of [urlPassword, keyBlock]) {
    for (const match of line.matchAll(pattern)) {
      const [start, end] = match.indices!.groups!.value!;
      spans.push({ start, end });
    }
  }
  return joined(spans);
}

/** Text of several lines, as messages are, with stars in place of values that by their name are secret. */
export function hideNamed(text: string): string {
  return text
    .split('\n')
    .map((line) => hideSpans(line, namedSecrets(line)))
    .join('\n');
}

/** Whether a word before a colon is the name of a value, and not a word of a sentence: `db_password: x`, `{token: x`. */
function isNameInText(name: string, before: string): boolean {
  return /[_.-]/.test(name) || /[{,][ \t]*$/.test(before);
}

/** Whether a name with a blank behind it is one whose sign was forgotten: `ansible_password x`, or `password x` and no more. */
function lacksSign(name: string, rest: string, isFirst: boolean): boolean {
  if (/^(?:[^\w"']|(?:is|in|not|and|or|if|else)\b)/.test(rest)) return false;
  return /^ansible_/i.test(name) || (isFirst && /^\S+\s*$/.test(rest));
}

/** Where the value that begins at `start` stands; in a template only its texts in quotes are secret. */
function valueSpans(line: string, start: number, isFirst: boolean, sign: string | undefined): Span[] {
  const end = endOfValue(line, start, isFirst, sign);
  const value = line.slice(start, end);
  const opening = /^["']/.exec(value)?.[0];
  const closed = opening !== undefined && value.length > 1 && value.endsWith(opening);
  const inner = { start: start + (closed ? 1 : 0), end: end - (closed ? 1 : 0) };
  const text = line.slice(inner.start, inner.end);
  if (text === '' || /^(?:[|>][-+\d]*|…|\.\.\.)$/.test(text)) return [];
  if (!/^\{\{.*\}\}$/.test(text)) return [inner];
  return [...text.matchAll(/(["'])(?:\\.|(?!\1).)+\1?/g)].map((match) => ({
    start: inner.start + match.index + 1,
    end: inner.start + match.index + match[0].length - 1,
  }));
}

function endOfValue(line: string, start: number, isFirst: boolean, sign: string | undefined): number {
  const rest = line.slice(start);
  const whole = start + rest.trimEnd().length;
  const lengthOf = (pattern: RegExp): number | undefined => pattern.exec(rest)?.[0].length;
  // A quote that is not closed may be what the error is about: then the rest of the line is secret.
  const quoted = lengthOf(/^"(?:[^"\\]|\\.)*"(?=[\s,}\]]|$)/) ?? lengthOf(/^'(?:[^']|'')*'(?=[\s,}\]]|$)/);
  if (quoted !== undefined && !(isFirst && hasMore(rest.slice(quoted)))) return start + quoted;
  if (/^["']/.test(rest) || isFirst) return whole;
  const template = lengthOf(/^\{\{.*?\}\}(?=[\s,}\]]|$)/);
  if (template !== undefined) return start + template;
  if (sign === ':') return start + lengthInFlow(rest);
  return start + (lengthOf(/^(?:\\.|"(?:[^"\\]|\\.)*"|'[^']*'|[^\s\\])+/) ?? whole - start);
}

/** The length of a plain text in a dict or list in one line: up to a comma with a blank behind it, or what closes the rest. */
function lengthInFlow(rest: string): number {
  let end = rest.length;
  while (/[\s,}\]]/.test(rest.charAt(end - 1))) end--;
  const comma = rest.search(/,\s/);
  return comma >= 0 && comma < end ? comma : end;
}

/** Whether there is text behind a closing quote that may be part of the value. */
function hasMore(rest: string): boolean {
  return !/^[\s,}\]]*(?:#.*)?$/.test(rest);
}

function joined(spans: readonly Span[]): Span[] {
  const result: Span[] = [];
  for (const span of spans.filter(({ start, end }) => start < end).sort((a, b) => a.start - b.start)) {
    const last = result.at(-1);
    if (last && span.start <= last.end)
      result[result.length - 1] = { start: last.start, end: Math.max(last.end, span.end) };
    else result.push(span);
  }
  return result;
}
