import type { Arguments } from '../runner/module/arguments.ts';
import type { Host, ModuleResult } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import type { Mapping } from '../runner/value.ts';
import { mapping } from '../runner/value.ts';
import { wait } from '../runner/wait.ts';
import { pythonRegex, pythonSearch } from './shared/python-regex.ts';
import { schema } from './shared/schema.ts';
import { pathWord } from './shared/shell-path.ts';
import { addressesOf, connectionsProbe, countConnections, tcpStateNumber } from './wait_for/conditions.ts';
import { cannotAsk, portProbe } from './wait_for/port-probe.ts';

const args = schema({
  host: { type: 'str', default: '127.0.0.1', doc: 'Address or name to connect to, from the host.' },
  port: { type: 'int', doc: 'Port to wait for.' },
  path: { type: 'path', doc: 'File of the host to wait for.' },
  state: {
    type: 'str',
    default: 'started',
    choices: ['absent', 'drained', 'present', 'started', 'stopped'],
    doc: 'started and present: open, or there; stopped and absent: closed, or gone; drained: no connections any more.',
  },
  search_regex: { type: 'str', doc: 'Text that the file must hold, or that the port must send.' },
  connect_timeout: { type: 'int', default: 5, doc: 'Seconds that one try may take.' },
  delay: { type: 'int', default: 0, doc: 'Seconds before the first try.' },
  sleep: { type: 'int', default: 1, doc: 'Seconds between two tries.' },
  timeout: { type: 'int', default: 300, doc: 'Seconds in all.' },
  msg: { type: 'str', doc: 'What the failure says.' },
  exclude_hosts: { type: 'list', elements: 'str', doc: 'Addresses whose connections do not count for drained.' },
  active_connection_states: {
    type: 'list',
    elements: 'str',
    default: ['ESTABLISHED', 'FIN_WAIT1', 'FIN_WAIT2', 'SYN_RECV', 'SYN_SENT', 'TIME_WAIT'],
    doc: 'States in which a connection counts for drained.',
  },
});

type Given = Arguments<typeof args>;

export default commandModule({
  name: 'wait_for',
  summary: 'Wait for a port, a file, or some time.',
  notes: [
    "Ports are tried from the host, with bash, an nc that knows -z, Python, Perl or curl, whichever is there and can tell; without any of them only the host's own ports can be waited for.",
    'search_regex is read as Python reads it, across lines.',
  ],
  examples: `
- ansible.builtin.wait_for:
    host: "{{ control_plane_vip }}"
    port: 6443
    timeout: 120
- ansible.builtin.wait_for:
    path: /etc/kubernetes/admin.conf
`,
  returns: {
    elapsed: 'Seconds that it took.',
    match_groups: 'Groups of search_regex.',
    match_groupdict: 'Named groups of search_regex.',
  },
  inCheckMode: 'skip',
  args,
  rules: { mutuallyExclusive: [['port', 'path']] },
  async run(given, host): Promise<ModuleResult> {
    check(given);
    const start = Date.now();
    const elapsed = (): number => Math.floor((Date.now() - start) / 1000);
    await wait(given.delay * 1000);
    if (given.port === undefined && given.path === undefined) {
      await wait(Math.max(0, given.timeout * 1000));
      return { fields: { ...described(given), elapsed: elapsed() } };
    }
    for (;;) {
      const found = await holds(given, host);
      if (found) return { fields: { ...described(given), ...found, elapsed: elapsed() } };
      const left = (): number => start + given.timeout * 1000 - Date.now();
      await wait(Math.max(0, Math.min(given.sleep * 1000, left())));
      if (left() <= 0) break;
    }
    throw new ModuleFailure(given.msg ?? timeoutMessage(given), { elapsed: elapsed() });
  },
});

