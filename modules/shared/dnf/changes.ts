import type { Change, Plan } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { quote, quoteAll } from '../shell-quote.ts';
import type { DnfArguments, DnfState } from './state.ts';
import { dnfFlags, dnfPrelude, entriesOf, installedQuery, stateOf } from './state.ts';

/** What dnf, yum and package would do. */
export function planDnf(args: DnfArguments, current: DnfState): Plan {
  const changes = changesFor(args, current);
  return {
    changes,
    result: { msg: changes.length === 0 ? 'Nothing to do' : '', results: changes.map(({ what }) => what) },
  };
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
  const missing = args.update_only
    ? []
    : entries.filter((entry) => current.requests.get(entry)?.installed.length === 0);
  const updates = state === 'latest' ? current.updates : [];
  return [...installations(args, missing), ...upgrades(args, updates, entries)];
}

function removals(args: DnfArguments, current: DnfState): Change[] {
  const found = [...current.requests].filter(([, { installed }]) => installed.length > 0);
  const words = found.map(([entry]) => entry);
  const changes = found.flatMap(([, { installed }]) =>
    installed.map((line) => ({ what: `package ${line.split(' ')[0]}`, before: line.split(' ')[1] ?? 'installed' })),
  );
  const setting = args.autoremove ? [] : ['--setopt=clean_requirements_on_remove=False'];
  return withCommand(changes, dnfCommand(args, 'remove', words, setting));
}

function installations(args: DnfArguments, missing: readonly string[]): Change[] {
  if (missing.length === 0) return [];
  // yum 3 succeeds although a package is unknown or older than the installed one, so look whether all are there.
  const checks = missing.map((entry) => {
    const there = `( ${installedQuery(entry, args)} ) >/dev/null 2>&1 </dev/null`;
    const downgrade = args.allow_downgrade ? `dnf_run -y ${dnfFlags(args)} downgrade ${quote(entry)} && ` : '';
    const complaint = `${entry} was not installed: there is no such package, or a newer one is installed (allow_downgrade)`;
    return `${there} || { ${downgrade}${there}; } || { echo ${quote(complaint)} >&2; exit 1; }`;
  });
  const checked = args.skip_broken ? [] : checks;
  const command = [dnfCommand(args, 'install', missing, [], '|| exit $?'), ...checked].join('\n');
  return withCommand(
    missing.map((entry) => ({ what: `package ${entry}`, after: 'installed' })),
    command,
  );
}

function upgrades(args: DnfArguments, updates: DnfState['updates'], entries: readonly string[]): Change[] {
  const changes = updates.map(({ name, version }) => ({ what: `package ${name}`, before: 'older', after: version }));
  const words = entries.includes('*') ? [] : entries;
  return withCommand(changes, dnfCommand(args, 'update', words));
}

function dnfCommand(
  args: DnfArguments,
  operation: string,
  words: readonly string[],
  extra: readonly string[] = [],
  rest = '',
): string {
  const flags = [dnfFlags(args), quoteAll(extra)].filter((text) => text !== '').join(' ');
  return `${dnfPrelude(args)}dnf_run -y ${flags} ${operation} ${quoteAll(words)} ${rest}`.trimEnd();
}

function withCommand(changes: readonly Change[], command: string): Change[] {
  return changes.map((change, index) => (index === changes.length - 1 ? { ...change, command } : change));
}
