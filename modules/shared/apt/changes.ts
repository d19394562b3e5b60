import type { Change, Plan } from '../../../runner/module/contract.ts';
import { ModuleFailure } from '../../../runner/module/contract.ts';
import { debChanges } from './deb.ts';
import { installSteps, packagesToRemove, simulatedChanges, withCommand } from './plan.ts';
import { updateScript } from './run.ts';
import type { AptArguments, AptState } from './state.ts';
import { aptCommand, aptFlags, hasWork, preludeOf, simulatedOperation, wantsUpdate } from './state.ts';

/** What apt and package would do. Throws {@link ModuleFailure} for packages that are not to be had. */
export function planApt(args: AptArguments, current: AptState): Plan {
  if (args.deb !== undefined && (args.name ?? []).length > 0) {
    throw new ModuleFailure('parameters are mutually exclusive: deb|name');
  }
  const operation = simulatedOperation(args);
  const changes = operation === undefined ? explicitChanges(args, current) : simulated(args, current, operation);
  const cache = cacheChange(args, current);
  return {
    changes: [...cache, ...cleanChange(args, current), ...changes],
    result: {
      cache_updated: current.listsUpdated || cache.length > 0,
      cache_update_time: current.listsTime,
    },
  };
}

/** Refreshing the lists counts as a change only when nothing else is asked for, as in Ansible. */
function cacheChange(args: AptArguments, current: AptState): Change[] {
  if (!wantsUpdate(args) || hasWork(args)) return [];
  const isFresh = current.listsTime + args.cache_valid_time >= current.now && !current.listsOutdated;
  if (args.cache_valid_time > 0 && isFresh) return [];
  const update = updateScript(args.update_cache_retries, args.update_cache_retry_max_delay);
  return [{ what: 'package lists', before: 'old', after: 'refreshed', command: `${preludeOf(args)}${update}` }];
}

function simulated(args: AptArguments, current: AptState, operation: string): Change[] {
  const failure = /\n@failed (\d+)\s*$/.exec(current.simulation);
  if (failure) {
    const words = current.simulation.split('\n').filter((line) => line.startsWith('E: '));
    throw new ModuleFailure([`apt-get ${operation} would fail`, ...words].join('\n'), { stdout: current.simulation });
  }
  return simulatedChanges(current.simulation, aptCommand(args, operation, []));
}

function cleanChange(args: AptArguments, current: AptState): Change[] {
  if (!args.clean || current.archives === 0) return [];
  return [{ what: 'downloaded archives', before: `${current.archives} files`, command: 'apt-get clean' }];
}

function explicitChanges(args: AptArguments, current: AptState): Change[] {
  if (args.deb !== undefined) {
    const options = { allowDowngrade: args.allow_downgrade, flags: aptFlags(args), prelude: preludeOf(args) };
    return debChanges(args.deb, current.deb, options);
  }
  if (current.everything) throw new ModuleFailure("the name '*' is only possible with state latest");
  const { verb, words, changes } = namedOperation(args, current);
  return withCommand(changes, aptCommand(args, verb, words));
}

/** What apt-get is to do for the packages that are named. */
export interface AptOperation {
  readonly verb: 'install' | 'remove';
  /** Its words for them, none when there is nothing to do. */
  readonly words: readonly string[];
  readonly changes: readonly Change[];
}

/** What the task's names come to. Throws {@link ModuleFailure} for packages that are not to be had. */
export function namedOperation(args: AptArguments, current: AptState): AptOperation {
  return args.state === 'absent' ? removals(args, current) : installations(args, current);
}

function installations(args: AptArguments, current: AptState): AptOperation {
  const options = { latest: args.state === 'latest', onlyUpgrade: args.only_upgrade };
  const steps = current.requests.flatMap((request) => installSteps(request, current.packages, current.policy, options));
  const words = [...new Set(steps.map((step) => step.word))];
  const changes = steps.map((step) => ({ what: `package ${step.name}`, before: step.before, after: step.after }));
  return { verb: 'install', words, changes };
}

function removals(args: AptArguments, current: AptState): AptOperation {
  const packages = current.requests.flatMap((request) => packagesToRemove(request, current.packages, args.purge));
  const words = [...new Set(packages.map((one) => `${one.name}:${one.architecture}`.replace(/:all$/, '')))];
  const changes = packages.map((one) => ({
    what: `package ${one.name}`,
    before: one.status === 'config-files' ? 'configuration' : one.version,
  }));
  return { verb: 'remove', words, changes };
}
