import { EvaluationError } from '../../python/evaluation-error.ts';
import { iterate } from '../../python/iterate.ts';
import { defined, int, isIntegral } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { truth } from '../../python/operators.ts';
import { str } from '../../python/text.ts';
import type { Value } from '../../value.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { type Arguments, any, integer, orNone, text } from '../runtime/parameters.ts';
import {
  bitsOf,
  type IpNetwork,
  ipText,
  isWithin,
  lastOf,
  networkOf,
  parseIp,
  sizeOf,
  usableOf,
} from './ip-address.ts';
import { type IpSubject, ipQuery, neighbour } from './ip-query.ts';

/** What is asked about: an address, a network, or a number that stands for an address. */
function readSubject(value: V, version: 4 | 6 | undefined): IpSubject | undefined {
  const text = str(value);
  if (/^\d+$/.test(text)) {
    const ip = BigInt(text);
    const kind = version ?? (ip < 1n << 32n ? 4 : 6);
    if (ip >= 1n << BigInt(bitsOf(kind))) return undefined;
    return {
      net: { version: kind, ip, prefix: bitsOf(kind) },
      isNetwork: false,
      text: `${ipText(ip, kind)}/${bitsOf(kind)}`,
    };
  }
  const net = parseIp(text);
  if (net) return { net, isNetwork: text.includes('/'), text };
  const numeric = /^(\d+)\/(\d+)$/.exec(text);
  if (!numeric) return undefined;
  const ip = BigInt(numeric[1]!);
  const kind = ip < 1n << 32n && Number(numeric[2]) <= 32 ? 4 : 6;
  const parsed = { version: kind, ip, prefix: Number(numeric[2]) } as const;
  return { net: parsed, isNetwork: true, text: cidr(parsed) };
}

function cidr(net: IpNetwork): string {
  return `${ipText(net.ip, net.version)}/${net.prefix}`;
}

function subnet(net: IpNetwork): IpNetwork {
  return { ...net, ip: networkOf(net) };
}

/** Ansible's `ipaddr` and its forms for one version. */
function ipaddr(value: V, query: V, version: 4 | 6 | undefined, alias: string): V {
  defined(value);
  if (Array.isArray(value)) {
    return (value as V[]).map((item) => ipaddr(item, query, version, alias)).filter((item) => truth(item)) as Value[];
  }
  if (value === true || !truth(value)) return false;
  const subject = readSubject(value, version);
  if (!subject || (version !== undefined && subject.net.version !== version)) return false;
  return answer(subject, query, alias);
}

function answer(subject: IpSubject, query: V, alias: string): V {
  const name = str(query);
  if (name === '') return emptyQuery(subject);
  const known = ipQuery(name);
  if (known) return known(subject);
  if (/^-?\d+$/.test(name)) return nth(subject, BigInt(name));
  const network = parseIp(name);
  if (!network) throw new EvaluationError(`${alias}: unknown filter type: ${name}`);
  const there = isWithin(
    subject.isNetwork ? subject.net : { ...subject.net, prefix: bitsOf(subject.net.version) },
    network,
  );
  return there ? subject.text : null;
}

function emptyQuery({ net, isNetwork }: IpSubject): V {
  return isNetwork ? cidr(net) : ipText(net.ip, net.version);
}

function nth({ net, isNetwork }: IpSubject, index: bigint): V {
  const size = sizeOf(net);
  if (size === 1n) return isNetwork ? cidr(net) : ipText(net.ip, net.version);
  const position = index < 0n ? index + size : index;
  if (position < 0n || position >= size) return false;
  return cidr({ ...net, ip: networkOf(net) + position });
}

const family = (alias: string, version?: 4 | 6): Callee =>
  fn({ query: any(''), alias: any(null) }, (value, { query }) => ipaddr(value, query, version, alias));

function parsed(value: V): IpNetwork | undefined {
  return truth(value) ? readSubject(value, undefined)?.net : undefined;
}

const subnetParameters = { query: text(''), index: orNone(text()) };

function ipsubnet(value: V, { query, index }: Arguments<typeof subnetParameters>): V {
  const given = parsed(value);
  if (!given) return false;
  const isNetwork = sizeOf(given) > 1n && given.ip === networkOf(given);
  const net = isNetwork ? subnet(given) : { ...given, ip: networkOf(given) };
  const isAddress = sizeOf(net) === 1n;
  if (query === '') return cidr(net);
  if (!/^\d+$/.test(query)) return subnetPosition(net, query);
  const prefix = Number(query);
  const bits = bitsOf(net.version);
  if (prefix > bits) return false;
  if (isAddress) return supernet(net, prefix, index);
  if (index === null) {
    if (prefix < net.prefix) throw new EvaluationError(`Requested subnet size of ${prefix} is invalid`);
    return String(1n << BigInt(prefix - net.prefix));
  }
  const count = 1n << BigInt(Math.max(0, prefix - net.prefix));
  const position = BigInt(index) < 0n ? BigInt(index) + count : BigInt(index);
  if (position < 0n || position >= count) return false;
  return cidr({ ...net, ip: net.ip + (position << BigInt(bits - prefix)), prefix });
}

function supernet(net: IpNetwork, prefix: number, index: string | null): V {
  const place = index === null ? 0 : Number(index);
  const larger = prefix + (place < 0 ? bitsOf(net.version) - prefix + place : place);
  if (larger < prefix || larger >= bitsOf(net.version)) return false;
  return cidr(subnet({ ...net, prefix: larger }));
}

