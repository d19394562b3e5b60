import type { Change } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import type { Mapping } from '../../runner/value.ts';
import { mapping } from '../../runner/value.ts';
import { unlessEarlier } from './forecast.ts';
import { keyValues, section } from './probe.ts';
import { quote } from './shell-quote.ts';

/** What a task asks of systemd. */
export interface UnitRequest {
  readonly name: string | undefined;
  readonly state?: 'started' | 'stopped' | 'restarted' | 'reloaded' | undefined;
  readonly enabled?: boolean | undefined;
  readonly masked?: boolean | undefined;
  readonly daemonReload?: boolean | undefined;
  readonly daemonReexec?: boolean | undefined;
  readonly noBlock?: boolean | undefined;
  readonly force?: boolean | undefined;
  readonly scope?: 'system' | 'user' | 'global' | undefined;
}

/** A unit as systemd sees it. */
export interface UnitState {
  /** All properties of `systemctl show`. */
  readonly properties: ReadonlyMap<string, string>;
  /** What `systemctl is-enabled` says: enabled, disabled, static, masked, or nothing. */
  readonly enablement: string;
  /** The unit that the name is only another name of: it is that one's that `enablement` tells. */
  readonly original: string | undefined;
  /** What systemctl complained of. */
  readonly complaint: string;
}

function systemctl(request: UnitRequest): string {
  return request.scope === undefined || request.scope === 'system' ? 'systemctl' : `systemctl --${request.scope}`;
}

const userRuntime = 'export XDG_RUNTIME_DIR="${XDG_RUNTIME_DIR:-/run/user/$(id -u)}"\n';

function prelude(request: UnitRequest): string {
  return request.scope === 'user' ? userRuntime : '';
}

/**
 * sh text that reads a unit's state. Reloading systemd's configuration is part of it unless `readOnly`: it changes no
 * unit, counts as no change in Ansible either, and without it a new unit is not known.
 */
export function unitProbe(request: UnitRequest, readOnly: boolean): string {
  const control = systemctl(request);
  const parts = [prelude(request)];
  if (request.daemonReexec && !readOnly) parts.push(`${control} daemon-reexec || exit 1\n`);
  if (request.daemonReload && !readOnly) parts.push(`${control} daemon-reload || exit 1\n`);
  if (request.name !== undefined) {
    const name = quote(request.name);
    // systemctl enables nothing by another name that a unit has.
    const enabled = `e=$(exec ${control} is-enabled -- ${name} 2>&1)
i=; [ "$e" != alias ] || i=$(printf '%s\\n' "$u" | sed -n 's/^Id=//p')
[ -z "$i" ] || { printf 'alias %s\\n' "$i"; e=$(exec ${control} is-enabled -- "$i" 2>&1); }
printf '%s\\n' "$e"`;
    const asked = request.enabled !== undefined || request.masked !== undefined;
    // Of a unit that is loaded nobody wants to know who did not ask: a systemctl costs as much as all the rest.
    const unlessLoaded = `case $u in *LoadState=loaded*|*LoadState=masked*) ;; *) ${enabled};; esac`;
    parts.push(section('unit', `u=$(exec ${control} show -- ${name} 2>&1); printf '%s\\n' "$u"`));
    parts.push(section('enabled', asked ? enabled : unlessLoaded));
  }
  return parts.join('');
}

/** Parses what {@link unitProbe} printed. */
export function parseUnit(sections: ReadonlyMap<string, string>): UnitState {
  const shown = sections.get('unit') ?? '';
  const properties = keyValues(shown, '=');
  const lines = (sections.get('enabled') ?? '').trim().split('\n');
  const enablement = lines.at(-1) ?? '';
  return {
    properties,
    enablement: /^[a-z-]+$/.test(enablement) ? enablement : '',
    original: /^alias (\S+)$/.exec(lines[0] ?? '')?.[1],
    complaint: properties.has('LoadState') ? '' : shown.trim(),
  };
}

/** Whether systemd, or an init script that it reads, knows the unit. */
function isKnown(unit: UnitState): boolean {
  const load = unit.properties.get('LoadState');
  if (load === 'masked' || load === 'loaded') return true;
  // In a chroot nothing can be shown, but unit files can be enabled.
  return unit.enablement !== '' && unit.enablement !== 'not-found';
}

function isMasked(unit: UnitState): boolean {
  return unit.properties.get('LoadState') === 'masked' || unit.enablement.startsWith('masked');
}

/** Whether the unit is enabled for good; undefined for units that cannot be (static ones). */
function isEnabled(unit: UnitState): boolean | undefined {
  if (['static', 'generated', 'transient'].includes(unit.enablement)) return undefined;
  return unit.enablement === 'enabled';
}

