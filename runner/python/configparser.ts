/** Why a text is no INI file, or a value of one cannot be read. */
export class IniError extends Error {}

/** How an INI file is read. */
export interface IniOptions {
  /** Whether names of options keep their capitals. */
  readonly caseSensitive?: boolean;
  /** Whether an option may stand without a value. */
  readonly allowNoValue?: boolean;
  /** Whether `%(option)s` in a value is that option's value; true when absent. */
  readonly interpolates?: boolean;
}

type Options = Map<string, string>;

/** An INI file as Python's configparser reads it: what stands in DEFAULT holds in each section, values may go on in deeper lines. */
export class IniFile {
  readonly #defaults: Options = new Map();
  readonly #sections = new Map<string, Options>();
  readonly #options: IniOptions;

  /** Throws {@link IniError} with what is wrong. */
  constructor(text: string, options: IniOptions = {}) {
    this.#options = options;
    this.#read(text);
  }

  get sections(): Iterable<string> {
    return this.#sections.keys();
  }

  /** The options of a section, with those of DEFAULT before them; undefined for a section that is not there. Throws {@link IniError}. */
  section(name: string): ReadonlyMap<string, string> | undefined {
    const written = this.#written(name);
    return written && new Map(Array.from(written.keys(), (option) => [option, this.#value(written, option)!] as const));
  }

  /** An option's value; undefined where a section that is there has none. Throws {@link IniError}. */
  value(section: string, option: string): string | undefined {
    const written = this.#written(section);
    if (!written) throw new IniError(`No section '${section}'`);
    return this.#value(written, this.#nameOf(option));
  }

  #written(section: string): Options | undefined {
    const own = this.#sections.get(section);
    return own && new Map([...this.#defaults, ...own]);
  }

  #value(written: Options, option: string): string | undefined {
    const value = written.get(option)?.trimEnd();
    if (value === undefined || this.#options.interpolates === false) return value;
    return this.#interpolated(value, written, 0);
  }

  #nameOf(option: string): string {
    return this.#options.caseSensitive ? option : option.toLowerCase();
  }

  #read(text: string): void {
    let current: Options | undefined;
    let option: { readonly name: string; readonly depth: number } | undefined;
    for (const line of text.split(/\r?\n/)) {
      if (/^\s*[#;]/.test(line)) continue;
      const depth = line.search(/\S/);
      if (option && current && (depth > option.depth || depth < 0)) {
        current.set(option.name, `${current.get(option.name)}\n${line.trim()}`);
        continue;
      }
      if (depth < 0) continue;
      const header = /^\s*\[(.+)\]/.exec(line)?.[1];
      if (header !== undefined) current = this.#begin(header);
      option = header === undefined ? { name: this.#addOption(current, line), depth } : undefined;
    }
  }

  #begin(header: string): Options {
    if (header === 'DEFAULT') return this.#defaults;
    if (this.#sections.has(header)) throw new IniError(`section '${header}' already exists`);
    const section: Options = new Map();
    this.#sections.set(header, section);
    return section;
  }

  /** Adds the option that a line holds; its name. */
  #addOption(section: Options | undefined, line: string): string {
    const alone = this.#options.allowNoValue ? /^\s*([^=:]+?)\s*$/.exec(line) : null;
    const [, written = '', value = ''] = alone ?? /^\s*([^=:]+?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (!section || written === '') throw new IniError('no option stands where one is expected');
    const name = this.#nameOf(written);
    if (section.has(name)) throw new IniError(`option '${name}' already exists`);
    section.set(name, value);
    return name;
  }

  #interpolated(value: string, written: ReadonlyMap<string, string>, depth: number): string {
    if (!value.includes('%')) return value;
    if (depth > 9) throw new IniError('options go on for ever in each other');
    return value.replace(/%(?:(%)|\(([^)]+)\)s|)/g, (_, sign?: string, name?: string) => {
      if (sign !== undefined) return sign;
      const other = name === undefined ? undefined : written.get(this.#nameOf(name))?.trimEnd();
      if (other === undefined) throw new IniError(`'%' must be followed by '%' or '(', or names no option: ${value}`);
      return this.#interpolated(other, written, depth + 1);
    });
  }
}
