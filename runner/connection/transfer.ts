import { randomBytes } from 'node:crypto';
import type { FileAttributes } from './connection.ts';
import { readExactly } from './frame.ts';
import { quote } from './quote.ts';

/**
 * The sh text that receives `size` bytes as the file `destination`. It resolves symbolic links (what the path leads to is
 * replaced, as Ansible's copy does), writes beside the target with mode 0600, flushes to the disk, gives the attributes
 * and the SELinux context, and renames. On failure it says why on standard error and leaves nothing behind.
 */
export function receiveScript(destination: string, size: number, attributes: FileAttributes): string {
  const temporary = `.kplay-${randomBytes(9).toString('hex')}.tmp`;
  return `d=${quote(destination)}; case $d in /*) ;; *) d=./$d;; esac
n=0; while [ -L "$d" ]; do n=$((n+1)); [ $n -gt 40 ] && { echo "$d: too many levels of symbolic links" >&2; exit 1; }
l=$(readlink "$d"; echo _); l=\${l%?_}; case $l in /*) d=$l;; *) case $d in */*) d=\${d%/*}/$l;; *) d=$l;; esac;; esac; done
case $d in */*) t=\${d%/*}/${temporary};; *) t=${temporary};; esac
fail() { printf '%s\\n' "$1" >&2; exit 1; }
if [ -d "$d" ]; then printf '%s\\n' "$d: Is a directory" >&2; exit 1; fi
trap 'rm -f "$t"' 0; trap 'exit 143' 1 2 15
e=$(umask 077; exec 2>&1 >"$t"; ${execLast(readExactly(size, 'conv=fsync'))}) || { printf '%s\\n' "$e" | grep -v -e '^[0-9]*+[0-9]* records ' -e ' copied, ' >&2; rm -f "$t"; exit 1; }
s=$(exec stat -c "%s %u:%g" "$t" 2>/dev/null); [ "\${s%% *}" -eq ${size} ] || fail "only part of the file arrived"
${giveAttributes(attributes)}
c=; if [ -e /sys/fs/selinux/enforce ]; then if [ -e "$d" ]; then chcon --reference="$d" "$t" 2>/dev/null; else c=1; fi; fi
e=$(exec mv -f "$t" "$d" 2>&1) || fail "$e"
trap - 0
[ -z "$c" ] || restorecon "$d" 2>/dev/null
exit 0`;
}

/** A single program takes the place of the shell that would wait for it. */
function execLast(command: string): string {
  return command.startsWith('{') ? command : `exec ${command}`;
}

function giveAttributes(attributes: FileAttributes): string {
  const { mode, owner, group } = attributes;
  const lines = ['o=; [ -e "$d" ] && o=$(exec stat -c "%a %u %g" "$d" 2>/dev/null); set -- $o'];
  const wantedOwner = owner === undefined ? '${2-}' : quote(owner);
  const wantedGroup = group === undefined ? '${3-}' : quote(group);
  // Keeping the replaced file's owner may not be allowed; asking for one and not getting it is an error.
  lines.push(`u=${wantedOwner}; g=${wantedGroup}`);
  const optional = owner === undefined && group === undefined;
  lines.push(
    `if [ "$u$g" ] && [ "$u:$g" != "\${s#* }" ]; then e=$(exec chown "$u\${g:+:$g}" "$t" 2>&1) || ${optional ? 'chgrp "$g" "$t" 2>/dev/null || :' : 'fail "$e"'}; fi`,
  );
  const numeric = mode !== undefined && /^[0-7]+$/.test(mode);
  // A symbolic mode is relative to what stands there, or to what a new file gets.
  if (!numeric) lines.push('chmod "${1:-$(printf %o $((0666 & ~$(umask))))}" "$t" || fail "the mode could not be set"');
  if (mode !== undefined) lines.push(`e=$(exec chmod ${quote(mode)} "$t" 2>&1) || fail "$e"`);
  return lines.join('\n');
}

/** The sh text that prints a file's bytes; fails for what is not a file that can be read. */
export function printScript(source: string): string {
  const path = quote(source);
  return `if [ -d ${path} ]; then printf '%s\\n' ${quote(`${source}: Is a directory`)} >&2; exit 1; fi; exec cat <${path}`;
}
