import type { FileAttributeArguments } from '../shared/attributes.ts';
import { modeText } from '../shared/file-mode.ts';
import { quote } from '../shared/shell-quote.ts';

/**
 * sh text that gives owner, group and permissions to all that is in the archive, below `$dest`, or in check mode looks whether
 * that would change anything; it sets `changed`. The file `list` in `$d` has the names: one that --strip-components takes away
 * is told as "/". Links get no permissions, since those would be given to what they lead to.
 */
export function archiveAttributes(args: FileAttributeArguments, apply: boolean): string {
  const { owner, group, mode } = args;
  const steps: string[] = [];
  if (owner !== undefined) steps.push(ownership('%u %U', owner, `chown -h ${quote(owner)}`, apply));
  if (group !== undefined) steps.push(ownership('%g %G', group, `chgrp -h ${quote(group)}`, apply));
  if (mode !== undefined) steps.push(permissions(typeof mode === 'number' ? modeText(mode) : String(mode), apply));
  return steps.length === 0 ? '' : `${prelude}\n${steps.join('\n')}`;
}

/**
 * `names` has a name in a line, `words` the same for xargs, `plain` those that are no links. `give` makes a change: where
 * others may turn names elsewhere meanwhile, name by name, from inside of the directory that it has come to, and to what it has opened.
 */
const prelude = `cd -P "$dest" || exit 1; top=\${PWD%/}
grep -v '^/*$' "$d/list" | sed -e 's:^/*:./:' -e 's:/\\./:/:g' -e 's://*:/:g' -e 's:/$::' > "$d/names"
words() { tr '\\n' '\\000' < "$d/$1"; }
words names | xargs -0 sh -c 'for f; do [ -L "$f" ] || printf "%s\\n" "$f"; done' sh > "$d/plain"
me=$(id -u)
look() { theirs=$({ echo .; sed -n 's:/[^/]*$::p' "$d/names"; cat "$d/plain"; } | sort -u | tr '\\n' '\\000' | xargs -0 stat -c '%F %u %a' 2>/dev/null | grep '^directory' | grep -v -E "^directory (0|$me) [0-7]*[0-7][0145][0145]$" | head -n 1); }
give() {
  n=$1; shift; look
  if [ -z "$theirs" ]; then words "$n" | xargs -0 "$@"; return; fi
  while IFS= read -r f; do
    ( case $f in ./*/*) p=\${f%/*}; cd -P "$p/" && [ "$PWD" = "$top/\${p#./}" ] || { echo "$p was changed by somebody else" >&2; exit 1; };; esac
    f=./\${f##*/}
    if [ "$1" != chmod ]; then "$@" "$f"; exit; fi
    if { [ -f "$f" ] || [ -d "$f" ]; } && [ ! -L "$f" ]; then i=$(exec stat -c '%d %i' "$f") && kplay_hold "$f" $i && chmod "$2" "$kplay_f" <&9; fi
    ) || return
  done < "$d/$n"
}`;

/** Looks at the owner or group of all names at once; `%u %U` prints number and name, of which one must be as wanted. */
function ownership(format: string, wanted: string, command: string, apply: boolean): string {
  const change = apply ? `; give names ${command} || exit 1` : '';
  return `w=${quote(wanted)}
if words names | xargs -0 stat -c '${format}' 2>/dev/null | grep -vE "^($w [^ ]*|[^ ]* $w)$" | grep -q .; then changed=1${change}; fi`;
}

function permissions(mode: string, apply: boolean): string {
  // chmod itself tells what a symbolic mode comes to: it is tried, and what it changed is looked at.
  const looked = `words plain | xargs -0 stat -c '%f' 2>/dev/null`;
  if (apply) return `x=$(${looked}); give plain chmod ${quote(mode)} || exit 1; [ "$x" = "$(${looked})" ] || changed=1`;
  if (!/^[0-7]+$/.test(mode)) return '';
  const digits = mode.replace(/^0+(?=.)/, '');
  return `if words plain | xargs -0 stat -c '%a' 2>/dev/null | grep -vx ${quote(digits)} | grep -q .; then changed=1; fi`;
}
