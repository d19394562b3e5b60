import { EvaluationError } from '../../python/evaluation-error.ts';
import { int } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { table } from '../../table.ts';
import {
  bitsOf,
  hostMaskOf,
  type IpNetwork,
  ipText,
  isWithin,
  lastOf,
  maskOf,
  networkOf,
  parseIp,
  sizeOf,
  usableOf,
} from './ip-address.ts';

/** What a query is asked about: the parsed value, whether it was written as a network, and its text. */
export interface IpSubject {
  readonly net: IpNetwork;
  readonly isNetwork: boolean;
  readonly text: string;
}

type Query = (subject: IpSubject) => V;

const address = (ip: bigint, { net }: IpSubject): string => ipText(ip, net.version);
const isFirst = ({ net }: IpSubject): boolean => net.ip === networkOf(net);
/** netaddr knows no broadcast address in networks of two addresses or of one. */
const hasBroadcast = ({ net }: IpSubject): boolean => sizeOf(net) > 2n;

function withPrefix(subject: IpSubject): string {
  return `${address(subject.net.ip, subject)}/${subject.net.prefix}`;
}

function ip(subject: IpSubject): V {
  if (sizeOf(subject.net) > 1n && isFirst(subject) && hasBroadcast(subject) && subject.net.version === 4) return null;
  return address(subject.net.ip, subject);
}

function hostWithPrefix(subject: IpSubject): V {
  const { net } = subject;
  if (sizeOf(net) > 2n && (isFirst(subject) || (net.version === 4 && net.ip === lastOf(net)))) return false;
  return withPrefix(subject);
}

function host(subject: IpSubject): V {
  const { net } = subject;
  if (sizeOf(net) === 1n) return withPrefix(subject);
  return !isFirst(subject) || !hasBroadcast(subject) ? withPrefix(subject) : null;
}

function requireNetwork(subject: IpSubject): void {
  if (!subject.isNetwork) throw new EvaluationError('Not a network address');
}

function firstUsable(subject: IpSubject): V {
  requireNetwork(subject);
  return sizeOf(subject.net) > 1n ? address(usableOf(subject.net)[0], subject) : null;
}

function lastUsable(subject: IpSubject): V {
  requireNetwork(subject);
  return sizeOf(subject.net) > 1n ? address(usableOf(subject.net)[1], subject) : null;
}

/** The address so many places from the one given, if hosts can have it. */
export function neighbour(subject: IpSubject, offset: bigint): V {
  const [first, last] = usableOf(subject.net);
  const next = subject.net.ip + offset;
  return sizeOf(subject.net) > 1n && next >= first && next <= last ? address(next, subject) : null;
}

function usableRange(subject: IpSubject): V {
  requireNetwork(subject);
  if (sizeOf(subject.net) <= 1n) return null;
  const [first, last] = usableOf(subject.net);
  return `${address(first, subject)}-${address(last, subject)}`;
}

function peer(subject: IpSubject): V {
  requireNetwork(subject);
  const { net } = subject;
  if (sizeOf(net) === 2n) return address(net.ip ^ 1n, subject);
  if (sizeOf(net) !== 4n) throw new EvaluationError('Not a point-to-point network');
  if (net.ip % 4n === 0n) throw new EvaluationError('Network address of /30 has no peer');
  if (net.ip % 4n === 3n) throw new EvaluationError('Broadcast address of /30 has no peer');
  return address(net.ip ^ 3n, subject);
}

function within(...networks: string[]): Query {
  let parsed: readonly IpNetwork[] | undefined;
  return (subject) => {
    parsed ??= networks.map((network) => parseIp(network)!);
    const one = { ...subject.net, prefix: bitsOf(subject.net.version) };
    return parsed.some((network) => isWithin(one, network)) ? subject.text : null;
  };
}

const privateQuery = within(
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '192.0.2.0/24',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '198.18.0.0/15',
  '169.254.0.0/16',
  '239.0.0.0/8',
  'fc00::/7',
  'fe80::/10',
);
const multicast = within('224.0.0.0/4', 'ff00::/8');
const loopback = within('127.0.0.0/8', '::1/128');

function isPublic(subject: IpSubject): V {
  const { net } = subject;
  const isMask = net.version === 4 && (isRunOfOnes(net.ip ^ 0xffffffffn) || isRunOfOnes(net.ip));
  return privateQuery(subject) || multicast(subject) || loopback(subject) || isMask ? null : subject.text;
}

function isRunOfOnes(value: bigint): boolean {
  return (value & (value + 1n)) === 0n;
}

