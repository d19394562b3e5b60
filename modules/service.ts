import type { Arguments } from '../runner/module/arguments.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import type { ServiceRequest } from './service/init-scripts.ts';
import { parseService, servicePlan, serviceProbe } from './service/init-scripts.ts';
import { runSections } from './shared/probe.ts';
import type { UnitRequest } from './shared/systemd.ts';
import { parseUnit, statusField, unitChanges, unitProbe } from './shared/systemd.ts';

const args = {
  name: { type: 'str', required: true, doc: 'The service.' },
  state: {
    type: 'str',
    choices: ['reloaded', 'restarted', 'started', 'stopped'],
    doc: 'started and stopped change nothing when it is so; restarted and reloaded always do.',
  },
  enabled: { type: 'bool', doc: 'Whether it starts at boot.' },
  sleep: { type: 'int', doc: 'Seconds between stopping and starting for restarted. Not with systemd.' },
  pattern: {
    type: 'str',
    doc: "Text in a running service's process line, for init scripts without status. Not with systemd.",
  },
  runlevel: { type: 'str', default: 'default', doc: 'Runlevel of OpenRC.' },
  arguments: { type: 'str', aliases: ['args'], doc: 'Further arguments for the init script. Not with systemd.' },
  use: { type: 'str', default: 'auto', doc: 'systemd, sysvinit or openrc; found out when auto.' },
} as const;

export default stateModule({
  name: 'service',
  summary: 'Start, stop and enable a service, whatever the init system.',
  notes: [
    'systemd, OpenRC and System V init are known. As in Ansible, sleep, pattern and arguments have no effect with systemd, and a warning says so.',
  ],
  examples: `
- ansible.builtin.service:
    name: haproxy
    state: started
    enabled: true
`,
  returns: { name: 'The service.', state: 'started or stopped.', enabled: 'The value of enabled.' },
  args,
  rules: { requiredOneOf: [['state', 'enabled']] },
  async probe(given, host): Promise<ReadonlyMap<string, string>> {
    return runSections(host, probeScript(given, host.checkMode));
  },
  plan(given, sections, host) {
    const result = {
      name: given.name,
      ...(given.enabled === undefined ? {} : { enabled: given.enabled }),
      ...(given.state === undefined ? {} : { state: given.state === 'stopped' ? 'stopped' : 'started' }),
    };
    if (!sections.has('enabled')) {
      const service = parseService(sections);
      return { ...servicePlan(serviceRequest(given), service, host.checkMode), result };
    }
    const unit = parseUnit(sections);
    const { changes, warnings } = unitChanges(unitRequest(given), unit, host.checkMode);
    return { changes, warnings: [...warnings, ...ignored(given)], result: { ...result, status: statusField(unit) } };
  },
});

function probeScript(given: Arguments<typeof args>, checkMode: boolean): string {
  const systemd = unitProbe(unitRequest(given), checkMode);
  const scripts = serviceProbe(serviceRequest(given));
  if (given.use === 'systemd') return systemd;
  if (['sysvinit', 'openrc', 'service', 'sysv'].includes(given.use)) return scripts;
  if (given.use !== 'auto') throw new ModuleFailure(`use: ${given.use} is not supported (systemd, sysvinit or openrc)`);
  // A chroot or container with systemd's files but no systemd running can still enable units.
  return `if [ -d /run/systemd/system ] || { command -v systemctl && ! command -v rc-service; } >/dev/null 2>&1; then
${systemd}else
${scripts}fi`;
}

function unitRequest(given: Arguments<typeof args>): UnitRequest {
  return { name: given.name, state: given.state, enabled: given.enabled };
}

function serviceRequest(given: Arguments<typeof args>): ServiceRequest {
  return {
    name: given.name,
    state: given.state,
    enabled: given.enabled,
    pattern: given.pattern,
    sleep: given.sleep,
    arguments: given.arguments,
    runlevel: given.runlevel,
  };
}

function ignored(given: Arguments<typeof args>): string[] {
  return (['sleep', 'pattern', 'arguments'] as const)
    .filter((name) => given[name] !== undefined)
    .map((name) => `Ignoring "${name}" as it is not used with systemd`);
}
