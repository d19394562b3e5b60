import type { Arguments } from '../../../runner/module/arguments.ts';
import { quote, quoteAll } from '../shell-quote.ts';
import type { dnfArguments } from './arguments.ts';

export type DnfArguments = Arguments<typeof dnfArguments>;

/** The programs there are, by how they want to be called: yum 3; dnf 4, yum 4 and microdnf; dnf 5. */
type Kind = 'yum3' | 'dnf' | 'dnf5';

/**
 * sh text that sets $dnf to the program, $kind to its {@link Kind}, and `dnf_run COMMAND…`, which adds the options that all
 * commands take and waits for a lock that another process holds.
 */
export function dnfPrelude(args: DnfArguments): string {
  return `dnf=${program(args.use_backend)}
[ -n "$dnf" ] && command -v "$dnf" >/dev/null 2>&1 || { echo 'this host has neither dnf nor yum' >&2; exit 127; }
case $("$dnf" --version 2>/dev/null | head -n 1) in 3.*) kind=yum3 ;; dnf5*) kind=dnf5 ;; *) kind=dnf ;; esac
dnf_run() {
  case $kind in
  yum3) set -- ${options(args, 'yum3')} "$@" ;;
  dnf5) set -- ${options(args, 'dnf5')} "$@"${knownRepositories(args)} ;;
  *) set -- ${options(args, 'dnf')} "$@" ;;
  esac
  kplay_end=$(($(date +%s) + ${args.lock_timeout}))
  while :; do
    "$dnf" --setopt=exit_on_lock=1 "$@"; kplay_rc=$?
    [ $kplay_rc -eq 200 ] && [ "$(date +%s)" -lt $kplay_end ] || return $kplay_rc
    sleep 2
  done
}
`;
}

function program(backend: DnfArguments['use_backend']): string {
  const found = (...names: string[]): string => `$(${names.map((name) => `command -v ${name}`).join(' || ')})`;
  switch (backend) {
    case 'auto':
      return found('dnf', 'yum', 'microdnf');
    case 'yum':
      return 'yum';
    case 'dnf5':
      return found('dnf5', 'dnf');
    case 'dnf4':
    case 'yum4':
      return found('dnf4', 'dnf-3', 'dnf');
    default:
      return 'dnf';
  }
}

/** Options that stand before the command, which dnf 5 does not take all where dnf 4 does. */
function options(args: DnfArguments, kind: Kind): string {
  const flags: string[] = [];
  const each = (name: string, values: readonly string[] | undefined): void => {
    for (const value of values ?? []) flags.push(`--${name}=${value}`);
  };
  if (kind !== 'dnf5') each('disablerepo', args.disablerepo);
  each('enablerepo', args.enablerepo);
  each('exclude', args.exclude);
  each('disableplugin', args.disable_plugin);
  each('enableplugin', args.enable_plugin);
  if (args.conf_file !== undefined) flags.push('-c', args.conf_file);
  if (args.installroot !== '/') flags.push(`--installroot=${args.installroot}`);
  if (args.releasever !== undefined) flags.push(`--releasever=${args.releasever}`);
  if (args.disable_gpg_check) flags.push('--nogpgcheck');
  if (args.cacheonly) flags.push('-C');
  if (!args.sslverify || !args.validate_certs) flags.push('--setopt=sslverify=0');
  if (!args.install_weak_deps && kind !== 'yum3') flags.push('--setopt=install_weak_deps=False');
  if (args.disable_excludes !== undefined) flags.push(withoutExcludes(args.disable_excludes, kind));
  if (args.skip_broken) flags.push(kind === 'dnf5' ? '--setopt=skip_broken=True' : '--skip-broken');
  if (args.nobest && kind !== 'yum3') flags.push(kind === 'dnf5' ? '--setopt=best=False' : '--nobest');
  return quoteAll(flags);
}

function withoutExcludes(which: string, kind: Kind): string {
  if (kind !== 'dnf5') return `--disableexcludes=${which}`;
  return `--setopt=disable_excludes=${which === 'all' ? '*' : which}`;
}

/** dnf 5 fails for a pattern that matches no repository, where nothing needs to be switched off. It reads no lists for the answer. */
function knownRepositories(args: DnfArguments): string {
  const configuration = args.conf_file === undefined ? '' : `-c ${quote(args.conf_file)} `;
  return (args.disablerepo ?? [])
    .map((pattern) => {
      const asked = `"$dnf" -q ${configuration}repolist --all ${quote(pattern)} 2>/dev/null </dev/null`;
      return `\n  [ -z "$(${asked})" ] || set -- ${quote(`--disablerepo=${pattern}`)} "$@"`;
    })
    .join('');
}

/** A command of dnf that a task runs. */
export type DnfCommand = 'autoremove' | 'check-update' | 'downgrade' | 'install' | 'remove' | 'update';

/** A call of `dnf_run` with the options that only some commands take: dnf 5 wants them behind the command, dnf 4 and yum take them there. */
export function dnfCall(
  args: DnfArguments,
  command: DnfCommand,
  words: readonly string[] = [],
  answer: '-y' | '--assumeno' = '-y',
): string {
  const flags: string[] = [];
  if (['check-update', 'update'].includes(command)) {
    if (args.security) flags.push('--security');
    if (args.bugfix) flags.push('--bugfix');
  }
  const erasing = args.allowerasing && ['downgrade', 'install', 'update'].includes(command);
  // yum 3 does not know it.
  const modern = erasing ? ' $([ "$kind" = yum3 ] || echo --allowerasing)' : '';
  const answered = command === 'check-update' ? '' : `${answer} `;
  return `dnf_run ${answered}${command}${modern} ${quoteAll([...flags, ...words])}`.trimEnd();
}
