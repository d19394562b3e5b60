import type { Change } from '../../runner/module/contract.ts';
import type { Value } from '../../runner/value.ts';
import { modeText } from './file-mode.ts';
import { quote } from './shell-quote.ts';

/** What folders that are made are given. */
export interface FolderArguments {
  readonly owner?: string | undefined;
  readonly group?: string | undefined;
  readonly directory_mode?: Value | undefined;
}

/** Makes a folder and those above it that are missing, with the attributes that folders are given. */
export function makeFolder(folder: string, args: FolderArguments): Change {
  return {
    what: `directory ${folder}`,
    before: undefined,
    after: undefined,
    diff: { before: '', after: `${folder}/\n`, beforeHeader: folder, afterHeader: folder },
    command: folderCommand(folder, args),
  };
}

/** sh text that makes a folder; see {@link folderFunction}. */
function folderCommand(folder: string, args: FolderArguments): string {
  return `${folderFunction(args)}
( m ${quote(folder)} )`;
}

/**
 * The sh function `m`, which makes a folder and is to be called in a subshell. It goes from folder to folder: what it has entered stays the folder that it made, whatever
 * becomes of the name, so that owner and mode are given to that one.
 */
export function folderFunction(args: FolderArguments): string {
  const mode = chmodWord(args.directory_mode);
  const given = [
    ...(args.owner === undefined ? [] : [`chown ${quote(args.owner)} .`]),
    ...(args.group === undefined ? [] : [`chgrp ${quote(args.group)} .`]),
    ...(mode === undefined ? [] : [`chmod ${quote(mode)} .`]),
  ];
  return `m() { [ ! -d "$1" ] || { cd -P "$1/"; return; }
case $1 in */*) m "\${1%/*}" || return;; esac
d=./\${1##*/}; [ "$d" != ./ ] || { cd /; return; }
if mkdir "$d"; then :; elif [ -d "$d" ]; then cd -P "$d/"; return; else return 1; fi
o=\${PWD%/}; cd -P "$d/" || return; set -- * .[!.]* ..?*
[ "$PWD" = "$o/\${d#./}" ] && [ "$*" = '* .[!.]* ..?*' ] || { echo "$d was changed by somebody else" >&2; return 1; }
${['true', ...given].join(' && ')}; }`;
}

function chmodWord(mode: Value | undefined): string | undefined {
  if (mode === undefined || mode === null || mode === 'preserve') return undefined;
  return typeof mode === 'number' ? modeText(mode) : String(mode);
}
