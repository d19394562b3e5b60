import type { Algorithms } from 'ssh2';
import { printable } from './refusal.ts';
import type { ServerOffer } from './server-offer.ts';

interface Kind {
  /** What the SSH library's error says. */
  readonly pattern: RegExp;
  readonly name: string;
  readonly field: keyof ServerOffer;
  /** The setting of sshd_config. */
  readonly setting: string;
}

const kinds: readonly Kind[] = [
  { pattern: /key exchange algorithm/, name: 'key exchange', field: 'kex', setting: 'KexAlgorithms' },
  { pattern: /host key format/, name: 'type of host key', field: 'serverHostKey', setting: 'HostKeyAlgorithms' },
  { pattern: /cipher/, name: 'cipher', field: 'cipher', setting: 'Ciphers' },
  { pattern: /MAC/, name: 'MAC', field: 'hmac', setting: 'MACs' },
];

/** The words about a server with which there is no algorithm in common; undefined where `message`, the SSH library's, says something else. */
export function algorithmMismatch(
  message: string,
  offer: ServerOffer | undefined,
  ours: Algorithms,
): { readonly sentence: string; readonly why: string } | undefined {
  if (!/no matching/i.test(message)) return undefined;
  const kind = kinds.find(({ pattern }) => pattern.test(message));
  if (!kind) return { sentence: message, why: message };
  const { name, field, setting } = kind;
  const offered = offer ? offeredNames(offer[field]) : 'others';
  const own = ours[field];
  const list = Array.isArray(own) ? own.join(',') : 'none of them';
  return {
    sentence: `no common ${name}: the host offers ${offered}; kplay's own SSH has ${list} (${setting} of its sshd_config may allow one of these)`,
    why: `the host offers no ${name} that it has, but ${offered}`,
  };
}

/** Names in a list of algorithms, without those that are signs for what else an SSH can do. */
function offeredNames(list: string): string {
  const names = printable(list).split(',');
  return names.filter((name) => !/^(?:kex-strict|ext-info)-/.test(name)).join(', ') || 'none';
}
