import type { Mapping, Value } from '../../../runner/value.ts';
import { mapping } from '../../../runner/value.ts';
import { pathWord } from '../shell-path.ts';
import type { FactCollector } from './collector.ts';

const begin = '@@fact:';

/** Facts that the host's own administrators wrote: *.fact files, or programs that print JSON or INI. */
export function localFacts(folder: string): FactCollector {
  return {
    name: 'local',
    subset: 'min',
    script: `for f in ${pathWord(folder)}/*.fact; do
  [ -f "$f" ] || continue
  if [ -x "$f" ]; then t=$(limit 30 "$f" 2>&1 </dev/null); r=$?; else t=$(cat "$f"); r=$?; fi
  n=\${f##*/}; printf '${begin}%s %s\\n%s\\n' "$r" "\${n%.fact}" "$t"
done`,
    parse: parseLocalFacts,
  };
}

function parseLocalFacts(output: string): Mapping {
  const local = mapping();
  for (const part of `\n${output}`.split(`\n${begin}`).slice(1)) {
    const end = part.indexOf('\n');
    const header = part.slice(0, end);
    const at = header.indexOf(' ');
    const name = header.slice(at + 1);
    const failed = header.slice(0, at) !== '0';
    local[name] = failed ? 'error loading fact - please check content' : parseFact(part.slice(end + 1));
  }
  return { local };
}

function parseFact(text: string): Value {
  try {
    return JSON.parse(text) as Value;
  } catch {
    return parseIni(text) ?? 'error loading facts as JSON or ini - please check content';
  }
}

/** INI text as dict of dicts, undefined when it is not INI. */
function parseIni(text: string): Mapping | undefined {
  const sections = mapping();
  let current: Mapping | undefined;
  for (const line of text.split('\n')) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const header = /^\[([^\]]+)\]/.exec(line);
    if (header) {
      current = mapping();
      sections[header[1]!] = current;
      continue;
    }
    const pair = /^([^=:]+?)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (!pair || !current) return undefined;
    current[pair[1]!.trim().toLowerCase()] = pair[2]!;
  }
  return sections;
}
