import { ModuleFailure } from '../../../runner/module/contract.ts';
import type { Mapping } from '../../../runner/value.ts';
import { mapping } from '../../../runner/value.ts';
import { parseSections, section } from '../probe.ts';
import type { FactCollector } from './collector.ts';
import { factFunctions } from './collector.ts';
import { dateTime } from './date-time.ts';
import { devices } from './devices.ts';
import { distribution } from './distribution.ts';
import { dmi, memory, mounts, processors, uptime } from './hardware.ts';
import { localFacts } from './local.ts';
import { lsb } from './lsb.ts';
import { network } from './network.ts';
import { platform } from './platform.ts';
import { chroot, commandLine, dns, packageManager, security, serviceManager, sshHostKeys } from './system.ts';
import { environment, user } from './user.ts';
import { virtual } from './virtual.ts';

/** All collectors, those that others look at first. */
export function collectors(factPath: string): readonly FactCollector[] {
  return [
    platform,
    distribution,
    lsb,
    serviceManager,
    packageManager,
    security,
    commandLine,
    dateTime,
    dns,
    environment,
    user,
    chroot,
    sshHostKeys,
    localFacts(factPath),
    processors,
    memory,
    uptime,
    dmi,
    mounts,
    devices,
    network,
    virtual,
  ];
}

const groups = ['min', 'hardware', 'network', 'virtual'] as const;

/** Subsets of Ansible's that gather nothing here: programs that are not used, or that need Python. */
const emptySubsets = ['facter', 'ohai', 'python', 'caps', 'fibre_channel_wwn', 'iscsi', 'nvme', 'lvm', 'device_links'];

/** The collectors that `gather_subset` asks for, by Ansible's rules. Throws {@link ModuleFailure} for an unknown subset. */
export function selectCollectors(subsets: readonly string[], all: readonly FactCollector[]): FactCollector[] {
  const names = subsets.flatMap((text) => text.split(',')).map((text) => text.trim());
  const asked = names.filter((name) => !name.startsWith('!'));
  const denied = names.filter((name) => name.startsWith('!')).map((name) => name.slice(1));
  for (const name of [...asked, ...denied]) checkSubset(name, all);
  return all.filter((collector) => {
    // What is named itself stands against a larger subset that is excluded.
    if (asked.some((name) => isNamed(name, collector))) return !denied.some((name) => isNamed(name, collector));
    const isDenied = denied.some((name) => name !== 'all' && isMember(name, collector));
    if (collector.subset === 'min') return !isDenied;
    if (asked.includes(collector.subset)) return !isDenied;
    return (asked.length === 0 || asked.includes('all')) && !isDenied && !denied.includes('all');
  });
}

function isNamed(name: string, collector: FactCollector): boolean {
  return name === collector.name || (collector.ids ?? []).includes(name);
}

function isMember(name: string, collector: FactCollector): boolean {
  return name === collector.subset || isNamed(name, collector);
}

function checkSubset(name: string, all: readonly FactCollector[]): void {
  if (name === 'all' || emptySubsets.includes(name) || all.some((collector) => isMember(name, collector))) return;
  const known = [...new Set(['all', ...groups, ...all.map((collector) => collector.name), ...emptySubsets])].sort();
  throw new ModuleFailure(`Bad subset '${name}' given to setup. gather_subset options allowed: ${known.join(', ')}`);
}

/** The sh text that gathers what the collectors need, in one round trip and one shell: each process costs more than its text. */
export function gatherScript(selected: readonly FactCollector[]): string {
  const parts = selected.map((collector) => section(collector.name, `{\n${collector.script}\n} 2>/dev/null`));
  return `${factFunctions}\n${parts.join('')}\nexit 0`;
}

/** Facts, without the prefix `ansible_`, from what the script printed. */
export function parseFacts(output: string, selected: readonly FactCollector[]): Mapping {
  const sections = parseSections(output);
  const facts = mapping();
  for (const collector of selected) Object.assign(facts, collector.parse(sections.get(collector.name) ?? '', facts));
  return facts;
}

/** The facts whose names, with or without `ansible_`, match one of the patterns; all when there is none. */
export function filterFacts(facts: Mapping, patterns: readonly string[]): Mapping {
  const given = patterns.filter((pattern) => pattern !== '' && pattern !== '*');
  if (given.length === 0) return facts;
  const tests = given.map(globTest);
  return mapping(
    Object.entries(facts).filter(([name]) => tests.some((test) => test.test(name) || test.test(`ansible_${name}`))),
  );
}

function globTest(pattern: string): RegExp {
  const body = pattern
    .replace(/[.+^${}()|\\]/g, '\\$&')
    .replace(/\*/g, '.*')
    .replace(/\?/g, '.')
    .replace(/\[!/g, '[^');
  return new RegExp(`^${body}$`);
}
