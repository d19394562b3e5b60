import { linesOf } from './probe.ts';
import { quote } from './shell-quote.ts';

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
 * sh text that tries to connect and prints `open` or `closed`, with what bash, nc or curl is there, and for this host's
 * own addresses with the kernel's list of listeners. With `read` it prints what the other side sends, too.
 */
export function portProbe(address: string, port: number, seconds: number, read: boolean): string {
  const [to, number] = [quote(address), String(port)];
  const limit = `limit() { if timeout ${seconds} true 2>/dev/null; then timeout ${seconds} "$@"; else "$@"; fi; }`;
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  const readBash = read ? `; cat <&3` : '';
  return `${limit}
if command -v bash >/dev/null 2>&1; then
  limit bash -c 'exec 3<>"/dev/tcp/$1/$2" && echo open${readBash}' bash ${to} ${number} 2>/dev/null
elif command -v nc >/dev/null 2>&1; then
  ${read ? `limit nc -w ${seconds} ${to} ${number} </dev/null 2>/dev/null && echo open` : `limit nc -z -w ${seconds} ${to} ${number} </dev/null >/dev/null 2>&1 && echo open`}
elif command -v curl >/dev/null 2>&1; then
  t=$(curl -s -o /dev/null --connect-timeout ${seconds} -m $((${seconds} + 1)) -w '%{time_connect}' "telnet://"${to}":${number}" </dev/null 2>/dev/null)
  case $t in ''|0|0.000|0.000000|0,000000) ;; *) echo open ;; esac
else
  case ${to} in 127.*|localhost|::1|0.0.0.0) grep -qE ':${hex} [0-9A-F]+:0000 0A' /proc/net/tcp /proc/net/tcp6 2>/dev/null && echo open ;; *) echo 'no bash, nc or curl to connect with' >&2; exit 3 ;; esac
fi
exit 0`;
}

/** sh text that prints the TCP connections of the kernel's list. */
export const connectionsProbe = 'cat /proc/net/tcp /proc/net/tcp6 2>/dev/null; exit 0';

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
