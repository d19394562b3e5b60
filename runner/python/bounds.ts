import { type TooLong, tooManyCharacters, tooManyItems } from '../limits.ts';
import { EvaluationError } from './evaluation-error.ts';

/** Refuses a list that would get more items than a template may make; to be asked before it is made. */
export function checkItems(count: number): void {
  const problem = tooManyItems(count);
  if (problem) throw failure(problem);
}

/** Refuses a text that would get more characters than a template may make; to be asked before it is made, where that is known. */
export function checkCharacters(count: number): void {
  const problem = tooManyCharacters(count);
  if (problem) throw failure(problem);
}

/** Gives a text back that is not too long. For texts made of parts that are. */
export function boundedText(text: string): string {
  checkCharacters(text.length);
  return text;
}

/** `text.repeat(count)`, unless that is too long. */
export function repeatText(text: string, count: number): string {
  checkCharacters(text.length * count);
  return text.repeat(count);
}

function failure({ message, hint }: TooLong): EvaluationError {
  return new EvaluationError(message, 'template', hint);
}
