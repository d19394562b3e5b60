import { encode } from '../python/bytes.ts';

/** A text to look for in what is printed. */
export interface Form {
  readonly text: string;
  /** Whether it counts only where it stands as a word of its own: what is so short or plain comes up by chance. */
  readonly word: boolean;
}

/** Words that say nothing, whoever calls them a secret. */
const nothing = /^(?:true|false|yes|no|on|off|none|null|omit)$/i;

/** The shortest line of a secret of several lines that is looked for by itself. */
const shortestLine = 8;

/**
 * How a secret may stand in what is printed: as it is, line by line, and as JSON, Python, YAML, shells, URLs and base64 write it.
 * Empty for what is no secret by itself: a single character, `true`, `none`.
 */
export function formsOf(secret: string): Form[] {
  const value = secret.trim();
  if (value.length < 2 || nothing.test(value)) return [];
  const json = jsonEscaped(value);
  const texts = new Set([
    value,
    json,
    jsonEscaped(json),
    json.replace(/[^\0-\x7f]/g, asciiEscape),
    pythonEscaped(value),
    value.replaceAll("'", "''"),
    value.replaceAll("'", `'"'"'`),
    value.replaceAll("'", String.raw`'\''`),
    percentEncoded(value),
    base64(value),
    base64(secret),
    base64(`${value}\n`),
  ]);
  for (const line of value.split('\n')) {
    const text = line.trim();
    if (text.length >= shortestLine && !/^-----.*-----$/.test(text)) texts.add(text);
  }
  return [...texts].map((text) => ({ text, word: isPlain(text) }));
}

/** Below four characters, or below six of nothing but letters or digits. */
function isPlain(text: string): boolean {
  return text.length < 4 || (text.length < 6 && /^(?:[a-z]+|\d+)$/i.test(text));
}

function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function asciiEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

function pythonEscaped(text: string): string {
  return text
    .replaceAll('\\', '\\\\')
    .replaceAll("'", "\\'")
    .replaceAll('\n', '\\n')
    .replaceAll('\r', '\\r')
    .replaceAll('\t', '\\t');
}

function percentEncoded(text: string): string {
  try {
    return encodeURIComponent(text);
  } catch {
    return text; // Half a surrogate pair has no such form.
  }
}

function base64(text: string): string {
  try {
    return encode(text).toString('base64');
  } catch {
    return text; // Nor this.
  }
}
