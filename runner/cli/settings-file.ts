import type { Position } from '../position.ts';

/** One setting of an ansible.cfg, or of the environment. */
export interface Setting {
  readonly name: string;
  readonly value: string;
  /** Absent for the environment. */
  readonly section: string | undefined;
  readonly place: Position | undefined;
}

/**
 * The settings of an ansible.cfg, in their order: `[section]`, `name = value` or `name: value`, lines that go on after a
 * blank, comments that begin with # or ; or stand after a blank and ;. A later value of a name takes the place of an earlier one.
 */
export function readSettingsFile(text: string, file: string): Setting[] {
  const settings = new Map<string, Setting>();
  let section = '';
  let last: string | undefined;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const content = line.replace(/\s;.*$/, '').trim();
    if (content === '' || /^[#;]/.test(content)) continue;
    const heading = /^\[(.*)\]$/.exec(content);
    const entry = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(content);
    if (/^\s/.test(line) && last !== undefined) {
      const before = settings.get(last)!;
      settings.set(last, { ...before, value: `${before.value}\n${content}`.trim() });
    } else if (heading) {
      section = heading[1]!;
      last = undefined;
    } else if (entry) {
      const name = entry[1]!.toLowerCase();
      last = `${section}.${name}`;
      settings.set(last, { name, value: entry[2]!, section, place: { file, line: index + 1, column: 1 } });
    }
  }
  return [...settings.values()].filter(({ value }) => value !== '');
}
