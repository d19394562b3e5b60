import { EvaluationError } from '../python/evaluation-error.ts';
import { isNumeric, kindOf, typeName } from '../python/kinds.ts';
import type { V } from '../python/object.ts';
import { truth } from '../python/operators.ts';
import { repr, str } from '../python/text.ts';
import { booleanWord } from '../python/truth-words.ts';
import type { Value } from '../value.ts';

/** The truth of a condition that a template rendered to text: a word for true or false, none, or a number. */
export function literalTruth(text: string): boolean {
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text) !== 0;
  const isWord = /^[a-z]{2,}$/i.test(text);
  const value = text.toLowerCase() === 'none' ? false : isWord ? booleanWord(text) : undefined;
  if (value !== undefined) return value;
  throw textCondition();
}

export function textCondition(): EvaluationError {
  return new EvaluationError(
    'The condition came out of its template as text, which is neither true nor false',
    'template',
    'Write the condition without braces: when: x == 1, not when: "{{ x }} == 1".',
  );
}

/** Whether a condition is one template from its first character to its last. */
export function isWholeTemplate(text: string): boolean {
  return /^\{[{%#]/.test(text) && /[}%#]\}$/.test(text);
}

/** The failure of a condition that holds nothing. */
export function emptyCondition(): EvaluationError {
  return new EvaluationError('Empty conditional expressions are not allowed.', 'template');
}

/** How to write what a value of a type says where only true and false count. */
const rewrites: Readonly<Record<string, string>> = {
  str: 'VALUE | length > 0, or VALUE | bool for words such as yes',
  list: 'VALUE | length > 0',
  dict: 'VALUE | length > 0',
  int: 'VALUE != 0',
  float: 'VALUE != 0',
  none: 'VALUE is not none',
};

/** The boolean that a condition gave. Throws EvaluationError for a value of another type, with how to write it. */
export function booleanOf(value: Value): boolean {
  if (typeof value === 'boolean') return value;
  const rewrite = rewrites[kindOf(value)];
  throw new EvaluationError(
    `Conditional result (${str(truth(value))}) was derived from value of type '${typeName(value)}'. Conditionals must have a boolean result.`,
    'template',
    `${rewrite === undefined ? '' : `Write ${rewrite}. `}The rules of ansible-core 2.18 take it: --template-rules 2.18.`,
  );
}

/** The literal of a value that means the same in any condition: a number, a bool, None. Undefined for all others. */
export function literalOf(value: V): string | undefined {
  return value === null || typeof value === 'boolean' || isNumeric(value) ? `(${repr(value)})` : undefined;
}

/**
 * A condition with what its templates give in their place, those in constant strings left as they are. Undefined where one gives nothing that
 * can stand there, where a statement is in it, and where a template has no end.
 */
export function withLiterals(
  condition: string,
  constantOf: (expression: string) => string | undefined,
): string | undefined {
  let result = '';
  for (const [part, , expression] of condition.matchAll(parts)) {
    const literal = expression === undefined ? part : constantOf(expression);
    if (literal === undefined || literal === '{') return undefined;
    result += literal;
  }
  return result;
}

/** A constant string, a template, everything else up to the next brace, a brace alone. */
const parts =
  /('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")|\{\{((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^'"}]|\}(?!\}))*)\}\}|[^'"{]+|[\s\S]/g;
