import { ModuleFailure } from '../../runner/module/contract.ts';

/** What the edits of an INI file go by. */
export interface IniArguments {
  readonly section?: string | undefined;
  readonly option?: string | undefined;
  /** Without repeats. */
  readonly values: readonly string[];
  readonly exclusive: boolean;
  readonly no_extra_spaces: boolean;
  readonly allow_no_value: boolean;
  readonly modify_inactive_option: boolean;
}

export interface EditedIni {
  readonly lines: readonly string[];
  readonly msg: string;
}

/** A section's lines in the file: those behind its header, up to the next header. */
interface Section {
  /** Index of the first line behind the header. */
  readonly start: number;
  readonly end: number;
  /** Whether it has a header (what stands before the first section has none). */
  readonly header: boolean;
}

function findSection(lines: readonly string[], name: string | undefined): Section | undefined {
  const isHeader = (line: string): boolean => line.startsWith('[');
  const header = name ? lines.findIndex((line) => line.startsWith(`[${name}]`)) : -1;
  if (name && header < 0) return undefined;
  const start = header + 1;
  const next = lines.slice(start).findIndex((line) => isHeader(line) && !(name && line.startsWith(`[${name}]`)));
  return { start, end: next < 0 ? lines.length : start + next, header: header >= 0 };
}

/** The value when a line sets the option, undefined when it does not. */
function valueIn(line: string, option: string, inactive: boolean): string | undefined {
  const rest = /^[#;]?/.exec(inactive ? line : '')?.[0].length ?? 0;
  const body = line.slice(rest).replace(/^[ \t]*/, '');
  if (!body.startsWith(option)) return undefined;
  return /^[ \t]*(?:=|(?=\n?$))[ \t]*(.*)\n?$/.exec(body.slice(option.length))?.[1];
}

/** Brings a setting into a file. */
export function withSetting(args: IniArguments, lines: readonly string[]): EditedIni {
  const { section, option } = args;
  const found = findSection(lines, section);
  if (!found) return addSection(args, lines);
  if (option === undefined) {
    if (args.values.length > 0) throw new ModuleFailure('a value needs an option');
    return { lines, msg: 'OK' };
  }
  const edit = new SettingEdit(args, option, lines.slice(found.start, found.end), found.header);
  edit.keepOrReplace();
  edit.insertMissing();
  return { lines: lines.toSpliced(found.start, found.end - found.start, ...edit.lines), msg: edit.msg };
}

function addSection(args: IniArguments, lines: readonly string[]): EditedIni {
  const { option, values, allow_no_value } = args;
  const added = option === undefined ? [] : values.map((value) => assignment(args, option, value));
  if (option !== undefined && values.length === 0 && allow_no_value) added.push(`${option}\n`);
  const msg = added.length > 0 ? 'section and option added' : 'only section added';
  return { lines: [...lines, `[${args.section}]\n`, ...added], msg };
}

function assignment(args: IniArguments, option: string, value: string): string {
  return args.no_extra_spaces ? `${option}=${value}\n` : `${option} = ${value}\n`;
}

class SettingEdit {
  lines: string[];
  msg = 'OK';
  readonly #args: IniArguments;
  readonly #option: string;
  readonly #header: boolean;
  #values: string[];
  #done: boolean[];
  #withoutValue = false;

  constructor(args: IniArguments, option: string, lines: readonly string[], header: boolean) {
    this.#args = args;
    this.#option = option;
    this.#header = header;
    this.lines = [...lines];
    this.#values = [...args.values];
    this.#done = lines.map(() => false);
  }

  /** Lines that have a wanted value stay, others get one, the rest goes when the values are to be the only ones. */
  keepOrReplace(): void {
    const { allow_no_value, exclusive } = this.#args;
    for (const index of this.lines.keys()) {
      const value = this.#valueAt(index);
      if (value === undefined) continue;
      if (this.#values.includes(value)) {
        const bare = value === '' && allow_no_value;
        if (bare) this.#withoutValue = true;
        this.#set(index, bare ? `${this.#option}\n` : this.#assign(value));
        this.#values = this.#values.filter((other) => other !== value);
      } else if (this.#values.length === 0 && allow_no_value) {
        this.#set(index, `${this.#option}\n`);
        this.#withoutValue = true;
        break;
      }
    }
    if (exclusive && !allow_no_value) this.#replaceOthers();
  }

  #replaceOthers(): void {
    for (const index of this.lines.keys()) {
      if (this.#values.length === 0) break;
      if (!this.#done[index] && this.#valueAt(index) !== undefined)
        this.#set(index, this.#assign(this.#values.shift()!));
    }
    const kept = [...this.lines.keys()].filter((index) => this.#done[index] || this.#valueAt(index) === undefined);
    if (kept.length === this.lines.length) return;
    this.lines = kept.map((index) => this.lines[index]!);
    this.#done = kept.map((index) => this.#done[index]!);
    this.msg = 'option changed';
  }

  /** Values that have no line yet go behind the section's last setting. */
  insertMissing(): void {
    const missing = this.#values.map((value) => this.#assign(value));
    if (this.#args.values.length === 0 && this.#args.allow_no_value && !this.#withoutValue) {
      missing.push(`${this.#option}\n`);
    }
    if (missing.length === 0) return;
    const last = this.lines.findLastIndex((line) => !/^[ \t]*(?:[#;].*)?\n?$/.test(line));
    // A file's start without settings has nothing to stand behind but its very beginning.
    this.lines.splice(last < 0 && !this.#header ? 0 : last + 1, 0, ...missing);
    this.msg = 'option added';
  }

  #valueAt(index: number): string | undefined {
    return valueIn(this.lines[index]!, this.#option, this.#args.modify_inactive_option);
  }

  #assign(value: string): string {
    return assignment(this.#args, this.#option, value);
  }

  #set(index: number, line: string): void {
    if (this.lines[index] !== line) this.msg = 'option changed';
    this.lines[index] = line;
    this.#done[index] = true;
  }
}

/** Takes a setting, or a section, out of a file. */
export function withoutSetting(args: IniArguments, lines: readonly string[]): EditedIni {
  const found = findSection(lines, args.section);
  if (!found) return { lines, msg: 'OK' };
  const { option, exclusive, values } = args;
  if (option === undefined) {
    if (!found.header) throw new ModuleFailure('state absent needs a section, an option, or both');
    return { lines: lines.toSpliced(found.start - 1, found.end - found.start + 1), msg: 'section removed' };
  }
  const isRemoved = (line: string): boolean => {
    const value = valueIn(line, option, false);
    return value !== undefined && (exclusive || values.includes(value));
  };
  const kept = lines.filter((line, index) => index < found.start || index >= found.end || !isRemoved(line));
  return { lines: kept, msg: kept.length === lines.length ? 'OK' : 'option changed' };
}
