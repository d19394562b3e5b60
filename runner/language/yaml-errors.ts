import type { Problem } from '../errors.ts';
import type { Position } from '../position.ts';

/** Turns a reason of the YAML parser into a problem that says what to do. `lines` are the file's, `position` where it stopped. */
export function yamlProblem(reason: string, lines: readonly string[], position: Position): Problem {
  const line = lines[position.line - 1] ?? '';
  const previous = lines[position.line - 2] ?? '';
  const explained = explain(reason, line, previous);
  return { code: 'yaml', position, message: explained.message, hint: explained.hint };
}

const quoteTemplates = 'A value that begins with {{ must be quoted: name: "{{ variable }}".';

/** What is said when `{{ x }}` was written without quotes, which YAML reads as a dict in a dict. */
export const unquotedTemplate = {
  message: 'This template is not quoted, so YAML reads it as a dict.',
  hint: quoteTemplates,
} as const;

interface Explanation {
  readonly message: string;
  readonly hint?: string | undefined;
}

function explain(reason: string, line: string, previous: string): Explanation {
  if (isUnquotedTemplate(line) || (isUnquotedTemplate(previous) && !/flow/.test(reason))) return unquotedTemplate;
  if (/^\s*\t/.test(line) || reason.includes('tab characters')) {
    return { message: 'A tab is used for indentation.', hint: 'Indent with spaces; YAML does not allow tabs there.' };
  }
  if (/within a (single|double) quoted scalar/.test(reason)) {
    const kind = reason.includes('single') ? 'single' : 'double';
    return { message: `A ${kind} quoted text is not closed.`, hint: 'Add the closing quote.' };
  }
  if (reason.includes('within a flow collection')) {
    return { message: 'A "[" or "{" is not closed.', hint: 'Add the closing "]" or "}", or quote the text.' };
  }
  if (quotedThenMore(line) || quotedThenMore(previous)) {
    return {
      message: 'There is text after a closing quote.',
      hint: 'When a text begins with a quote, the quote must go around the whole of it.',
    };
  }
  if (isColonInText(reason, line)) {
    return {
      message: 'A plain text holds ": ", which YAML reads as another key.',
      hint: 'Quote the whole text.',
    };
  }
  return { message: capital(sentences[reason] ?? reason), hint: hints[reason] };
}

const sentences: Readonly<Record<string, string>> = {
  'bad indentation of a mapping entry': 'This line is indented in a way that fits no dict or list around it.',
  'bad indentation of a sequence entry': 'This list entry is indented in a way that fits no list around it.',
  'deficient indentation': 'A quote, "[" or "{" before this line is not closed.',
  'can not read a block mapping entry; a multiline key may not be an implicit key': 'This is not a "key: value" pair.',
  "expected ':' after a mapping key": 'This is not a "key: value" pair.',
  'end of the stream or a document separator is expected': 'This does not continue what stands before it.',
  'unknown escape sequence': 'This backslash sequence is not known in a double quoted text.',
  'missed comma between flow collection entries': 'A comma is missing between two entries.',
};

const hints: Readonly<Record<string, string>> = {
  'missed comma between flow collection entries': 'Or a closing "]" or "}" is missing before this.',
  'bad indentation of a mapping entry': 'Align it with the other keys, or quote the value above.',
  'bad indentation of a sequence entry': 'Align the "-" with those of the other entries.',
  'can not read a block mapping entry; a multiline key may not be an implicit key':
    'Look for a missing ":" here, or wrong indentation.',
  "expected ':' after a mapping key": 'Look for a missing ":" here, or wrong indentation.',
  'end of the stream or a document separator is expected': 'Look for wrong indentation here or on the line before.',
  'unknown escape sequence': 'Write the backslash twice, or use single quotes.',
};

function isUnquotedTemplate(line: string): boolean {
  return /^\s*(?:- +)*(?:[^\s#'"{][^'"{#]*:\s+|- +)?\{\{/.test(line);
}

function quotedThenMore(line: string): boolean {
  return /^\s*(?:- +)*[^\s'":#][^'":#]*:\s+(?:"(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*[^\s#,\]}]/.test(line);
}

function isColonInText(reason: string, line: string): boolean {
  if (!/bad indentation of a mapping entry|multiline key/.test(reason)) return false;
  return /^\s*(?:- +)*[^\s'":#][^'"#]*:\s+[^'"[{|>&*!#\s].*:(?:\s|$)/.test(line);
}

function capital(text: string): string {
  const sentence = text.charAt(0).toUpperCase() + text.slice(1);
  return sentence.endsWith('.') ? sentence : `${sentence}.`;
}
