import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

/** A shell that a host may have as its /bin/sh. */
export interface HostShell {
  readonly name: string;
  /** The program. */
  readonly path: string;
  /** Debian's package. */
  readonly package: string;
}

/** Every shell for POSIX sh text that Debian has. busybox is known by the name that it is called by. */
export const hostShells: readonly HostShell[] = [
  { name: 'dash', path: '/bin/dash', package: 'dash' },
  { name: 'bash', path: '/bin/bash', package: 'bash' },
  { name: 'busybox ash', path: '/bin/busybox', package: 'busybox' },
  { name: 'mksh', path: '/bin/mksh', package: 'mksh' },
  { name: 'ksh93', path: '/bin/ksh93', package: 'ksh93u+m' },
  { name: 'yash', path: '/usr/bin/yash', package: 'yash' },
  { name: 'posh', path: '/bin/posh', package: 'posh' },
  { name: 'zsh', path: '/bin/zsh', package: 'zsh' },
];

/** Why a shell cannot be tried here, or undefined. */
export function missingShell(shell: HostShell): string | undefined {
  return existsSync(shell.path) ? undefined : `${shell.path} (Debian: ${shell.package}) is not installed`;
}

const isRoot = process.getuid?.() === 0;
/** Processes of their own, too: a shell that takes a signal's addressees wrong is to hit nobody else. */
const namespace = [...(isRoot ? [] : ['--user', '--map-root-user']), '--mount', '--pid', '--fork', '--mount-proc'];

/** Why no namespaces can be made here, or undefined. */
export function missingNamespaces(): string | undefined {
  return spawnSync('unshare', [...namespace, 'true']).status === 0 ? undefined : 'unshare cannot make namespaces';
}

/** A host with a shell of its kind. */
export interface ShellPlace {
  readonly shell: HostShell;
  /** Whether it is the host's /bin/sh, or stands beside it and is asked for by its own name. */
  readonly asSh: boolean;
}

/** What stands for such a host. */
export interface PlacedShell {
  /** The program for a connection's `shell`: enters the host's namespaces when it is not in them. */
  readonly path: string;
  /** The processes that were left a minute after the first shell had ended, a line each; undefined while nobody knows yet. */
  left(): string | undefined;
}

let places = 0;

/** Makes such a host of this machine, in mount and process namespaces that begin and end with the first shell started there. */
export function placeShell({ shell, asSh }: ShellPlace, folder: string): PlacedShell {
  const own = join(folder, `place-${++places}`);
  const left = join(own, 'left');
  mkdirSync(own);
  const name = basename(shell.path) === 'busybox' ? 'ash' : basename(shell.path);
  const program = asSh ? '/bin/sh' : name === 'ash' ? `${shell.path} ash` : shell.path;
  const path = join(own, asSh ? 'sh' : name);
  const enter = [
    'set -e',
    ...(asSh ? [`mount --bind ${shell.path} "$(readlink -f /bin/sh)"`] : []),
    `set +e; KPLAY_TEST_INSIDE=1 ${program} "$@"; r=$?`,
    'n=0; while set -- /proc/[0-9]*; [ $# -gt 1 ] && [ $n -lt 600 ]; do n=$((n+1)); sleep 0.1; done',
    'for p; do [ "$p" = /proc/1 ] || { tr "\\0" " " <$p/cmdline; echo; }; done >"$0.new"; mv "$0.new" "$0"; exit $r',
  ];
  const words = ['unshare', ...namespace, 'sh', '-c', `'${enter.join('\n')}'`, left].join(' ');
  const text = `#!/bin/sh\nif [ "$KPLAY_TEST_INSIDE" ]; then exec ${program} "$@"; fi\nexec ${words} "$@"\n`;
  writeFileSync(path, text, { mode: 0o755 });
  return { path, left: () => (existsSync(left) ? readFileSync(left, 'utf8') : undefined) };
}
