import { keepLines } from '../shared/text-file.ts';

/** A line of fstab. */
export interface FstabEntry {
  readonly src: string;
  readonly path: string;
  readonly fstype: string;
  readonly opts: string;
  readonly dump: string;
  readonly passno: string;
}

/** What is mounted at a path. */
export interface Mount {
  readonly path: string;
  readonly src: string;
  readonly fstype: string;
}

/** Blanks, backslashes and & in a field, as fstab writes them. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\134').replaceAll(' ', '\\040').replaceAll('&', '\\046');
}

function parse(line: string): FstabEntry | undefined {
  const fields = line.trim().split(/\s+/);
  if (line.trim().startsWith('#') || fields.length < 4 || fields.length > 6) return undefined;
  const [src, path, fstype, opts, dump = '0', passno = '0'] = fields as [
    string,
    string,
    string,
    string,
    string?,
    string?,
  ];
  return { src, path, fstype, opts, dump, passno };
}

/** Swap has no path of its own: its entries are told apart by what they use. */
function isSame(entry: FstabEntry, path: string, src: string | undefined): boolean {
  if (entry.path !== path) return false;
  return !(src !== undefined && entry.path === 'none' && entry.fstype === 'swap' && entry.src !== src);
}

/** fstab with an entry as it is to be; other lines stay as they are written. */
export function withEntry(text: string, wanted: FstabEntry): string {
  const entry: FstabEntry = {
    src: escaped(wanted.src),
    path: escaped(wanted.path),
    fstype: escaped(wanted.fstype),
    opts: escaped(wanted.opts),
    dump: escaped(wanted.dump),
    passno: escaped(wanted.passno),
  };
  const written = `${entry.src} ${entry.path} ${entry.fstype} ${entry.opts} ${entry.dump} ${entry.passno}\n`;
  let found = false;
  const lines = keepLines(text).map((line) => {
    const old = parse(line);
    if (!old || !isSame(old, entry.path, entry.src)) return line;
    found = true;
    const same = (Object.keys(entry) as (keyof FstabEntry)[]).every((field) => old[field] === entry[field]);
    return same ? line : written;
  });
  if (found) return lines.join('');
  const last = lines.at(-1);
  if (last !== undefined && !last.endsWith('\n')) lines[lines.length - 1] = `${last}\n`;
  return [...lines, written].join('');
}

/** fstab without an entry. */
export function withoutEntry(text: string, path: string, src: string | undefined): string {
  const isGone = (line: string): boolean => {
    const entry = parse(line);
    return entry !== undefined && isSame(entry, escaped(path), src === undefined ? undefined : escaped(src));
  };
  return keepLines(text)
    .filter((line) => !isGone(line))
    .join('');
}

/** Reads /proc/self/mountinfo; where one path is mounted on several times, the last is what one sees. */
export function parseMountinfo(text: string): Map<string, Mount> {
  const mounts = new Map<string, Mount>();
  for (const line of text.split('\n')) {
    const [before, after] = line.split(' - ');
    const [fstype, src] = after?.split(' ') ?? [];
    const path = unescaped(before?.split(' ')[4] ?? '');
    if (path !== '' && src !== undefined) mounts.set(path, { path, src: unescaped(src), fstype: fstype! });
  }
  return mounts;
}

function unescaped(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
