import { isIP } from 'node:net';
import { linesOf } from '../shared/probe.ts';
import { quote } from '../shared/shell-quote.ts';

const stateNumbers: Readonly<Record<string, string>> = {
  ESTABLISHED: '01',
  SYN_SENT: '02',
  SYN_RECV: '03',
  FIN_WAIT1: '04',
  FIN_WAIT2: '05',
  TIME_WAIT: '06',
  CLOSE: '07',
  CLOSE_WAIT: '08',
  LAST_ACK: '09',
  LISTEN: '0A',
  CLOSING: '0B',
};

/** The kernel's number of a TCP state, undefined for an unknown name. */
export function tcpStateNumber(name: string): string | undefined {
  return stateNumbers[name];
}

/**
 * sh text that prints the TCP connections of the kernel's list, and before it the addresses of hosts that are given by name,
 * for {@link addressesOf}. It fails where the list cannot be read or a name is unknown: then nobody knows.
 */
export function connectionsProbe(hosts: readonly string[]): string {
  const names = hosts.filter((host) => isIP(host) === 0);
  const resolve = names.map(
    (
      name,
    ) => `n=${quote(name)}; x=$({ getent ahosts "$n" || awk -v n="$n" '{ for (i = 2; i <= NF; i++) if ($i == n) print $1 }' /etc/hosts; } 2>/dev/null)
[ "$x" ] || { printf 'could not find the address of %s\\n' "$n" >&2; exit 1; }
printf '%s\\n' "$x" | while read -r y z; do printf '@%s %s\\n' "$n" "$y"; done`,
  );
  const list = `[ -r /proc/net/tcp ] || [ -r /proc/net/tcp6 ] || { echo 'this host does not tell its connections (/proc/net/tcp)' >&2; exit 1; }
cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; exit 0`;
  return [...resolve, list].join('\n');
}

/** The addresses of a host as {@link connectionsProbe} found them; an address is its own. */
export function addressesOf(host: string, printed: string): string[] {
  if (isIP(host) !== 0) return [host];
  return linesOf(printed).flatMap((line) => (line.startsWith(`@${host} `) ? [line.slice(host.length + 2)] : []));
}

/** What counts as a connection that is still open. */
export interface ConnectionFilter {
  /** Addresses of this host that count; empty for all. */
  readonly addresses: readonly string[];
  readonly port: number;
  /** Addresses of the other side that do not count. */
  readonly excluded: readonly string[];
  /** Numbers of the TCP states that count. */
  readonly states: readonly string[];
}

/** How many connections of the kernel's list pass the filter. */
export function countConnections(list: string, filter: ConnectionFilter): number {
  return linesOf(list).filter((line) => {
    const [, local = '', remote = '', state = ''] = line.trim().split(/\s+/);
    const [address = '', port = ''] = local.split(':');
    if (Number.parseInt(port, 16) !== filter.port || !filter.states.includes(state)) return false;
    if (filter.excluded.includes(hexAddress(remote.split(':')[0] ?? ''))) return false;
    return filter.addresses.length === 0 || filter.addresses.includes(hexAddress(address));
  }).length;
}

/** An address as the kernel lists it (little-endian words), as text; IPv4 in IPv6 as IPv4. */
export function hexAddress(hex: string): string {
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse()).map((byte) => Number.parseInt(byte, 16));
  if (bytes.length === 4) return bytes.join('.');
  const mapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (mapped) return bytes.slice(12).join('.');
  const groups: string[] = [];
  for (let i = 0; i < bytes.length; i += 2) groups.push(((bytes[i]! << 8) | bytes[i + 1]!).toString(16));
  return groups.join(':').replace(/\b(0(:|$)){2,}/, ':');
}
