import type { Change, Plan } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { unlessEarlier } from '../shared/forecast.ts';
import { keyValues, section } from '../shared/probe.ts';
import { quote } from '../shared/shell-quote.ts';

/** What a task asks of a service on a host without systemd. */
export interface ServiceRequest {
  readonly name: string;
  readonly state: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  readonly enabled: boolean | undefined;
  /** Text that a running service's process line holds. */
  readonly pattern: string | undefined;
  /** Seconds between stopping and starting for restarted. */
  readonly sleep: number | undefined;
  readonly arguments: string | undefined;
  readonly runlevel: string;
}

/** A service of OpenRC or System V init. */
export interface ServiceState {
  readonly manager: 'openrc' | 'sysvinit';
  readonly known: boolean;
  readonly running: boolean;
  readonly enabled: boolean;
}

/** sh text that reads a service's state where systemd does not run. */
export function serviceProbe(request: ServiceRequest): string {
  const name = quote(request.name);
  const pattern = request.pattern;
  const running =
    pattern === undefined
      ? '$control status >/dev/null 2>&1 && echo running=1'
      : `ps -ef 2>/dev/null | grep -F -- ${quote(pattern)} | grep -v grep >/dev/null && echo running=1`;
  return section(
    'service',
    `n=${name}
if command -v rc-service >/dev/null 2>&1; then
  echo manager=openrc; control="rc-service $n"
  rc-service -e "$n" && echo known=1
  rc-update show ${quote(request.runlevel)} 2>/dev/null | grep -qE "^ *$n " && echo enabled=1
else
  echo manager=sysvinit; control="service $n"
  [ -x "/etc/init.d/$n" ] && echo known=1
  x=; for f in /etc/rc[2345].d/S??"$n" /etc/rc.d/rc[2345].d/S??"$n"; do [ ! -e "$f" ] || x=1; done
  [ -z "$x" ] || echo enabled=1
fi
${running}`,
  );
}

/** Parses what {@link serviceProbe} printed. */
export function parseService(sections: ReadonlyMap<string, string>): ServiceState {
  const values = keyValues(sections.get('service'), '=');
  return {
    manager: values.get('manager') === 'openrc' ? 'openrc' : 'sysvinit',
    known: values.has('known'),
    running: values.has('running'),
    enabled: values.has('enabled'),
  };
}

/** What brings a service into the state that is asked for. Throws {@link ModuleFailure} when there is no such service; check mode warns of it. */
export function servicePlan(request: ServiceRequest, service: ServiceState, checkMode: boolean): Plan {
  const missing = `Could not find the requested service ${request.name}: host`;
  if (!service.known && !checkMode) throw new ModuleFailure(missing);
  return {
    changes: serviceChanges(request, service),
    warnings: service.known ? [] : [unlessEarlier(missing, 'install it')],
  };
}

function serviceChanges(request: ServiceRequest, service: ServiceState): Change[] {
  const changes: Change[] = [];
  if (request.enabled !== undefined && request.enabled !== service.enabled) {
    changes.push({
      what: 'enabled',
      before: service.enabled ? 'enabled' : 'disabled',
      after: request.enabled ? 'enabled' : 'disabled',
      command: enableCommand(request, service),
    });
  }
  const command = stateCommand(request, service);
  if (command === undefined) return changes;
  const before = service.running ? 'started' : 'stopped';
  return [...changes, { what: 'state', before, after: request.state, command }];
}

function enableCommand(request: ServiceRequest, service: ServiceState): string {
  const name = quote(request.name);
  if (service.manager === 'openrc') {
    return `rc-update ${request.enabled ? 'add' : 'del'} ${name} ${quote(request.runlevel)}`;
  }
  const [debian, redhat] = request.enabled ? ['enable', 'on'] : ['disable', 'off'];
  return `if command -v update-rc.d >/dev/null 2>&1; then update-rc.d ${name} defaults && update-rc.d ${name} ${debian}; else chkconfig ${name} ${redhat}; fi`;
}

function stateCommand(request: ServiceRequest, service: ServiceState): string | undefined {
  const { state } = request;
  if (state === undefined) return undefined;
  const extra = request.arguments === undefined ? '' : ` ${request.arguments}`;
  const program = service.manager === 'openrc' ? 'rc-service' : 'service';
  const run = (verb: string): string => `${program} ${quote(request.name)} ${verb}${extra}`;
  if (state === 'started') return service.running ? undefined : run('start');
  if (state === 'stopped') return service.running ? run('stop') : undefined;
  if (!service.running) return run('start');
  if (state === 'restarted' && request.sleep !== undefined)
    return `${run('stop')}\nsleep ${request.sleep}\n${run('start')}`;
  return run(state.replace(/ed$/, ''));
}
