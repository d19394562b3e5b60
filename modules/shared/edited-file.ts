import type { Change } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { decode, encode } from '../../runner/python/bytes.ts';
import type { FileState } from './file-state.ts';

/** Largest file that modules edit here. */
export const editLimit = 4 * 1024 * 1024;

/** The text of a file that a module edits, empty when there is none. Throws {@link ModuleFailure} for what is no text file. */
export function editableText(state: FileState): string {
  if (state.kind === 'absent') return '';
  if (state.kind !== 'file') throw new ModuleFailure(`${state.path} is not a regular file`);
  if (state.content === undefined) throw new ModuleFailure(`${state.path} is too large to be edited`);
  return decode(state.content);
}

/** The change that puts a new text in a file's place, or makes the file; none when the text is the same. */
export function textChange(state: FileState, after: string, options: { readonly mode?: string } = {}): Change[] {
  const before = editableText(state);
  if (state.kind !== 'absent' && before === after) return [];
  return [
    {
      what: state.path,
      diff: { before, after, beforeHeader: state.path, afterHeader: state.path },
      send: {
        source: encode(after),
        destination: state.path,
        attributes: state.kind === 'absent' ? { mode: options.mode ?? '0644' } : {},
        replaces: state.identity,
      },
    },
  ];
}

/** The lines of a text, without the line break at its end. */
export function textLines(text: string): string[] {
  if (text === '') return [];
  return text.replace(/\n$/, '').split('\n');
}

/** Lines as a text that ends with a line break; empty when there are none. */
export function linesText(lines: readonly string[]): string {
  return lines.length === 0 ? '' : `${lines.join('\n')}\n`;
}
