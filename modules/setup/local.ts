import { IniError, IniFile } from '../../runner/python/configparser.ts';
import { dictOf, nameOfText } from '../../runner/python/dict.ts';
import { parseJson } from '../../runner/python/json-reader.ts';
import type { Mapping, Value } from '../../runner/value.ts';
import { mapping } from '../../runner/value.ts';
import { pathWord } from '../shared/shell-path.ts';
import type { FactCollector } from './collector.ts';

const begin = '@@fact:';
const end = '@@end:';

/** Facts that the host's own administrators wrote: *.fact files, or programs that print JSON or INI. */
export function localFacts(folder: string): FactCollector {
  return {
    name: 'local',
    subset: 'local',
    // What a program says on standard error is no part of the fact: it goes to a variable while the rest is printed.
    script: `for f in ${pathWord(folder)}/*.fact; do
  [ -f "$f" ] || continue
  printf '${begin}%s\\n' "\${f##*/}"; e=
  if [ -x "$f" ]; then { e=$({ limit 30 "$f" >&7 </dev/null; } 2>&1); r=$?; } 7>&1; else cat "$f"; r=0; fi
  printf '\\n${end}%s %s\\n' "$r" "$e"
done`,
    parse: (output, _known, more) => parseLocalFacts(output, folder, more?.warn),
  };
}

function parseLocalFacts(output: string, folder: string, warn?: (text: string) => void): Mapping {
  const local = mapping();
  for (const part of `\n${output}`.split(`\n${begin}`).slice(1)) {
    const file = part.slice(0, part.indexOf('\n'));
    const at = part.lastIndexOf(`\n${end}`);
    const text = part.slice(file.length + 1, at);
    const [, code = '', said = ''] = /^(\d+) (.*)$/s.exec(part.slice(at + 1 + end.length)) ?? [];
    const path = `${folder}/${file}`;
    const found: Fact =
      code === '0'
        ? parseFact(text, path)
        : { trouble: `Failure executing fact script (${path}), rc: ${code}, err: ${said.trimEnd()}` };
    if (found.trouble !== undefined) warn?.(found.trouble);
    local[nameOfText(file.replaceAll('.fact', ''))] = found.trouble ?? found.value;
  }
  return { local };
}

/** A fact, or why there is none, which is shown in its place. */
type Fact = { readonly value: Value; readonly trouble?: undefined } | { readonly trouble: string };

function parseFact(text: string, path: string): Fact {
  try {
    return { value: parseJson(text) };
  } catch {
    try {
      return { value: iniFacts(new IniFile(text)) };
    } catch (error) {
      if (!(error instanceof IniError)) throw error;
      return { trouble: `error loading facts as JSON or ini - please check content: ${path}` };
    }
  }
}

function iniFacts(file: IniFile): Mapping {
  return dictOf(Array.from(file.sections, (name) => [name, dictOf(file.section(name)!)] as const));
}
