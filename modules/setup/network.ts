import type { Mapping, Value } from '../../runner/value.ts';
import { linesOf } from '../shared/probe.ts';
import type { FactCollector } from './collector.ts';
import { linksReading, singleLinks } from './links.ts';

const v4Target = '8.8.8.8';
const v6Target = '2404:6800:400a:800::1012';

const files = [
  'address',
  'mtu',
  'operstate',
  'type',
  'flags',
  'speed',
  'bridge/bridge_id',
  'bridge/stp_state',
  'bonding/mode',
  'bonding/slaves',
  'bonding/miimon',
  'bonding/lacp_rate',
  'bonding/primary',
  'bonding/all_slaves_active',
  'bonding_slave/perm_hwaddr',
];

/** Interfaces, addresses and routes. Nothing is sent: only the routing tables are asked. */
export const network: FactCollector = {
  name: 'network',
  subset: 'network',
  script: `for i in /sys/class/net/*; do
  [ -d "$i" ] || continue
  printf '@link %s\\n' "\${i##*/}"
  for f in ${files.join(' ')}; do
    [ -e "$i/$f" ] || continue
    v=; { IFS= read -r v <"$i/$f"; } 2>/dev/null; printf '%s=%s\\n' "$f" "$v"
  done
  if [ -d "$i/brif" ]; then for p in "$i"/brif/*; do [ -e "$p" ] && printf 'port=%s\\n' "\${p##*/}"; done; fi
done
echo @ip
set -- 'addr show' 'route get ${v4Target}' 'route get ${v6Target}' 'route show table local'
if [ /bin/ip -ef /bin/busybox ] || [ /sbin/ip -ef /bin/busybox ]; then for a in "$@"; do ip $a; done
else printf '%s\\n' "$@" | ip -force -batch -; fi
ip -6 route show table local
set --`,
  shares: [linksReading],
  parse: (output, _known, more) => parseNetwork(output, more?.shared(linksReading) ?? ''),
};

/** Ansible's names for the kernel's ARPHRD numbers. */
const linkTypes: Readonly<Record<string, string>> = {
  '1': 'ether',
  '32': 'infiniband',
  '512': 'ppp',
  '772': 'loopback',
  '65534': 'tunnel',
};

interface Addresses {
  readonly v4: string[];
  readonly v6: string[];
}

function parseNetwork(output: string, listing: string): Mapping {
  const [linkText = '', ipText = ''] = `\n${output}`.split('\n@ip\n');
  const links = parseLinks(linkText);
  addDevices(listing, links);
  const all: Addresses = { v4: [], v6: [] };
  parseAddresses(ipText, links, all);
  const facts: Mapping = {
    interfaces: [...links.keys()].map((name) => name.replaceAll(':', '_')),
    all_ipv4_addresses: all.v4,
    all_ipv6_addresses: all.v6,
    default_ipv4: defaultRoute(ipText, v4Target, links, 'ipv4'),
    default_ipv6: defaultRoute(ipText, v6Target, links, 'ipv6'),
    locally_reachable_ips: locallyReachable(ipText),
  };
  for (const [name, link] of links) facts[name.replace(/[-:]/g, '_')] = link;
  return facts;
}

function parseLinks(text: string): Map<string, Mapping> {
  const links = new Map<string, Mapping>();
  for (const part of `\n${text}`.split('\n@link ').slice(1)) {
    const [name = '', ...lines] = part.split('\n');
    links.set(name, parseLink(name, lines));
  }
  return links;
}

function parseLink(name: string, lines: readonly string[]): Mapping {
  const values = new Map<string, string>();
  const ports: string[] = [];
  for (const line of lines) {
    const at = line.indexOf('=');
    if (line.startsWith('port=')) ports.push(line.slice(5));
    else if (at > 0) values.set(line.slice(0, at), line.slice(at + 1).trim());
  }
  const link: Mapping = { device: name };
  const address = values.get('address');
  if (address && address !== '00:00:00:00:00:00') link.macaddress = address;
  if (values.has('mtu')) link.mtu = Number(values.get('mtu'));
  if (values.has('operstate')) link.active = values.get('operstate') !== 'down';
  if (values.has('type')) link.type = linkTypes[values.get('type')!] ?? 'unknown';
  if (values.get('speed')) link.speed = Number(values.get('speed'));
  if (values.has('flags')) link.promisc = (Number(values.get('flags')) & 0x100) > 0;
  return { ...link, ...bridgeOrBond(values, ports) };
}

/** Adds what the links from interfaces to their devices, and to the modules that drive these, tell. */
function addDevices(listing: string, links: Map<string, Mapping>): void {
  for (const [path, target] of singleLinks(listing)) {
    const [, name = '', rest = ''] = /^\/sys\/class\/net\/([^/]+)\/device(.*)$/.exec(path) ?? [];
    const link = links.get(name);
    if (link) link[rest === '' ? 'pciid' : 'module'] = target.slice(target.lastIndexOf('/') + 1);
  }
}

/** Addresses and whole networks that the host itself answers for, as its local routing tables say. */
function locallyReachable(text: string): Mapping {
  const found = { ipv4: new Set<string>(), ipv6: new Set<string>() };
  for (const line of linesOf(text)) {
    const [kind, address = ''] = line.trim().split(/\s+/);
    if (kind === 'local') found[address.includes(':') ? 'ipv6' : 'ipv4'].add(address);
  }
  return { ipv4: [...found.ipv4], ipv6: [...found.ipv6] };
}

