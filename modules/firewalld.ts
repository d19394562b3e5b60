import type { Arguments } from '../runner/module/arguments.ts';
import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { booleanWord } from '../runner/python/truth-words.ts';
import { firewalldArguments } from './firewalld/arguments.ts';
import { unlessEarlier } from './shared/forecast.ts';
import { keyValues, runSections, section } from './shared/probe.ts';
import { quote } from './shared/shell-quote.ts';

type Given = Arguments<typeof firewalldArguments>;

/** Where a rule is looked for and set. */
type Place = 'permanent' | 'runtime';

interface Current {
  readonly running: boolean;
  readonly complaint: string;
  /** Whether the thing is there, by place; of target: whether it is the one. */
  readonly found: Readonly<Record<Place, boolean>>;
  /** Why firewalld could not answer, when it could not. */
  readonly refusal: string | undefined;
}

export default stateModule({
  name: 'firewalld',
  collections: ['ansible.posix'],
  summary: "Open and close ports, services and more in firewalld's zones.",
  notes: [
    'firewall-cmd is used, or firewall-offline-cmd with offline when firewalld does not run.',
    'One of service, port, rich_rule and the like in a task, as in Ansible.',
  ],
  examples: `
- ansible.posix.firewalld:
    port: 6443/tcp
    state: enabled
    permanent: true
    immediate: true
`,
  returns: {},
  args: firewalldArguments,
  rules: {
    mutuallyExclusive: [
      [
        'service',
        'protocol',
        'port',
        'port_forward',
        'rich_rule',
        'source',
        'interface',
        'icmp_block',
        'icmp_block_inversion',
        'masquerade',
        'target',
      ],
    ],
  },
  async probe(given, host): Promise<Current> {
    const places = placesOf(given);
    const sections = await runSections(
      host,
      section('state', 'firewall-cmd --state 2>&1') +
        places
          .map((place) =>
            section(place, `${program(given, place)} ${flags(given, place)} ${question(given)} 2>&1; echo "@rc=$?"`),
          )
          .join(''),
    );
    const state = (sections.get('state') ?? '').trim();
    const answer = (place: Place): boolean => isThere(given, sections.get(place) ?? '');
    const running = state === 'running';
    const refusals = places
      .filter((place) => place === 'permanent' || running)
      .map((place) => refusalOf(sections.get(place) ?? ''));
    return {
      running,
      complaint: state,
      found: { permanent: answer('permanent'), runtime: answer('runtime') },
      refusal: refusals.find((words) => words !== undefined),
    };
  },
  plan(given, current, host) {
    if (!current.running && !given.offline) {
      const message = `firewalld does not run on this host (${current.complaint || 'not running'}); offline: true works on its files`;
      if (!host.checkMode) throw new ModuleFailure(message);
      return { changes: [], warnings: [message] };
    }
    if (current.refusal !== undefined) {
      if (!host.checkMode) throw new ModuleFailure(current.refusal);
      return { changes: [], warnings: [unlessEarlier(current.refusal, 'make it')] };
    }
    const places = placesOf(given).filter((place) => place === 'permanent' || current.running);
    return { changes: places.flatMap((place) => changesAt(given, current, place)) };
  },
});

function placesOf(given: Given): Place[] {
  const permanent = given.permanent ?? false;
  if (isZoneOnly(given) || given.target !== undefined) {
    if (!permanent) throw new ModuleFailure('zones and targets can only be changed with permanent: true');
    return ['permanent'];
  }
  return [
    ...(permanent ? (['permanent'] as const) : []),
    ...(given.immediate || !permanent ? (['runtime'] as const) : []),
  ];
}

/** present and absent without anything else mean the zone itself. */
function isZoneOnly(given: Given): boolean {
  return (
    thing(given) === undefined &&
    given.masquerade === undefined &&
    given.target === undefined &&
    given.icmp_block_inversion === undefined
  );
}

function program(given: Given, place: Place): string {
  if (place === 'permanent' && given.offline) {
    return `$(if firewall-cmd --state >/dev/null 2>&1; then echo firewall-cmd --permanent; else echo firewall-offline-cmd; fi)`;
  }
  return place === 'permanent' ? 'firewall-cmd --permanent' : 'firewall-cmd';
}

function flags(given: Given, _place: Place): string {
  return given.zone === undefined || isZoneOnly(given) ? '' : `--zone=${quote(given.zone)}`;
}

