import { keepLines } from './text-file.ts';

/** What is to be so in an INI text. */
export interface IniEdit {
  /** Undefined for what stands before the first section. */
  readonly section: string | undefined;
  readonly option: string | undefined;
  readonly values: readonly string[];
  readonly present: boolean;
  readonly exclusive: boolean;
  readonly noExtraSpaces: boolean;
  readonly allowNoValue: boolean;
}

interface Edited {
  readonly text: string;
  readonly msg: string;
}

/** Makes it so, and says in a few words what was done. A text that is so already comes back as it was. */
export function editIni(text: string, edit: IniEdit): Edited {
  const mark = text.startsWith('\uFEFF') ? '\uFEFF' : '';
  const lines = keepLines(text.slice(mark.length));
  const last = lines.at(-1);
  if (last !== undefined && !last.endsWith('\n')) lines[lines.length - 1] = `${last}\n`;
  const place = sectionPlace(lines, edit.section);
  if (!place && !edit.present) return { text, msg: 'OK' };
  if (!place) {
    const added = [`[${edit.section}]\n`, ...newLines(edit, edit.values)];
    const msg = added.length > 1 ? 'section and option added' : 'only section added';
    return { text: mark + [...lines, ...added].join(''), msg };
  }
  const [start, end] = place;
  const inside = lines.slice(start, end);
  const body = edit.present ? withOption(inside, edit) : withoutOption(inside, edit);
  const after = mark + [...lines.slice(0, start), ...body.lines, ...lines.slice(end)].join('');
  if (body.msg === 'OK') return { text, msg: 'OK' };
  return { text: after, msg: body.msg };
}

/** Where a section begins (with its header) and ends. */
function sectionPlace(lines: readonly string[], section: string | undefined): [number, number] | undefined {
  const start = section === undefined ? 0 : lines.findIndex((line) => line.startsWith(`[${section}]`));
  if (start < 0) return undefined;
  const from = section === undefined ? 0 : start + 1;
  const next = lines.slice(from).findIndex((line) => line.startsWith('['));
  return [start, next < 0 ? lines.length : from + next];
}

function assignment(edit: IniEdit, value: string): string {
  return `${edit.option}${edit.noExtraSpaces ? '=' : ' = '}${value}\n`;
}

function newLines(edit: IniEdit, values: readonly string[]): string[] {
  if (edit.option === undefined) return [];
  if (values.length > 0) {
    return values.map((value) => (value === '' && edit.allowNoValue ? `${edit.option}\n` : assignment(edit, value)));
  }
  return edit.allowNoValue ? [`${edit.option}\n`] : [];
}

/** The value of a line of the option (empty when it has none), undefined for other lines. */
function optionValue(line: string, option: string, comments: boolean): string | undefined {
  const text = line.replace(/\r?\n$/, '').replace(comments ? /^[#;]?[ \t]*/ : /^[ \t]*/, '');
  if (!text.startsWith(option)) return undefined;
  return /^[ \t]*(?:=|$)[ \t]*(.*)$/s.exec(text.slice(option.length))?.[1];
}

type Section = { readonly lines: readonly string[]; readonly msg: string };

function withOption(section: readonly string[], edit: IniEdit): Section {
  const { option } = edit;
  if (option === undefined) return { lines: section, msg: 'OK' };
  const left = [...edit.values];
  const settled = new Map<number, string>();
  let hasNoValue = false;
  for (const [index, line] of section.entries()) {
    const value = optionValue(line, option, true);
    if (value === undefined) continue;
    const bare = edit.allowNoValue && value === '';
    if (left.includes(value)) {
      settled.set(index, bare ? `${option}\n` : assignment(edit, value));
      left.splice(left.indexOf(value), 1);
    } else if (edit.values.length === 0 && edit.allowNoValue && !hasNoValue) settled.set(index, `${option}\n`);
    else continue;
    hasNoValue ||= bare || edit.values.length === 0;
  }
  const removed = new Set<number>();
  if (edit.exclusive && !edit.allowNoValue) {
    for (const [index, line] of section.entries()) {
      if (settled.has(index) || optionValue(line, option, true) === undefined) continue;
      const next = left.shift();
      if (next === undefined) removed.add(index);
      else settled.set(index, assignment(edit, next));
    }
  }
  const lines = section.flatMap((line, index) => (removed.has(index) ? [] : [settled.get(index) ?? line]));
  const changed = removed.size > 0 || [...settled].some(([index, line]) => section[index] !== line);
  const added = left.length > 0 || edit.values.length === 0 ? (hasNoValue ? [] : newLines(edit, left)) : [];
  if (added.length === 0) return { lines, msg: changed ? 'option changed' : 'OK' };
  // They go behind the last line that says something, so that a comment on the next section stays with it.
  const blank = /^[ \t]*([#;].*)?\r?\n?$/;
  const at = lines.findLastIndex((line) => !blank.test(line)) + 1;
  return { lines: [...lines.slice(0, at), ...added, ...lines.slice(at)], msg: 'option added' };
}

function withoutOption(section: readonly string[], edit: IniEdit): Section {
  const { option } = edit;
  if (option === undefined) return { lines: [], msg: section.length > 0 ? 'section removed' : 'OK' };
  const lines = section.filter((line) => {
    const value = optionValue(line, option, false);
    return value === undefined || (!edit.exclusive && !edit.values.includes(value));
  });
  return { lines, msg: lines.length === section.length ? 'OK' : 'option changed' };
}