function bridgeOrBond(values: Map<string, string>, ports: string[]): Mapping {
  if (values.has('bridge/bridge_id')) {
    return {
      type: 'bridge',
      interfaces: ports,
      id: values.get('bridge/bridge_id')!,
      stp: values.get('bridge/stp_state') === '1',
    };
  }
  const slave = values.get('bonding_slave/perm_hwaddr');
  if (slave !== undefined) return { perm_macaddress: slave };
  if (!values.has('bonding/mode')) return {};
  const word = (key: string): string => values.get(`bonding/${key}`)?.split(' ')[0] ?? '';
  return {
    type: 'bonding',
    slaves: (values.get('bonding/slaves') ?? '').split(' ').filter((slave) => slave !== ''),
    mode: word('mode'),
    miimon: word('miimon'),
    lacp_rate: word('lacp_rate'),
    ...(word('primary') === '' ? {} : { primary: word('primary'), ...allSlavesActive(values) }),
  };
}

function allSlavesActive(values: ReadonlyMap<string, string>): Mapping {
  const active = values.get('bonding/all_slaves_active');
  return active === undefined ? {} : { all_slaves_active: active === '1' };
}

/** Reads what `ip addr show` prints, and puts the addresses into their links. */
function parseAddresses(text: string, links: Map<string, Mapping>, all: Addresses): void {
  let link: Mapping | undefined;
  for (const line of linesOf(text)) {
    const header = /^\d+: ([^:@\s]+)/.exec(line);
    if (header) {
      link = links.get(header[1]!);
      continue;
    }
    const words = line.trim().split(/\s+/);
    if (link && words[0] === 'inet') addIpv4(words, link, links, all);
    if (link && words[0] === 'inet6') addIpv6(words, link, all);
  }
}

function addIpv4(words: readonly string[], link: Mapping, links: Map<string, Mapping>, all: Addresses): void {
  const [address = '', prefix = '32'] = words[1]!.split('/');
  const entry: Mapping = {
    address,
    broadcast: words[2] === 'brd' ? words[3]! : '',
    ...network4(address, Number(prefix)),
    prefix,
  };
  if (!address.startsWith('127.')) all.v4.push(address);
  const label = words.at(-1)!;
  const secondary = words.includes('secondary');
  const owner = label !== link.device && label.includes(':') ? aliasLink(label, links) : link;
  if (secondary || owner.ipv4 !== undefined) addTo(owner, 'ipv4_secondaries', entry);
  else owner.ipv4 = entry;
  if (secondary && owner !== link) addTo(link, 'ipv4_secondaries', { ...entry });
}

function aliasLink(label: string, links: Map<string, Mapping>): Mapping {
  const known = links.get(label);
  if (known) return known;
  const made: Mapping = {};
  links.set(label, made);
  return made;
}

function addIpv6(words: readonly string[], link: Mapping, all: Addresses): void {
  const peer = words[2] === 'peer';
  const [address = '', ownPrefix = '128'] = words[1]!.split('/');
  const prefix = peer ? (words[3]!.split('/')[1] ?? '128') : ownPrefix;
  const scope = words[words.indexOf('scope') + 1] ?? '';
  addTo(link, 'ipv6', { address, prefix, scope });
  if (address !== '::1') all.v6.push(address);
}

function addTo(link: Mapping, key: string, entry: Mapping): void {
  const list = link[key];
  if (Array.isArray(list)) list.push(entry);
  else link[key] = [entry];
}

/** Netmask and network address, as dotted text. */
function network4(address: string, prefix: number): { netmask: string; network: string } {
  const mask = prefix === 0 ? 0 : (0xffffffff << (32 - prefix)) >>> 0;
  const bits = address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
  return { netmask: dotted(mask), network: dotted((bits & mask) >>> 0) };
}

function dotted(bits: number): string {
  return [24, 16, 8, 0].map((shift) => (bits >>> shift) & 255).join('.');
}

function defaultRoute(output: string, target: string, links: Map<string, Mapping>, family: 'ipv4' | 'ipv6'): Mapping {
  const words = linesOf(output)
    .find((line) => line.startsWith(`${target} `))
    ?.split(/\s+/);
  if (!words) return {};
  const after = (word: string): string | undefined => {
    const at = words.indexOf(word);
    return at < 0 ? undefined : words[at + 1];
  };
  const gateway = after('via');
  const name = after('dev');
  const address = after('src');
  const found: Mapping = {};
  if (gateway !== undefined && gateway !== target) found.gateway = gateway;
  if (name !== undefined) found.interface = name;
  if (address !== undefined) found.address = address;
  const link = links.get(name ?? '');
  const [label, entry] = (link && findEntry(link, links, family, address)) ?? [];
  if (!link || !entry) return found;
  const details = family === 'ipv4' ? ['broadcast', 'netmask', 'network', 'prefix'] : ['prefix', 'scope'];
  for (const key of details) found[key] = entry[key]!;
  if (link.macaddress !== undefined) found.macaddress = link.macaddress;
  found.mtu = link.mtu ?? null;
  found.type = link.type ?? 'unknown';
  if (family === 'ipv4') found.alias = label!;
  return found;
}

/** Where an address stands: the name of the link, or of the alias (`eth0:1`) that carries it, and its entry. */
function findEntry(
  link: Mapping,
  links: Map<string, Mapping>,
  family: 'ipv4' | 'ipv6',
  address: string | undefined,
): readonly [string, Mapping] | undefined {
  const name = String(link.device);
  const aliases = [...links].filter(([alias]) => alias.startsWith(`${name}:`));
  for (const [label, owner] of [...aliases, [name, link] as const]) {
    const entries =
      family === 'ipv6' ? asMappings(owner.ipv6) : [...asMappings(owner.ipv4), ...asMappings(owner.ipv4_secondaries)];
    const entry = entries.find((candidate) => candidate.address === address);
    if (entry) return [label, entry];
  }
  return undefined;
}

function asMappings(value: Value | undefined): Mapping[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? value : [value]) as Mapping[];
}
