import { ModuleFailure } from '../../runner/module/contract.ts';
import { identityFormat } from '../../runner/module/host-files.ts';
import { quote } from '../shared/shell-quote.ts';

/** A file with one-line sources. */
export interface SourceFile {
  readonly path: string;
  /** What it must still be when it is replaced. */
  readonly identity: string;
  readonly text: string;
}

const begin = '@@sources:';

/** sh text that prints all files with one-line sources, and the one that may be written to, wherever it is. */
export function sourcesQuery(wanted: string | undefined): string {
  const files = ['/etc/apt/sources.list', '/etc/apt/sources.list.d/*.list', ...(wanted ? [quote(wanted)] : [])];
  return `for f in ${files.join(' ')}; do [ -f "$f" ] || [ -L "$f" ] || continue; printf '\\n${begin}%s\\n' "$f"; (TZ=UTC0; export TZ; exec stat -c '${identityFormat}' "$f"); cat "$f" 2>/dev/null; done`;
}

/** Parses what {@link sourcesQuery} printed. */
export function parseSources(output: string | undefined): SourceFile[] {
  const parts = `\n${output ?? ''}`.split(`\n${begin}`).slice(1);
  const files = parts.map((part): [string, SourceFile] => {
    const [path = '', identity = ''] = part.split('\n', 2);
    return [path, { path, identity, text: part.slice(path.length + identity.length + 2) }];
  });
  return [...new Map(files).values()];
}

/** A source line in one spelling, and whether it is commented out. */
export function parseSourceLine(line: string): { source: string; enabled: boolean } | undefined {
  const disabled = /^\s*#+\s*(?=deb(-src)?\s)/.exec(line);
  const text = (disabled ? line.slice(disabled[0].length) : line).replace(/#.*$/, '').trim();
  if (!/^deb(-src)?\s+(\[[^\]]*\]\s*)?\S+\s+\S+/.test(text)) return undefined;
  return { source: text.split(/\s+/).join(' '), enabled: !disabled };
}

/** The file that Ansible puts a source in: made of its address, or the name that was given. */
export function sourceFileName(source: string, filename: string | undefined): string {
  const words = source
    .replace(/\[[^\]]+\]/, '')
    .replace(/\w+:\/\//, '')
    .split(/\s+/)
    .filter((word) => word !== '' && word !== 'deb' && word !== 'deb-src');
  const address = (words[0] ?? '').replace(/^[^@]*@/, '');
  const name =
    filename ??
    address
      .replace(/[^a-zA-Z0-9]/g, ' ')
      .trim()
      .split(/\s+/)
      .join('_');
  if (name === '' || name.includes('\n')) throw new ModuleFailure(`not a file name for a repository: ${name}`);
  const file = name.endsWith('.list') ? name : `${name}.list`;
  return file.startsWith('/') ? file : `/etc/apt/sources.list.d/${file}`;
}

/** sh text that removes a file again when what follows fails, so that a broken repository does not stay. */
export function undoWhenFailing(command: string, path: string): string {
  return `( ${command}\n) || { r=$?; rm -f ${quote(path)}; exit $r; }`;
}