function reverse(subject: IpSubject): V {
  const { net } = subject;
  if (net.version === 4) return `${address(net.ip, subject).split('.').reverse().join('.')}.in-addr.arpa.`;
  return `${net.ip.toString(16).padStart(32, '0').split('').reverse().join('.')}.ip6.arpa.`;
}

function wrap(subject: IpSubject): V {
  if (subject.net.version === 4) return subject.text;
  const inside = `[${address(subject.net.ip, subject)}]`;
  return subject.isNetwork ? `${inside}/${subject.net.prefix}` : inside;
}

function sixToFour(subject: IpSubject): V {
  const { net } = subject;
  if (net.version === 6) return within('2002::/16')(subject) ?? false;
  if (sizeOf(net) > 1n && isFirst(subject)) return false;
  const hex = net.ip.toString(16).padStart(8, '0');
  return `2002:${hex.slice(0, 4)}:${hex.slice(4)}::1/48`;
}

function toVersion4(subject: IpSubject): V {
  const { net } = subject;
  if (net.version === 4) return subject.text;
  if (net.ip >> 32n !== 0n && net.ip >> 32n !== 0xffffn) return false;
  return `${ipText(net.ip & 0xffffffffn, 4)}/${Math.max(0, net.prefix - 96)}`;
}

function toVersion6(subject: IpSubject): V {
  const { net } = subject;
  if (net.version === 6) return subject.text;
  return `::ffff:${ipText(net.ip, 4)}/${net.prefix + 96}`;
}

function moreThanOne(subject: IpSubject, separator: string, second: string): V {
  const { net } = subject;
  if (sizeOf(net) === 2n || (sizeOf(net) > 1n && !isFirst(subject))) {
    return `${address(net.ip, subject)}${separator}${second}`;
  }
  return null;
}

const queries: Readonly<Record<string, Query>> = table<Query>({
  '6to4': sixToFour,
  address: ip,
  ip,
  'address/prefix': hostWithPrefix,
  gateway: hostWithPrefix,
  gw: hostWithPrefix,
  router: hostWithPrefix,
  hostnet: hostWithPrefix,
  'host/prefix': hostWithPrefix,
  bool: () => true,
  broadcast: (s) => (hasBroadcast(s) ? address(lastOf(s.net), s) : null),
  cidr: withPrefix,
  first_usable: firstUsable,
  last_usable: lastUsable,
  next_usable: (s) => {
    requireNetwork(s);
    return neighbour(s, 1n);
  },
  previous_usable: (s) => {
    requireNetwork(s);
    return neighbour(s, -1n);
  },
  range_usable: usableRange,
  peer,
  host,
  hostmask: (s) => address(hostMaskOf(s.net), s),
  wildcard: (s) => address(hostMaskOf(s.net), s),
  int: (s) => (s.isNetwork ? `${s.net.ip}/${s.net.prefix}` : int(s.net.ip)),
  'ip/prefix': (s) => moreThanOne(s, '/', String(s.net.prefix)),
  ip_netmask: (s) => moreThanOne(s, ' ', address(maskOf(s.net), s)),
  ipv4: toVersion4,
  v4: toVersion4,
  ipv6: toVersion6,
  v6: toVersion6,
  'link-local': within('169.254.0.0/16', 'fe80::/10'),
  lo: loopback,
  loopback,
  multicast,
  unicast: (s) => (multicast(s) ? null : s.text),
  private: privateQuery,
  public: isPublic,
  net: (s) => (sizeOf(s.net) > 1n && isFirst(s) ? withPrefix(s) : null),
  netmask: (s) => address(maskOf(s.net), s),
  network: (s) => address(networkOf(s.net), s),
  network_id: (s) => address(networkOf(s.net), s),
  'network/prefix': (s) => `${address(networkOf(s.net), s)}/${s.net.prefix}`,
  subnet: (s) => `${address(networkOf(s.net), s)}/${s.net.prefix}`,
  network_netmask: (s) => `${address(networkOf(s.net), s)} ${address(maskOf(s.net), s)}`,
  network_wildcard: (s) => `${address(networkOf(s.net), s)} ${address(hostMaskOf(s.net), s)}`,
  prefix: (s) => s.net.prefix,
  revdns: reverse,
  size: (s) => int(sizeOf(s.net)),
  size_usable: (s) => (sizeOf(s.net) === 1n ? 0 : sizeOf(s.net) === 2n ? 2 : int(sizeOf(s.net) - 2n)),
  type: (s) => (sizeOf(s.net) > 1n && isFirst(s) ? 'network' : 'address'),
  version: (s) => s.net.version,
  wrap,
});

/** The query of that name, if there is one. */
export function ipQuery(name: string): Query | undefined {
  return Object.hasOwn(queries, name) ? queries[name] : undefined;
}
