import type { Arguments } from '../runner/module/arguments.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { parseSections, probePrelude } from './shared/probe.ts';
import type { UnitRequest, UnitState } from './shared/systemd.ts';
import { parseUnit, statusField, unitChanges, unitProbe } from './shared/systemd.ts';

const args = {
  name: { type: 'str', aliases: ['service', 'unit'], doc: 'The unit; `.service` may be left off.' },
  state: {
    type: 'str',
    choices: ['reloaded', 'restarted', 'started', 'stopped'],
    doc: 'started and stopped change nothing when it is so; restarted and reloaded always do.',
  },
  enabled: { type: 'bool', doc: 'Whether it starts at boot.' },
  masked: { type: 'bool', doc: 'Whether it is impossible to start.' },
  daemon_reload: {
    type: 'bool',
    default: false,
    aliases: ['daemon-reload'],
    doc: 'Read unit files again first. Not counted as a change.',
  },
  daemon_reexec: { type: 'bool', default: false, aliases: ['daemon-reexec'], doc: 'Start systemd itself anew first.' },
  force: { type: 'bool', doc: 'Replace links of other units when enabling.' },
  no_block: { type: 'bool', default: false, doc: 'Do not wait until the unit is started or stopped.' },
  scope: {
    type: 'str',
    default: 'system',
    choices: ['system', 'user', 'global'],
    doc: "The system's units, those of the user, or those of all users.",
  },
} as const;

export default stateModule({
  name: 'systemd',
  aliases: ['systemd_service'],
  summary: 'Start, stop, enable and mask units of systemd.',
  notes: [
    'A static unit, which has nothing to enable, satisfies both enabled: true and enabled: false.',
    'A name that is only another name of a unit is enabled and disabled as that unit; Ansible takes it for disabled, and fails to enable it.',
    'In check mode an unknown unit is a warning, since an earlier task may install it.',
    'When starting fails the last lines of its log are part of the error.',
  ],
  examples: `
- ansible.builtin.systemd:
    name: kubelet
    daemon_reload: true
    enabled: true
    state: started
`,
  returns: {
    status: 'All properties of `systemctl show`, as they were before.',
    enabled: 'The value of enabled.',
    state: 'started or stopped.',
    name: 'The unit.',
  },
  args,
  rules: {
    requiredBy: { state: ['name'], enabled: ['name'], masked: ['name'] },
    requiredOneOf: [['state', 'enabled', 'masked', 'daemon_reload', 'daemon_reexec']],
  },
  async probe(given, host): Promise<UnitState> {
    const result = await host.run(`${probePrelude}${unitProbe(requestOf(given), host.checkMode)}exit 0`);
    if (result.rc !== 0) {
      throw new ModuleFailure(`failure during daemon-reload: ${result.stderr.trim()}`, { rc: result.rc });
    }
    return parseUnit(parseSections(result.stdout));
  },
  plan(given, unit, host) {
    const { changes, warnings } = unitChanges(requestOf(given), unit, host.checkMode);
    const result = {
      ...(given.name === undefined ? {} : { name: given.name, status: statusField(unit) }),
      ...(given.enabled === undefined ? {} : { enabled: given.enabled }),
      ...(given.state === undefined ? {} : { state: stateAfter(given.state) }),
    };
    return { changes, warnings, result };
  },
});

function stateAfter(state: string): string {
  return state === 'stopped' ? 'stopped' : 'started';
}

function requestOf(given: Arguments<typeof args>): UnitRequest {
  return {
    name: given.name,
    state: given.state,
    enabled: given.enabled,
    masked: given.masked,
    daemonReload: given.daemon_reload,
    daemonReexec: given.daemon_reexec,
    noBlock: given.no_block,
    force: given.force,
    scope: given.scope,
  };
}
