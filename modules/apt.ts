import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { aptArguments } from './shared/apt/arguments.ts';
import { debChanges } from './shared/apt/deb.ts';
import { installSteps, packagesToRemove, simulatedChanges, withCommand } from './shared/apt/plan.ts';
import { updateScript } from './shared/apt/run.ts';
import type { AptArguments, AptState } from './shared/apt/state.ts';
import {
  aptCommand,
  aptFlags,
  hasWork,
  preludeOf,
  probeApt,
  simulatedOperation,
  wantsUpdate,
} from './shared/apt/state.ts';

export default stateModule({
  name: 'apt',
  summary: 'Install, upgrade and remove Debian packages.',
  notes: [
    'apt-get and dpkg are used, nothing has to be installed on the host; aptitude is never used.',
    'What an interrupted run left behind (unconfigured packages, half-done dependencies) is repaired on the way.',
    'Lists that are older than the files in /etc/apt/sources.list.d count as outdated, whatever cache_valid_time says.',
    'In check mode the lists are not refreshed, so that packages of a repository that is yet to be added are unknown.',
  ],
  examples: `
- ansible.builtin.apt:
    name: [haproxy, keepalived]
    update_cache: true
    cache_valid_time: 3600
- ansible.builtin.apt:
    name: kubelet=1.25.*
    allow_change_held_packages: true
- ansible.builtin.apt:
    deb: /tmp/package.deb
`,
  returns: {
    cache_updated: 'Whether the package lists were refreshed.',
    cache_update_time: 'When that was done last, in seconds since the epoch.',
    stdout: 'What apt-get printed.',
    stderr: 'What apt-get complained of.',
  },
  args: aptArguments,
  probe: probeApt,
  plan(args, current) {
    const operation = simulatedOperation(args);
    const cache = cacheChange(args, current);
    const changes = operation === undefined ? explicitChanges(args, current) : simulated(args, current, operation);
    return {
      changes: [...cache, ...cleanChange(args, current), ...changes],
      result: {
        cache_updated: current.listsUpdated || cache.length > 0,
        cache_update_time: current.listsTime,
      },
    };
  },
});

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
  if (failure) throw new ModuleFailure(`apt-get ${operation} would fail`, { stdout: current.simulation });
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
  return args.state === 'absent' ? removals(args, current) : installations(args, current);
}

function installations(args: AptArguments, current: AptState): Change[] {
  const options = { latest: args.state === 'latest', onlyUpgrade: args.only_upgrade };
  const steps = current.requests.flatMap((request) => installSteps(request, current.packages, current.policy, options));
  const words = [...new Set(steps.map((step) => step.word))];
  const changes = steps.map((step) => ({ what: `package ${step.name}`, before: step.before, after: step.after }));
  return withCommand(changes, aptCommand(args, 'install', words));
}

function removals(args: AptArguments, current: AptState): Change[] {
  const packages = current.requests.flatMap((request) => packagesToRemove(request, current.packages, args.purge));
  const words = [...new Set(packages.map((one) => `${one.name}:${one.architecture}`.replace(/:all$/, '')))];
  const changes = packages.map((one) => ({
    what: `package ${one.name}`,
    before: one.status === 'config-files' ? 'configuration' : one.version,
  }));
  return withCommand(changes, aptCommand(args, 'remove', words));
}
