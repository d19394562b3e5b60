import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { unlessEarlier } from './shared/forecast.ts';
import { linesOf, runSections, section } from './shared/probe.ts';
import { quote, quoteAll } from './shared/shell-quote.ts';

interface Current {
  readonly gid: number | undefined;
  /** Whether groupadd is there; busybox has addgroup. */
  readonly shadow: boolean;
  /** The group that has the number that is asked for; asked for in check mode only. */
  readonly holder: string | undefined;
  /** A user whose own group it is; asked for in check mode only. */
  readonly member: string | undefined;
}

export default stateModule({
  name: 'group',
  summary: 'Make, change or remove a group.',
  notes: ['groupadd is used, or addgroup where only busybox is there (then non_unique is not possible).'],
  examples: `
- ansible.builtin.group:
    name: etcd
    gid: 2379
    system: true
`,
  returns: {
    gid: 'Number of the group.',
    name: 'Name of the group.',
    state: 'Its state.',
    system: 'The value of system.',
  },
  args: {
    name: { type: 'str', required: true, doc: 'The group.' },
    state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether it is there.' },
    gid: { type: 'int', doc: 'Its number.' },
    system: { type: 'bool', default: false, doc: 'Take a number of the range for system groups.' },
    non_unique: { type: 'bool', default: false, doc: 'Allow a number that another group has. Needs gid.' },
    local: { type: 'bool', default: false, doc: 'Look only into /etc/group, not into LDAP and the like.' },
  },
  rules: { requiredIf: [['non_unique', true, ['gid']]] },
  async probe(args, host): Promise<Current> {
    const name = quote(args.name);
    const lookUp = args.local ? 'false' : `getent group ${name} 2>/dev/null`;
    const sections = await runSections(
      host,
      section('group', `${lookUp} || awk -F: -v n=${name} '$1 == n' /etc/group`) +
        section('tools', 'command -v groupadd') +
        (host.checkMode ? forecastProbe(args) : ''),
    );
    const entry = linesOf(sections.get('group'))[0]?.split(':');
    return {
      gid: entry ? Number(entry[2]) : undefined,
      shadow: linesOf(sections.get('tools')).length > 0,
      holder: linesOf(sections.get('holder'))[0]?.split(':')[0],
      member: linesOf(sections.get('member'))[0],
    };
  },
  plan(args, current, host) {
    const result = {
      name: args.name,
      state: args.state,
      system: args.system,
      ...(args.state === 'present' ? gidField(args.gid ?? current.gid) : {}),
    };
    const changes = changesFor(args, current);
    return { changes, result, warnings: host.checkMode && changes.length > 0 ? forecast(args, current) : [] };
  },
  finish(args, current, output) {
    const printed = /^gid=(\d+)$/m.exec(output.stdout)?.[1];
    return args.state === 'present'
      ? gidField(printed === undefined ? (args.gid ?? current.gid) : Number(printed))
      : {};
  },
});

/** sh text for check mode: who has the number that is asked for, and whose own group this is. */
function forecastProbe(args: { name: string; gid?: number | undefined; non_unique: boolean }): string {
  const { gid } = args;
  const asked = gid !== undefined && !args.non_unique;
  const holder = `getent group ${gid} 2>/dev/null || awk -F: -v n=${gid} '$3 == n' /etc/group`;
  const member = `awk -F: -v n=${quote(args.name)} 'FILENAME == "/etc/group" { if ($1 == n) g = $3; next } g != "" && $4 == g { print $1 }' /etc/group /etc/passwd`;
  return section('holder', asked ? holder : ':') + section('member', member);
}

/** What check mode warns of: a run would fail, as the host is now. */
function forecast(args: { name: string; state: string; gid?: number | undefined }, current: Current): string[] {
  const { holder, member } = current;
  if (args.state === 'absent') {
    return member === undefined
      ? []
      : [unlessEarlier(`${args.name} is the own group of ${member}`, 'remove that user')];
  }
  if (holder === undefined || holder === args.name) return [];
  return [unlessEarlier(`the group ${holder} has the gid ${args.gid}`, 'give it another one')];
}

function gidField(gid: number | undefined): { gid?: number } {
  return gid === undefined ? {} : { gid };
}

function changesFor(
  args: { name: string; state: string; gid?: number | undefined; system: boolean; non_unique: boolean },
  current: Current,
): Change[] {
  const what = `group ${args.name}`;
  const name = quote(args.name);
  if (args.state === 'absent') {
    if (current.gid === undefined) return [];
    return [{ what, before: `gid ${current.gid}`, command: current.shadow ? `groupdel ${name}` : `delgroup ${name}` }];
  }
  const numbered = args.gid === undefined ? [] : ['-g', String(args.gid), ...(args.non_unique ? ['-o'] : [])];
  if (current.gid === undefined) {
    if (!current.shadow && args.non_unique) throw new ModuleFailure('non_unique needs groupadd, which this host lacks');
    const program = current.shadow
      ? ['groupadd', ...(args.system ? ['-r'] : [])]
      : ['addgroup', ...(args.system ? ['-S'] : [])];
    const command = `${quoteAll([...program, ...numbered])} ${name} && { printf gid=; awk -F: -v n=${name} '$1 == n { print $3 }' /etc/group; }`;
    return [{ what, after: args.gid === undefined ? 'present' : `gid ${args.gid}`, command }];
  }
  if (args.gid === undefined || args.gid === current.gid) return [];
  if (!current.shadow) throw new ModuleFailure('changing a gid needs groupmod, which this host lacks');
  const command = `groupmod ${quoteAll(numbered)} ${name}`;
  return [{ what, before: `gid ${current.gid}`, after: `gid ${args.gid}`, command }];
}
