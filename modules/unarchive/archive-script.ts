import type { FileAttributeArguments } from '../shared/attributes.ts';
import { pathWord } from '../shared/shell-path.ts';
import { quote } from '../shared/shell-quote.ts';
import { archiveAttributes } from './archive-attributes.ts';

/** What an archive is unpacked with. */
export interface ArchiveArguments extends FileAttributeArguments {
  readonly dest: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly extra_opts: readonly string[];
  readonly keep_newer: boolean;
}

/** What is done beside comparing. */
export interface ArchiveTask {
  /** Unpack what differs. */
  readonly apply: boolean;
  /** Tell the names in the archive, which may be many. */
  readonly listed: boolean;
  /** Tell what differs, for a diff. */
  readonly compared: boolean;
}

/**
 * sh text that compares the archive `$src` with the folder dest and does what `task` says. It answers with one record: handler,
 * files, different, changed, and rc, out and err of the unpacking.
 */
export function archiveScript(args: ArchiveArguments, task: ArchiveTask): string {
  const { apply } = task;
  return `${common(args)}
unpack_tar() { tar -x $z ${tarOptions(args)} -C "$1" -f "$src"${members(args)}; }
unpack_zip() { unzip -o${args.keep_newer ? ' -u' : ''} -q ${words(args.extra_opts)} "$src"${members(args)}${zipExcludes(args)} -d "$1"; }
if [ "$kind" = zip ]; then
  command -v unzip >/dev/null 2>&1 || fail 'unzip is needed to unpack this archive, and the host does not have it'
  unzip -Z1 "$src"${members(args)}${zipExcludes(args)} > "$d/list" 2>/dev/null || unzip -l "$src" | sed '1,3d' | sed '$d' | sed '$d' | sed 's/^ *[0-9]* *[-0-9]* *[0-9:]* *//' > "$d/list"
  echo handler=ZipArchive
  compare_by_unpacking
else
  gnu= q=; if tar --version 2>/dev/null | grep -q 'GNU tar'; then gnu=1 q=--quoting-style=literal; fi
  for z in '' -z -j -J --zstd none; do
    [ "$z" != none ] || fail "Failed to find handler for \\"$src\\". Make sure the required command to extract the file is installed: $(cat "$d/err")"
    tar -t $q $z ${tarOptions(args)}${shown(args)} -f "$src"${members(args)} > "$d/list" 2> "$d/err" && break
  done
  echo handler=TarArchive
  if [ "$gnu" ]; then compare_by_diff; else compare_by_unpacking; fi
fi
${task.listed ? 'b files < "$d/list"' : ''}
${task.compared ? `head -c ${shownLimit} "$d/different" | b different` : ''}
changed=; [ ! -s "$d/different" ] || changed=1
${apply ? applyPart : ''}
${archiveAttributes(args, apply)}
[ -z "$changed" ] || echo changed=1
`;
}

function common(args: ArchiveArguments): string {
  return `fail() { printf '%s\\n' "$1" >&2; exit 1; }
dest=${pathWord(args.dest)}; k dest "$dest"
[ -d "$dest" ] || fail "Destination '$dest' is not a directory"
dest=$(cd "$dest" && pwd -P)
[ -r "$src" ] || fail "Source '$src' does not exist or cannot be read"
[ -s "$src" ] || fail "Invalid archive '$src', the file is 0 bytes"
: > "$d/different"
kind=tar; [ "$(head -c 2 "$src")" != PK ] || kind=zip
compare_by_diff() {
  # A folder whose name --strip-components takes away has an empty name: it is dest itself.
  tar --diff $z ${tarOptions(args)}${shown(args)} -C "$dest" -f "$src"${members(args)} > "$d/diff" 2>&1
  grep -vF 'tar: : ' "$d/diff" | grep -E ${quote(differences(args))} > "$d/different"
  if [ "$(id -u)" != 0 ]; then grep -vE ': (Uid|Gid) differs' "$d/different" > "$d/less"; mv "$d/less" "$d/different"; fi
}
compare_by_unpacking() {
  mkdir "$d/new" && unpack_$kind "$d/new" > "$d/err" 2>&1 || fail "failed to unpack $src: $(cat "$d/err")"
  (cd "$d/new" && export dest && find . ! -type d -exec sh -c 'for f; do
    if [ -L "$f" ]; then [ "$(readlink "$f")" = "$(readlink "$dest/$f")" ] || printf "%s\\n" "$f"
    elif ! cmp -s "$f" "$dest/$f"; then printf "%s\\n" "$f"
    elif [ -x "$f" ] && [ ! -x "$dest/$f" ]; then printf "%s\\n" "$f"; fi; done' sh {} +
  find . -type d -exec sh -c 'for f; do [ -d "$dest/$f" ] || printf "%s\\n" "$f"; done' sh {} +) > "$d/different"
  # busybox shows what is not ASCII as ?.
  if grep -q '?' "$d/list"; then (cd "$d/new" && { find . ! -name . -type d | sed 's:$:/:'; find . ! -type d; }) | sed 's:^\\./::' > "$d/list"; fi
  rm -rf "$d/new"
}`;
}

/** What of tar's differences counts; what is set afterwards anyway does not. */
function differences(args: ArchiveArguments): string {
  const kinds = ['Mod time', 'Size', 'Contents', 'Symlink', 'File type', 'Device number'];
  if (args.owner === undefined) kinds.push('Uid');
  if (args.group === undefined) kinds.push('Gid');
  if (args.mode === undefined) kinds.push('Mode');
  return `(: (${kinds.join('|')}) differs?$|No such file or directory|Not linked to )`;
}

function tarOptions(args: ArchiveArguments): string {
  const excludes = args.exclude.map((name) => quote(`--exclude=${name}`));
  const keep = args.keep_newer ? ['--keep-newer-files'] : [];
  return [...keep, ...excludes, words(args.extra_opts)].join(' ').trim();
}

/** With options such as --strip-components, names are told as they are on disk. */
function shown(args: ArchiveArguments): string {
  return args.extra_opts.length === 0 ? '' : ' --show-transformed-names';
}

function words(list: readonly string[]): string {
  return list.map(quote).join(' ');
}

function members(args: ArchiveArguments): string {
  return args.include.length === 0 ? '' : ` ${words(args.include)}`;
}

function zipExcludes(args: ArchiveArguments): string {
  return args.exclude.length === 0 ? '' : ` -x ${words(args.exclude)}`;
}

/** Bytes of what tar and unzip say, and of what differs, that are told. */
const shownLimit = 262144;

const applyPart = `if [ "$changed" ]; then
  unpack_$kind "$dest" > "$d/out" 2> "$d/err"; rc=$?
  echo rc=$rc; tail -c ${shownLimit} "$d/out" | b out; tail -c ${shownLimit} "$d/err" | b err
  [ $rc = 0 ] || exit 0
fi`;
