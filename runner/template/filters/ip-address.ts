/** An IP address with the prefix length of its network. */
export interface IpNetwork {
  readonly version: 4 | 6;
  readonly ip: bigint;
  readonly prefix: number;
}

/** How many bits an address has. */
export function bitsOf(version: 4 | 6): number {
  return version === 4 ? 32 : 128;
}

/** Reads an address, or a network with a prefix length or a netmask. Undefined when the text is neither. */
export function parseIp(text: string): IpNetwork | undefined {
  const [address = '', suffix, ...rest] = text.trim().split('/');
  if (rest.length > 0) return undefined;
  const ip4 = parseIp4(address);
  const version = ip4 === undefined ? 6 : 4;
  const ip = ip4 ?? parseIp6(address);
  if (ip === undefined) return undefined;
  if (suffix === undefined) return { version, ip, prefix: bitsOf(version) };
  const prefix = /^\d+$/.test(suffix) ? Number(suffix) : prefixOfMask(suffix, version);
  return prefix === undefined || prefix > bitsOf(version) ? undefined : { version, ip, prefix };
}

function parseIp4(text: string): bigint | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || parts.some((part) => !/^\d{1,3}$/.test(part) || Number(part) > 255)) return undefined;
  return parts.reduce((value, part) => value * 256n + BigInt(part), 0n);
}

function parseIp6(text: string): bigint | undefined {
  let source = text;
  const tail = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text);
  if (tail) {
    const low = parseIp4(tail[2]!);
    if (low === undefined) return undefined;
    source = `${tail[1]}${(low >> 16n).toString(16)}:${(low & 0xffffn).toString(16)}`;
  }
  const halves = source.split('::');
  if (halves.length > 2 || !source.includes(':')) return undefined;
  const [head = [], end = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - head.length - end.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array.from({ length: missing }, () => '0'), ...end];
  if (groups.some((part) => !/^[\da-fA-F]{1,4}$/.test(part))) return undefined;
  return groups.reduce((value, part) => value * 65536n + BigInt(`0x${part}`), 0n);
}

function prefixOfMask(text: string, version: 4 | 6): number | undefined {
  const mask = version === 4 ? parseIp4(text) : parseIp6(text);
  if (mask === undefined) return undefined;
  for (let prefix = 0; prefix <= bitsOf(version); prefix++) {
    if (maskOf({ version, ip: 0n, prefix }) === mask) return prefix;
    if (hostMaskOf({ version, ip: 0n, prefix }) === mask) return prefix;
  }
  return undefined;
}

/** How many addresses a network has. */
export function sizeOf({ version, prefix }: IpNetwork): bigint {
  return 1n << BigInt(bitsOf(version) - prefix);
}

/** The bits of hosts in a network. */
export function hostMaskOf(network: IpNetwork): bigint {
  return sizeOf(network) - 1n;
}

/** The netmask. */
export function maskOf(network: IpNetwork): bigint {
  return ((1n << BigInt(bitsOf(network.version))) - 1n) ^ hostMaskOf(network);
}

/** The first address of a network. */
export function networkOf(network: IpNetwork): bigint {
  return network.ip & maskOf(network);
}

/** The last address of a network. */
export function lastOf(network: IpNetwork): bigint {
  return network.ip | hostMaskOf(network);
}

/** The first and last address that hosts can have. */
export function usableOf(network: IpNetwork): [bigint, bigint] {
  const [first, last] = [networkOf(network), lastOf(network)];
  return sizeOf(network) > 2n ? [first + 1n, network.version === 4 ? last - 1n : last - 1n] : [first, last];
}

/** Whether one network lies in another. */
export function isWithin(inner: IpNetwork, outer: IpNetwork): boolean {
  return inner.version === outer.version && networkOf(inner) >= networkOf(outer) && lastOf(inner) <= lastOf(outer);
}

/** An address as text. */
export function ipText(ip: bigint, version: 4 | 6): string {
  if (version === 4) return [24n, 16n, 8n, 0n].map((shift) => String((ip >> shift) & 255n)).join('.');
  const groups = Array.from({ length: 8 }, (_, index) => Number((ip >> BigInt(112 - index * 16)) & 0xffffn));
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return `::ffff:${ipText(ip & 0xffffffffn, 4)}`;
  }
  const [start, length] = longestZeros(groups);
  const hex = groups.map((group) => group.toString(16));
  if (length < 2) return hex.join(':');
  return `${hex.slice(0, start).join(':')}::${hex.slice(start + length).join(':')}`;
}

function longestZeros(groups: readonly number[]): [number, number] {
  let best: [number, number] = [0, 0];
  let start = 0;
  groups.forEach((group, index) => {
    if (group !== 0) start = index + 1;
    else if (index - start + 1 > best[1]) best = [start, index - start + 1];
  });
  return best;
}
