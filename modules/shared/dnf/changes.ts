import type { Change, Plan } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { quote } from '../shell-quote.ts';
import type { DnfArguments, DnfCommand } from './command.ts';
import { dnfCall, dnfPrelude } from './command.ts';
import type { DnfState } from './state.ts';
import { entriesOf, installedQuery, stateOf } from './state.ts';

/** What dnf, yum and package would do. */
export function planDnf(args: DnfArguments, current: DnfState): Plan {
  const changes = changesFor(args, current);
  return {
    changes,
    warnings: warningsOf(args, current),
    result: { msg: changes.length === 0 ? 'Nothing to do' : '', results: changes.map(({ what }) => what) },
  };
}

function warningsOf(args: DnfArguments, current: DnfState): string[] {
  const unread = current.unread === undefined ? [] : [`dnf went on without a repository: ${current.unread}`];
  const older = [...current.requests].flatMap(([entry, { newer }]) =>
    newer === undefined || args.allow_downgrade
      ? []
      : [
          `${entry} is older than ${newer}, which is installed and stays; allow_downgrade would put the older one in its place`,
        ],
  );
  const leftOut = current.leftOut.map((words) => `dnf leaves out ${words}`);
  return [...unread, ...older, ...leftOut];
}

function changesFor(args: DnfArguments, current: DnfState): Change[] {
  const entries = entriesOf(args);
  const state = stateOf(args);
  if (entries.length === 0) {
    if (!args.autoremove) return [];
    return withCommand(
      current.unneeded.map((name) => ({ what: `package ${name}`, before: 'installed' })),
      dnfCommand(args, 'autoremove', []),
    );
  }
  if (entries.includes('*') && state !== 'latest')
    throw new ModuleFailure("the name '*' is only possible with state latest");
  if (state === 'absent') return removals(args, current);
  return [...installations(args, missingEntries(args, current)), ...upgrades(args, current)];
}

/** The entries of `name` that are to be installed, for the states that want them. */
export function missingEntries(args: DnfArguments, current: DnfState): string[] {
  const stays = (entry: string): boolean => {
    const { newer, leftOut } = current.requests.get(entry)!;
    return leftOut === true || (newer !== undefined && !args.allow_downgrade);
  };
  if (args.update_only) return [];
  return entriesOf(args).filter((entry) => isMissing(entry, current) && !stays(entry));
}

function isMissing(entry: string, current: DnfState): boolean {
  return current.requests.get(entry)?.installed.length === 0;
}

/** What `remove` is told, none when nothing is to be removed. */
export function removalWords(args: DnfArguments, current: DnfState): string[] {
  const words = [...current.requests].flatMap(([entry, { installed }]) => (installed.length > 0 ? [entry] : []));
  if (words.length === 0 || args.autoremove) return words;
  return ['--setopt=clean_requirements_on_remove=False', ...words];
}

function removals(args: DnfArguments, current: DnfState): Change[] {
  const found = [...current.requests].filter(([, { installed }]) => installed.length > 0);
  const changes = found.flatMap(([, { installed }]) =>
    installed.map((line) => ({ what: `package ${line.split(' ')[0]}`, before: line.split(' ')[1] ?? 'installed' })),
  );
  return withCommand(changes, dnfCommand(args, 'remove', removalWords(args, current)));
}

function installations(args: DnfArguments, missing: readonly string[]): Change[] {
  if (missing.length === 0) return [];
  // yum 3 succeeds although a package is unknown or older than the installed one, so look whether all are there.
  const checks = missing.map((entry) => {
    const there = `( ${installedQuery(entry, args)} ) >/dev/null 2>&1 </dev/null`;
    const downgrade = args.allow_downgrade ? `${dnfCall(args, 'downgrade', [entry])} && ` : '';
    const complaint = `${entry} was not installed: there is no such package, or a newer one is installed (allow_downgrade)`;
    return `${there} || { ${downgrade}${there}; } || { echo ${quote(complaint)} >&2; exit 1; }`;
  });
  const checked = args.skip_broken ? [] : checks;
  const command = [dnfCommand(args, 'install', missing, '|| exit $?'), ...checked].join('\n');
  return withCommand(
    missing.map((entry) => ({ what: `package ${entry}`, after: 'installed' })),
    command,
  );
}

/** What `update` is told: nothing for all that is installed. */
export function updateWords(args: DnfArguments, current: DnfState): string[] {
  const entries = entriesOf(args);
  if (entries.includes('*')) return [];
  const missing = missingEntries(args, current);
  // dnf 5 fails for what is not installed.
  return entries.filter((entry) => !isMissing(entry, current) || missing.includes(entry));
}

function upgrades(args: DnfArguments, current: DnfState): Change[] {
  const changes = current.updates.map(({ name, version }) => ({
    what: `package ${name}`,
    before: 'older',
    after: version,
  }));
  return withCommand(changes, dnfCommand(args, 'update', updateWords(args, current)));
}

function dnfCommand(args: DnfArguments, command: DnfCommand, words: readonly string[], rest = ''): string {
  return `${dnfPrelude(args)}${dnfCall(args, command, words)} ${rest}`.trimEnd();
}

function withCommand(changes: readonly Change[], command: string): Change[] {
  return changes.map((change, index) => (index === changes.length - 1 ? { ...change, command } : change));
}
