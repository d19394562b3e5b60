import type { SharedReading } from './collector.ts';

/**
 * The files in which a system tells what it is, each after `@file PATH`. All are small; of one that is not, the first lines
 * are enough.
 */
export const releaseFilesReading: SharedReading = {
  name: 'release_files',
  script: `for f in /usr/lib/os-release /etc/*-release /etc/*_release /etc/*-version /etc/*_version; do
  [ -f "$f" ] && [ -r "$f" ] || continue
  printf '@file %s\\n' "$f"
  n=0
  while [ $n -lt 100 ] && { IFS= read -r v || [ -n "$v" ]; }; do printf '%s\\n' "$v"; n=$((n+1)); done <"$f"
done
[ ! -L /etc/products.d/baseproduct ] || { echo '@file /etc/products.d/baseproduct'; readlink -f /etc/products.d/baseproduct; }`,
};

/** What a line like `CentOS Linux release 7.9.2009 (Core)` says. */
export interface ReleaseLine {
  readonly name: string;
  readonly version: string;
  readonly codename: string;
}

/** The files that the script printed. */
export class ReleaseFiles {
  readonly #texts = new Map<string, string>();
  /** The variables of os-release; those of /usr/lib hold where /etc has none. */
  readonly osRelease: ReadonlyMap<string, string>;

  constructor(output: string) {
    for (const part of `\n${output}`.split('\n@file ').slice(1)) {
      const end = part.indexOf('\n');
      this.#texts.set(end < 0 ? part : part.slice(0, end), end < 0 ? '' : part.slice(end + 1).trim());
    }
    this.osRelease = parseOsRelease(this.text('/etc/os-release') ?? this.text('/usr/lib/os-release') ?? '');
  }

  /** The text of a file, undefined where there is none. */
  text(path: string): string | undefined {
    return this.#texts.get(path);
  }

  /** The first file of the kind `/etc/NAME-release` that says something, by name: `NAME`, and what it says. */
  releaseLine(): readonly [id: string, line: ReleaseLine] | undefined {
    for (const path of [...this.#texts.keys()].sort()) {
      const id = /^\/etc\/(\w+)[-_](?:release|version)$/.exec(path)?.[1];
      if (id === undefined || ignored.has(path.slice('/etc/'.length))) continue;
      const line = parseReleaseLine(this.text(path)!.split('\n')[0]!);
      if (line) return [id, line];
    }
    return undefined;
  }
}

/** Files that tell of something else, or are read for themselves. */
const ignored: ReadonlySet<string> = new Set([
  'debian_version',
  'lsb-release',
  'oem-release',
  'os-release',
  'system-release',
  'plesk-release',
  'iredmail-release',
  'board-release',
  'ec2_version',
]);

/** Name, version and codename out of one line; undefined for an empty one. */
export function parseReleaseLine(line: string): ReleaseLine | undefined {
  const text = line.trim();
  if (text === '') return undefined;
  const found = /^(.+?) *(?:release )? *(\d[\d.+\-a-z]*)(?: LTS)? *(?:\(([^)]*)\)[^)]*)?$/.exec(text);
  if (!found) return { name: text, version: '', codename: '' };
  return { name: found[1]!, version: found[2]!, codename: found[3] ?? '' };
}

/** The variables of an os-release file, quotes removed. */
export function parseOsRelease(text: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of text.split('\n')) {
    const [, key = '', value = ''] = /^\s*([A-Za-z_][A-Za-z0-9_]*)=(.*?)\s*$/.exec(line) ?? [];
    if (key !== '') found.set(key, value.replace(/^(["'])(.*)\1$/, '$2').replace(/\\(.)/g, '$1'));
  }
  return found;
}