/** Whether the unit runs or is about to. */
export function isRunning(unit: UnitState): boolean {
  return ['active', 'activating', 'reloading', 'refreshing'].includes(unit.properties.get('ActiveState') ?? '');
}

/** What brings a unit into the state that is asked for. Throws {@link ModuleFailure} for an unknown unit. */
export function unitChanges(
  request: UnitRequest,
  unit: UnitState,
  checkMode: boolean,
): { changes: Change[]; warnings: string[] } {
  if (request.name === undefined) return { changes: [], warnings: [] };
  const warnings: string[] = [];
  // What is not installed can be masked all the same, and often is, so that it does not start when it is installed.
  const needsUnit = request.state !== undefined || request.enabled !== undefined;
  if (needsUnit && !isKnown(unit)) {
    if (!checkMode) throw new ModuleFailure(missingUnit(request.name, unit));
    warnings.push(unlessEarlier(missingUnit(request.name, unit), 'install it'));
  }
  const starts = request.state !== undefined && request.state !== 'stopped' && !isRunning(unit);
  if (checkMode && starts && isMasked(unit) && request.masked !== false) {
    warnings.push(unlessEarlier(`${request.name} is masked, so that it cannot be started`, 'unmask it'));
  }
  return { changes: [...fileChanges(request, unit), ...stateChanges(request, unit)], warnings };
}

function missingUnit(name: string, unit: UnitState): string {
  const reason = unit.properties.get('LoadError') || unit.complaint;
  return `Could not find the requested service ${name}: ${reason || 'host'}`;
}

function fileChanges(request: UnitRequest, unit: UnitState): Change[] {
  const changes: Change[] = [];
  const force = request.force ? ' --force' : '';
  const run = (verb: string, name = request.name!): string =>
    `${prelude(request)}${systemctl(request)} ${verb}${force} -- ${quote(name)}`;
  const masked = isMasked(unit);
  if (request.masked !== undefined && request.masked !== masked) {
    const [before, after] = request.masked ? ['unmasked', 'masked'] : ['masked', 'unmasked'];
    changes.push({ what: 'masked', before, after, command: run(request.masked ? 'mask' : 'unmask') });
  }
  const enabled = isEnabled(unit);
  if (request.enabled === undefined || request.enabled === enabled) return changes;
  // A static unit has nothing to enable or disable; a masked one is disabled.
  if (enabled === undefined && isKnown(unit)) return changes;
  if (!request.enabled && masked) return changes;
  if (request.enabled && masked && request.masked === undefined) {
    throw new ModuleFailure(`Unable to enable service ${request.name}: it is masked (masked: false unmasks it)`);
  }
  const [before, after] = request.enabled ? ['disabled', 'enabled'] : ['enabled', 'disabled'];
  changes.push({ what: 'enabled', before, after, command: run(request.enabled ? 'enable' : 'disable', unit.original) });
  return changes;
}

function stateChanges(request: UnitRequest, unit: UnitState): Change[] {
  const { state } = request;
  if (state === undefined) return [];
  if (request.scope === 'global') throw new ModuleFailure('state is not possible with scope global');
  const active = unit.properties.get('ActiveState') ?? 'unknown';
  const running = isRunning(unit);
  const block = request.noBlock ? ' --no-block' : '';
  const change = (verb: string, after: string): Change[] => [
    {
      what: 'state',
      before: active,
      after,
      command: explained(request, `${systemctl(request)}${block} ${verb} -- ${quote(request.name!)}`),
    },
  ];
  if (state === 'started') return running ? [] : change('start', 'active');
  if (state === 'stopped') return running || active === 'deactivating' ? change('stop', 'inactive') : [];
  const verb = running ? state.replace(/ed$/, '') : 'start';
  return change(verb, state);
}

/**
 * sh text that runs systemctl. When that fails, its own words come first, without the hint where to look; so the end of the log
 * follows, and standard output has all that status shows.
 */
function explained(request: UnitRequest, command: string): string {
  const status = `${systemctl(request)} --no-pager -n 10 status -- ${quote(request.name!)}`;
  return `${prelude(request)}x=$(${command} 2>&1) || { r=$?; y=$(${status} 2>&1); printf '%s\\n' "$y"
printf '%s\\n' "$x" | grep -v '^See ' >&2; printf '%s\\n' "$y" | tail -n 3 >&2; exit $r; }
[ -z "$x" ] || printf '%s\\n' "$x" >&2`;
}

/** The unit's properties as the result field `status`. */
export function statusField(unit: UnitState): Mapping {
  return mapping(unit.properties);
}