function subnetPosition(net: IpNetwork, query: string): V {
  const outer = parsed(query);
  if (!outer) throw new EvaluationError(`You must pass a valid subnet or IP address; ${query} is invalid`);
  if (!isWithin(net, subnet(outer))) {
    throw new EvaluationError(`${cidr(net)} is not in the subnet ${cidr(subnet(outer))}`);
  }
  return String(((net.ip - networkOf(outer)) >> BigInt(bitsOf(net.version) - net.prefix)) + 1n);
}

function nthHost(value: V, query: string): V {
  const net = parsed(value);
  if (!net || !/^-?\d+$/.test(query)) return false;
  const index = BigInt(query);
  const size = sizeOf(net);
  const position = index < 0n ? index + size : index;
  return position < 0n || position >= size ? false : ipText(networkOf(net) + position, net.version);
}

function ipmath(value: V, amount: number): V {
  const net = parsed(value);
  if (!net) throw new EvaluationError(`You must pass a valid IP address; ${str(value)} is invalid`);
  return ipText(net.ip + BigInt(amount), net.version);
}

function inUsable(value: V, test: V): V {
  const [outer, inner] = [parsed(value), parsed(test)];
  if (!outer || !inner || outer.version !== inner.version) return false;
  const [first, last] = usableOf(outer);
  return networkOf(inner) >= first && lastOf(inner) <= last;
}

function inNetwork(value: V, test: V): V {
  const [outer, inner] = [parsed(value), parsed(test)];
  return outer !== undefined && inner !== undefined && isWithin(inner, outer);
}

function nthUsable(direction: bigint): Callee {
  return fn({ offset: integer(1) }, (value, { offset }) => {
    const subject = readSubject(value, undefined);
    return subject ? neighbour(subject, direction * BigInt(offset)) : false;
  });
}

function hexOf(value: V, delimiter: string): V {
  return str(value)
    .split('.')
    .map((part) => Number(part).toString(16).padStart(2, '0'))
    .join(delimiter);
}

function hwaddr(value: V, query: string): V {
  const written = str(value);
  const digits = written.replace(/[:.\-\s]/g, '').toLowerCase();
  if (!/^[\da-f]{12}$/.test(digits)) {
    if (query === '') return false;
    throw new EvaluationError(`hwaddr: not a hardware address: ${written}`);
  }
  const grouped = (size: number, separator: string): string =>
    digits.match(new RegExp(`.{${size}}`, 'g'))!.join(separator);
  const forms: Record<string, () => V> = {
    '': () => written,
    bool: () => true,
    bare: () => digits.toUpperCase(),
    cisco: () => grouped(4, '.'),
    int: () => int(BigInt(`0x${digits}`)),
    linux: () => grouped(2, ':'),
    unix: () => grouped(2, ':').replace(/\b0(?=[\da-f])/g, ''),
    win: () => grouped(2, '-').toUpperCase(),
    eui48: () => grouped(2, '-').toUpperCase(),
    pgsql: () => grouped(6, ':'),
    postgresql: () => grouped(6, ':'),
    psql: () => grouped(6, ':'),
  };
  const form = Object.hasOwn(forms, query) ? forms[query] : undefined;
  if (!form) throw new EvaluationError(`hwaddr: unknown filter type: ${query}`);
  return form();
}

/** The filters of IP addresses, as in the collections ansible.utils and ansible.netcommon. */
export const netFilters: Readonly<Record<string, Callee>> = {
  ipaddr: family('ipaddr'),
  ipv4: family('ipv4', 4),
  ipv6: family('ipv6', 6),
  ipwrap: fn({ query: any('') }, (value, { query }) => wrapAll(value, query)),
  ipsubnet: fn(subnetParameters, ipsubnet),
  nthhost: fn({ query: text('') }, (value, { query }) => nthHost(value, query)),
  ipmath: fn({ amount: integer() }, (value, { amount }) => ipmath(value, amount)),
  ip4_hex: fn({ delimiter: text('') }, (value, { delimiter }) => hexOf(value, delimiter)),
  hwaddr: fn({ query: text('') }, (value, { query }) => hwaddr(value, query)),
  macaddr: fn({ query: text('') }, (value, { query }) => hwaddr(value, query)),
  network_in_usable: fn({ test: any() }, (value, { test }) => inUsable(value, test)),
  network_in_network: fn({ test: any() }, (value, { test }) => inNetwork(value, test)),
  next_nth_usable: nthUsable(1n),
  previous_nth_usable: nthUsable(-1n),
  reduce_on_network: fn(
    { network: any() },
    (value, { network }) => iterate(value).filter((item) => truth(inNetwork(network, item))) as Value[],
  ),
};

/** `ipwrap`: IPv6 addresses in brackets, everything else as it is. */
function wrapAll(value: V, query: V): V {
  if (Array.isArray(value)) return (value as V[]).map((item) => wrapAll(item, query)) as Value[];
  const subject = typeof value === 'string' || isIntegral(value) ? readSubject(value, undefined) : undefined;
  if (!subject) return value;
  const found = query === '' ? value : ipaddr(value, query, undefined, 'ipwrap');
  return truth(found) ? ipaddr(found, 'wrap', undefined, 'ipwrap') : value;
}
