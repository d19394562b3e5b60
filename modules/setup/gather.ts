import { fnmatchExpression } from '../../runner/python/fnmatch.ts';
import type { Mapping } from '../../runner/value.ts';
import { mapping } from '../../runner/value.ts';
import { parseSections, probePrelude, section } from '../shared/probe.ts';
import { capabilities } from './capabilities.ts';
import type { FactCollector, SharedReading } from './collector.ts';
import { factFunctions } from './collector.ts';
import { dateTime } from './date-time.ts';
import { devices } from './devices.ts';
import { distribution } from './distribution.ts';
import { dmi } from './dmi.ts';
import { localFacts } from './local.ts';
import { lsb } from './lsb.ts';
import { lvm } from './lvm.ts';
import { packageManager, serviceManager, systemd } from './managers.ts';
import { memory } from './memory.ts';
import { mounts } from './mounts.ts';
import { network } from './network.ts';
import { platform } from './platform.ts';
import { processors } from './processors.ts';
import { fibreChannel, iscsi, nvme } from './storage-names.ts';
import type { Selection } from './subsets.ts';
import { appArmor, chroot, commandLine, dns, fips, selinux, sshHostKeys } from './system.ts';
import { loadAverage, uptime } from './uptime.ts';
import { environment, user } from './user.ts';
import { virtual } from './virtual.ts';

/** All collectors, those that others look at first. */
export function collectors(factPath: string): readonly FactCollector[] {
  return [
    environment,
    platform,
    distribution,
    lsb,
    serviceManager,
    packageManager,
    selinux,
    appArmor,
    fips,
    commandLine,
    dateTime,
    dns,
    user,
    capabilities,
    chroot,
    sshHostKeys,
    localFacts(factPath),
    processors,
    memory,
    uptime,
    loadAverage,
    dmi,
    mounts,
    devices,
    lvm,
    network,
    nvme,
    iscsi,
    fibreChannel,
    systemd,
    virtual,
  ];
}

/** The collectors of the subsets that are asked for. Where all of hardware is, single kinds of it can be left out. */
export function selectCollectors(selection: Selection, all: readonly FactCollector[]): FactCollector[] {
  return all.filter(
    ({ name, subset }) => selection.subsets.has(subset) && !(name !== subset && selection.leftOut.has(name)),
  );
}

/** The sh text that gathers what the collectors need, in one round trip and one shell: each process costs more than its text. */
export function gatherScript(selected: readonly FactCollector[]): string {
  const sections = (chosen: readonly (FactCollector | SharedReading)[]): string =>
    chosen
      .filter(({ script }) => script !== '')
      .map(({ name, script }) => section(name, `{\n${script}\n} 2>/dev/null`))
      .join('');
  const shared = new Set(selected.flatMap((collector) => collector.shares ?? []));
  const early = selected.filter((collector) => collector.asItIs);
  const late = selected.filter((collector) => !collector.asItIs);
  return `kplay_sections\n${sections(early)}${probePrelude}${factFunctions}\n${sections([...shared, ...late])}\nexit 0`;
}

/** Facts, without the prefix `ansible_`, from what the script printed. `warn` hears of what is wrong on the host. */
export function parseFacts(output: string, selected: readonly FactCollector[], warn: (text: string) => void): Mapping {
  const sections = parseSections(output);
  const facts = mapping();
  for (const collector of selected) {
    const output = sections.get(collector.name) ?? '';
    Object.assign(facts, collector.parse(output, facts, { shared: ({ name }) => sections.get(name) ?? '', warn }));
  }
  return facts;
}

/** The variables whose names match one of the patterns, which may lack the prefix `ansible_`; all when there is none. */
export function filterFacts(variables: Mapping, patterns: readonly string[]): Mapping {
  const given = patterns.filter((pattern) => pattern !== '' && pattern !== '*');
  if (given.length === 0) return variables;
  const tests = given.flatMap((pattern) =>
    /^(ansible_|facter|ohai)/.test(pattern)
      ? fnmatchExpression(pattern)
      : [fnmatchExpression(pattern), fnmatchExpression(`ansible_${pattern}`)],
  );
  return mapping(Object.entries(variables).filter(([name]) => tests.some((test) => test.test(name))));
}