/** firewall-cmd's word for what the task is about, and its value. */
function thing(given: Given): readonly [word: string, value: string] | undefined {
  if (given.service !== undefined) return ['service', given.service];
  if (given.protocol !== undefined) return ['protocol', given.protocol];
  if (given.port !== undefined) return ['port', checkedPort(given.port)];
  if (given.rich_rule !== undefined) return ['rich-rule', given.rich_rule];
  if (given.source !== undefined) return ['source', given.source];
  if (given.interface !== undefined) return ['interface', given.interface];
  if (given.icmp_block !== undefined) return ['icmp-block', given.icmp_block];
  const forward = given.port_forward?.[0];
  if (!forward) return undefined;
  if (given.port_forward!.length > 1) throw new ModuleFailure('port_forward takes one port');
  const address = forward.toaddr === undefined ? '' : `:toaddr=${forward.toaddr}`;
  return ['forward-port', `port=${forward.port}:proto=${forward.proto}:toport=${forward.toport}${address}`];
}

function checkedPort(port: string): string {
  if (!/^\d+(-\d+)?\/(tcp|udp|sctp|dccp)$/.test(port))
    throw new ModuleFailure(`port must be like 6443/tcp or 30000-32767/tcp, not ${port}`);
  return port;
}

/** The option that asks whether the thing is there. */
function question(given: Given): string {
  if (given.masquerade !== undefined) return '--query-masquerade';
  if (given.icmp_block_inversion !== undefined) return '--query-icmp-block-inversion';
  if (given.target !== undefined) return '--get-target';
  const what = thing(given);
  if (what) return `--query-${what[0]}=${quote(what[1])}`;
  if (given.zone === undefined)
    throw new ModuleFailure('nothing to do: give service, port, rich_rule or the like, or zone');
  return '--get-zones';
}

function isThere(given: Given, output: string): boolean {
  const status = keyValues(output, '=').get('@rc');
  const words = output.replace(/@rc=.*/s, '').trim();
  if (given.target !== undefined) return words === given.target;
  if (isZoneOnly(given)) return words.split(/\s+/).includes(given.zone ?? '');
  return status === '0' && !/^no$/m.test(words);
}

/** What firewalld said when it could not answer, as for a zone that it does not know: 0 is yes and 1 is no. */
function refusalOf(output: string): string | undefined {
  const status = keyValues(output, '=').get('@rc');
  if (status === undefined || status === '0' || status === '1') return undefined;
  return output.replace(/@rc=.*/s, '').trim() || `firewalld did not answer (${status})`;
}

function wantsIt(given: Given): boolean {
  const enabled = given.state === 'enabled' || given.state === 'present';
  const flag = given.masquerade ?? given.icmp_block_inversion;
  if (flag === undefined) return enabled;
  // `masquerade: false` with state enabled means no masquerading.
  return enabled === (booleanWord(flag) ?? false);
}

function changesAt(given: Given, current: Current, place: Place): Change[] {
  const wanted = wantsIt(given);
  if (current.found[place] === wanted) return [];
  const action = wanted ? 'add' : 'remove';
  const base = `${program(given, place)} ${flags(given, place)}`.trimEnd();
  const lasts = place === 'runtime' && wanted && given.timeout > 0 ? ` --timeout=${given.timeout}` : '';
  const change = (what: string, option: string): Change[] => [
    {
      what: `${what} (${place})`,
      before: wanted ? 'disabled' : 'enabled',
      after: wanted ? 'enabled' : 'disabled',
      command: `${base} ${option}${lasts} >/dev/null`,
    },
  ];
  if (given.masquerade !== undefined) return change('masquerade', `--${action}-masquerade`);
  if (given.icmp_block_inversion !== undefined)
    return change('icmp block inversion', `--${action}-icmp-block-inversion`);
  if (given.target !== undefined)
    return change(`target ${given.target}`, `--set-target=${quote(wanted ? given.target : 'default')}`);
  const what = thing(given);
  if (!what) return change(`zone ${given.zone}`, `--${wanted ? 'new' : 'delete'}-zone=${quote(given.zone!)}`);
  return change(
    `${what[0]} ${what[1]}`,
    `--${action === 'add' && what[0] === 'interface' ? 'change' : action}-${what[0]}=${quote(what[1])}`,
  );
}
