import { dictOf } from '../../../runner/python/dict.ts';
import type { Mapping } from '../../../runner/value.ts';

/** Why a text is no INI file. */
export class IniError extends Error {}

/**
 * INI text as Python's configparser reads it: sections of lower-case options, whose values may go on in deeper lines and
 * hold `%(option)s`; what stands in DEFAULT holds in each section. Throws {@link IniError}.
 */
export function parseIni(text: string): Mapping {
  const defaults = new Map<string, string>();
  const sections = new Map<string, Map<string, string>>();
  let current: Map<string, string> | undefined;
  let option: { readonly name: string; readonly depth: number } | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*[#;]/.test(line)) continue;
    const depth = line.search(/\S/);
    if (option && current && (depth > option.depth || depth < 0)) {
      current.set(option.name, `${current.get(option.name)}\n${line.trim()}`);
      continue;
    }
    if (depth < 0) continue;
    const header = /^\s*\[(.+)\]/.exec(line)?.[1];
    if (header !== undefined) {
      option = undefined;
      if (sections.has(header)) throw new IniError(`section '${header}' already exists`);
      current = header === 'DEFAULT' ? defaults : new Map();
      if (header !== 'DEFAULT') sections.set(header, current);
      continue;
    }
    const [, name = '', value = ''] = /^\s*([^=:]+?)\s*[=:]\s*(.*?)\s*$/.exec(line) ?? [];
    if (!current || name === '') throw new IniError('no option stands where one is expected');
    option = { name: name.toLowerCase(), depth };
    if (current.has(option.name)) throw new IniError(`option '${option.name}' already exists`);
    current.set(option.name, value);
  }
  return dictOf([...sections].map(([name, own]) => [name, options(new Map([...defaults, ...own]))] as const));
}

function options(written: ReadonlyMap<string, string>): Mapping {
  return dictOf([...written].map(([name, value]) => [name, interpolated(value.trimEnd(), written, 0)] as const));
}

function interpolated(value: string, written: ReadonlyMap<string, string>, depth: number): string {
  if (!value.includes('%')) return value;
  if (depth > 9) throw new IniError('options go on for ever in each other');
  return value.replace(/%(?:(%)|\(([^)]+)\)s|)/g, (_, sign?: string, name?: string) => {
    if (sign !== undefined) return sign;
    const other = name === undefined ? undefined : written.get(name.toLowerCase());
    if (other === undefined) throw new IniError(`'%' must be followed by '%' or '(', or names no option: ${value}`);
    return interpolated(other, written, depth + 1);
  });
}