function check(given: Given): void {
  if (given.path !== undefined && given.state === 'drained') {
    throw new ModuleFailure('state=drained should only be used for checking a port in the wait_for module');
  }
  if (given.port === undefined && given.state === 'drained') throw new ModuleFailure('state=drained needs port');
  const unknown = given.active_connection_states.find((state) => tcpStateNumber(state) === undefined);
  if (unknown !== undefined) throw new ModuleFailure(`unknown active_connection_state (${unknown}) defined`);
}

function described(given: Given): Mapping {
  return {
    state: given.state,
    port: given.port ?? null,
    path: given.path ?? null,
    search_regex: given.search_regex ?? null,
    match_groups: [],
    match_groupdict: {},
  };
}

/** Fields of the result when what is waited for is so, undefined when not yet. */
async function holds(given: Given, host: Host): Promise<Mapping | undefined> {
  if (given.path !== undefined) return pathHolds(given, given.path, host);
  if (given.state === 'drained') return (await isDrained(given, host)) ? {} : undefined;
  const wantsOpen = given.state === 'started' || given.state === 'present';
  const read = wantsOpen && given.search_regex !== undefined;
  const port = { address: given.host, number: given.port!, seconds: given.connect_timeout, read };
  const { rc, stdout, stderr } = await host.run(portProbe(port));
  if (rc === cannotAsk) throw new ModuleFailure(stderr.trim());
  const open = stdout.startsWith('open\n');
  if (!wantsOpen) return open ? undefined : {};
  if (!open) return undefined;
  return read ? matched(given.search_regex!, stdout.replace(/^open\n/, '')) : {};
}

async function pathHolds(given: Given, path: string, host: Host): Promise<Mapping | undefined> {
  const wantsThere = given.state === 'started' || given.state === 'present';
  const word = pathWord(path);
  const read = wantsThere && given.search_regex !== undefined ? `cat ${word} 2>/dev/null` : ':';
  const { stdout } = await host.run(`if [ -e ${word} ] || [ -L ${word} ]; then echo there; ${read}; fi; exit 0`);
  const there = stdout.startsWith('there\n');
  if (!wantsThere) return there ? undefined : {};
  if (!there) return undefined;
  return given.search_regex === undefined ? {} : matched(given.search_regex, stdout.slice(6));
}

function matched(source: string, text: string): Mapping | undefined {
  const match = pythonSearch(pythonRegex(source, 'm'), text);
  if (!match) return undefined;
  const groups = Object.entries(match.groups ?? {}).map(([name, value]) => [name, value ?? null] as const);
  return { match_groups: match.slice(1).map((group) => group ?? null), match_groupdict: mapping(groups) };
}

async function isDrained(given: Given, host: Host): Promise<boolean> {
  const others = given.exclude_hosts ?? [];
  const { rc, stdout, stderr } = await host.run(connectionsProbe([given.host, ...others]));
  if (rc !== 0) throw new ModuleFailure(stderr.trim());
  const everywhere = ['0.0.0.0', '::'].includes(given.host);
  const states = given.active_connection_states.map((state) => tcpStateNumber(state)!);
  const addresses = everywhere ? [] : [...addressesOf(given.host, stdout), '0.0.0.0', '::'];
  const excluded = others.flatMap((other) => addressesOf(other, stdout));
  return countConnections(stdout, { addresses, port: given.port!, excluded, states }) === 0;
}

function timeoutMessage(given: Given): string {
  const target = given.path ?? `${given.host}:${given.port}`;
  const found = given.search_regex === undefined ? '' : `search string ${given.search_regex} in `;
  const end: Readonly<Record<string, string>> = {
    absent: given.path === undefined ? ' to stop.' : ' to be absent.',
    stopped: given.path === undefined ? ' to stop.' : ' to be absent.',
    drained: ' to drain',
  };
  const what = given.path === undefined || found !== '' || given.state !== 'started' ? '' : 'file ';
  return `Timeout when waiting for ${what}${found}${target}${end[given.state] ?? ''}`;
}
