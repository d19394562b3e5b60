import type { FileAttributeArguments } from './attributes.ts';
import { modeText } from './file-mode.ts';
import { pathWord } from './shell-path.ts';
import { quote } from './shell-quote.ts';

/** What an archive is unpacked with. */
export interface ArchiveArguments extends FileAttributeArguments {
  readonly dest: string;
  readonly include: readonly string[];
  readonly exclude: readonly string[];
  readonly extra_opts: readonly string[];
  readonly keep_newer: boolean;
}

/**
 * sh text that compares the archive `$src` with the folder dest and, when `apply` is set, unpacks what differs. It answers with
 * one record: handler, files, different (what differs), changed, and rc, out and err of the unpacking.
 */
export function archiveScript(args: ArchiveArguments, apply: boolean): string {
  return `${common(args)}
unpack_tar() { tar -x $z ${tarOptions(args)} -C "$1" -f "$src"${members(args)}; }
unpack_zip() { unzip -o${args.keep_newer ? ' -u' : ''} -q ${words(args.extra_opts)} "$src"${members(args)}${zipExcludes(args)} -d "$1"; }
if [ "$kind" = zip ]; then
  command -v unzip >/dev/null 2>&1 || fail 'unzip is needed to unpack this archive, and the host does not have it'
  unzip -Z1 "$src"${members(args)}${zipExcludes(args)} > "$d/list" 2>/dev/null || unzip -l "$src" | sed '1,3d' | sed '$d' | sed '$d' | sed 's/^ *[0-9]* *[-0-9]* *[0-9:]* *//' > "$d/list"
  echo handler=ZipArchive
  compare_by_unpacking
else
  for z in '' -z -j -J --zstd none; do
    [ "$z" != none ] || fail "Failed to find handler for \\"$src\\". Make sure the required command to extract the file is installed: $(cat "$d/err")"
    tar -t $z ${tarOptions(args)}${shown(args)} -f "$src"${members(args)} > "$d/list" 2> "$d/err" && break
  done
  echo handler=TarArchive
  if tar --version 2>/dev/null | grep -q 'GNU tar'; then compare_by_diff; else compare_by_unpacking; fi
fi
b files < "$d/list"
b different < "$d/different"
changed=; [ ! -s "$d/different" ] || changed=1
${apply ? applyPart : ''}
${attributesPart(args, apply)}
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

const applyPart = `if [ "$changed" ]; then
  unpack_$kind "$dest" > "$d/out" 2> "$d/err"; rc=$?
  echo rc=$rc; b out < "$d/out"; b err < "$d/err"
  [ $rc = 0 ] || exit 0
fi`;

/** Owner, group and permissions of all that is in the archive, below dest: a name that --strip-components takes away is told as "/". */
function attributesPart(args: ArchiveArguments, apply: boolean): string {
  const { owner, group, mode } = args;
  const steps: string[] = [];
  if (owner !== undefined) steps.push(attribute('%u %U', quote(owner), `chown -h ${quote(owner)}`, apply));
  if (group !== undefined) steps.push(attribute('%g %G', quote(group), `chgrp -h ${quote(group)}`, apply));
  if (mode !== undefined) steps.push(modeAttribute(typeof mode === 'number' ? modeText(mode) : String(mode), apply));
  if (steps.length === 0) return '';
  return `cd "$dest" || exit 1
grep -v '^/*$' "$d/list" | sed 's:^/*:./:' | tr '\\n' '\\000' > "$d/names"
${steps.join('\n')}`;
}

/** Looks at one attribute of all names at once; `%u %U` prints number and name, of which one must be as wanted. */
function attribute(format: string, wanted: string, command: string, apply: boolean): string {
  const change = apply ? `; xargs -0 ${command} < "$d/names" || exit 1` : '';
  return `w=${wanted}
if xargs -0 stat -c '${format}' < "$d/names" 2>/dev/null | grep -vE "^($w [^ ]*|[^ ]* $w)$" | grep -q .; then changed=1${change}; fi`;
}

function modeAttribute(mode: string, apply: boolean): string {
  // chmod itself tells what a symbolic mode comes to: it is tried, and what it changed is looked at.
  const looked = `xargs -0 stat -c '%f' < "$d/names" 2>/dev/null`;
  if (apply) {
    return `x=$(${looked}); xargs -0 chmod ${quote(mode)} < "$d/names" || exit 1; [ "$x" = "$(${looked})" ] || changed=1`;
  }
  if (!/^[0-7]+$/.test(mode)) return '';
  const digits = mode.replace(/^0+(?=.)/, '');
  return `if xargs -0 stat -c '%a' < "$d/names" 2>/dev/null | grep -vx ${quote(digits)} | grep -q .; then changed=1; fi`;
}
