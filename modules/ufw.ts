import type { Arguments } from '../runner/module/arguments.ts';
import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { runSections, section } from './shared/probe.ts';
import { quote, quoteAll } from './shared/shell-quote.ts';
import { ufwArguments } from './ufw/arguments.ts';

type Given = Arguments<typeof ufwArguments>;

interface Current {
  readonly active: boolean;
  readonly status: string;
  /** What `ufw --dry-run` would leave as rules, undefined without a rule. */
  readonly dryRun: string | undefined;
  readonly rules: string;
  /** DEFAULT_…_POLICY lines of ufw's settings. */
  readonly policies: string;
  /** The level of logging that ufw keeps; its status tells it only while it is active. */
  readonly logging: string;
}

export default stateModule({
  name: 'ufw',
  collections: ['community.general'],
  summary: "Manage ufw's rules, policies and state.",
  notes: [
    'Whether a rule is there already is asked of ufw itself (--dry-run).',
    'insert_relative_to is supported as zero only.',
  ],
  examples: `
- community.general.ufw:
    rule: allow
    to_port: "6443"
    proto: tcp
- community.general.ufw:
    state: enabled
    default: deny
    direction: incoming
`,
  returns: {},
  args: ufwArguments,
  rules: {
    requiredOneOf: [['state', 'default', 'rule', 'logging']],
    mutuallyExclusive: [
      ['name', 'proto', 'logging'],
      ['interface', 'interface_in'],
      ['interface', 'interface_out'],
    ],
    requiredBy: { interface: ['direction'] },
  },
  async probe(given, host): Promise<Current> {
    if (given.insert_relative_to !== 'zero') throw new ModuleFailure('insert_relative_to is supported as zero only');
    const sections = await runSections(
      host,
      `command -v ufw >/dev/null 2>&1 || { echo 'this host has no ufw' >&2; exit 127; }\n${section('status', 'ufw status verbose 2>&1')}${
        given.rule === undefined ? '' : section('dry', `ufw --dry-run ${ruleWords(given)} 2>&1`)
      }${section('rules', "grep -h '^### tuple' /etc/ufw/user.rules /etc/ufw/user6.rules /lib/ufw/user.rules /lib/ufw/user6.rules 2>/dev/null")}${section('logging', "grep -h '^LOGLEVEL=' /etc/ufw/ufw.conf 2>/dev/null")}${section('policies', "grep '^DEFAULT_' /etc/default/ufw 2>/dev/null")}`,
    );
    const status = sections.get('status') ?? '';
    // What could not be asked is not inactive.
    if (!/^Status: (in)?active/m.test(status)) throw new ModuleFailure(`ufw does not tell its state: ${status.trim()}`);
    return {
      active: /^Status: active/m.test(status),
      status,
      dryRun: sections.get('dry'),
      rules: sections.get('rules') ?? '',
      policies: sections.get('policies') ?? '',
      logging: /^LOGLEVEL=["']?(\w+)/m.exec(sections.get('logging') ?? '')?.[1] ?? '',
    };
  },
  plan(given, current) {
    return {
      changes: [
        ...defaultChange(given, current),
        ...loggingChange(given, current),
        ...ruleChange(given, current),
        ...stateChange(given, current),
      ],
      result: { commands: [], msg: current.status },
    };
  },
});

function stateChange(given: Given, current: Current): Change[] {
  const before = current.active ? 'enabled' : 'disabled';
  if (given.state === undefined || given.state === before) return [];
  if (given.state === 'reloaded' && !current.active) return [];
  const verb = { enabled: 'enable', disabled: 'disable', reloaded: 'reload', reset: 'reset' }[given.state];
  return [{ what: 'ufw', before, after: given.state, command: `ufw --force ${verb}` }];
}

function directionOf(given: Given): string {
  const names: Readonly<Record<string, string>> = { in: 'incoming', out: 'outgoing' };
  return names[given.direction ?? 'incoming'] ?? given.direction ?? 'incoming';
}

function defaultChange(given: Given, current: Current): Change[] {
  if (given.default === undefined) return [];
  const direction = directionOf(given);
  const variable = { incoming: 'INPUT', outgoing: 'OUTPUT', routed: 'FORWARD' }[direction] ?? 'INPUT';
  const stored = new RegExp(`^DEFAULT_${variable}_POLICY="?(\\w+)`, 'm').exec(current.policies)?.[1] ?? '';
  const before = { ACCEPT: 'allow', DROP: 'deny', REJECT: 'reject' }[stored];
  if (before === given.default) return [];
  const command = `ufw --force default ${given.default} ${direction}`;
  return [{ what: `default (${direction})`, before, after: given.default, command }];
}

function loggingChange(given: Given, current: Current): Change[] {
  if (given.logging === undefined) return [];
  const before = current.logging;
  const isOn = before !== '' && before !== 'off';
  if (given.logging === before || (given.logging === 'on' && isOn)) return [];
  return [{ what: 'logging', before, after: given.logging, command: `ufw --force logging ${given.logging}` }];
}

function ruleChange(given: Given, current: Current): Change[] {
  if (given.rule === undefined) return [];
  const said = current.dryRun ?? '';
  if (/^ERROR/m.test(said)) throw new ModuleFailure(said.trim());
  if (/Skipping adding existing rule|Skipping inserting existing rule|Could not delete non-existent rule/.test(said)) {
    return [];
  }
  const tuples = said.split('\n').filter((line) => line.startsWith('### tuple'));
  if (tuples.length > 0 && sameRules(tuples, current.rules)) return [];
  const words = ruleWords(given);
  return [{ what: 'rule', ...(given.delete ? { before: words } : { after: words }), command: `ufw --force ${words}` }];
}

function sameRules(tuples: readonly string[], rules: string): boolean {
  const present = new Set(rules.split('\n').filter((line) => line.startsWith('### tuple')));
  const wanted = new Set(tuples);
  return present.size === wanted.size && [...wanted].every((tuple) => present.has(tuple));
}

/** The rule in ufw's own words. */
function ruleWords(given: Given): string {
  const words: string[] = [];
  if (given.route) words.push('route');
  if (given.delete) words.push('delete');
  if (given.insert !== undefined && !given.delete) words.push('insert', String(given.insert));
  words.push(given.rule!);
  if (given.direction !== undefined && given.direction !== 'routed')
    words.push(given.direction.replace(/(com|go)ing$/, ''));
  if (given.interface !== undefined) words.push('on', given.interface);
  if (given.interface_in !== undefined) words.push('in', 'on', given.interface_in);
  if (given.interface_out !== undefined) words.push('out', 'on', given.interface_out);
  if (given.log) words.push('log');
  words.push('from', given.from_ip);
  if (given.from_port !== undefined) words.push('port', given.from_port);
  words.push('to', given.to_ip);
  if (given.to_port !== undefined) words.push('port', given.to_port);
  if (given.proto !== undefined) words.push('proto', given.proto);
  if (given.name !== undefined) words.push('app', given.name);
  const comment = given.comment === undefined || given.delete ? '' : ` comment ${quote(given.comment)}`;
  return quoteAll(words) + comment;
}
