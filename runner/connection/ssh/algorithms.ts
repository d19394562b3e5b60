import type { Algorithms } from 'ssh2';
import constantsFile from 'ssh2/lib/protocol/constants.js';
import { KplayError } from '../../errors.ts';
import { markOption } from './beyond.ts';
import type { Target } from './target.ts';

const constants = constantsFile as Readonly<Record<string, string[]>>;

interface Kind {
  readonly option: string;
  readonly field: 'serverHostKey' | 'kex' | 'cipher' | 'hmac';
  readonly constant: string;
}

const kinds: readonly Kind[] = [
  { option: 'hostkeyalgorithms', field: 'serverHostKey', constant: 'SERVER_HOST_KEY' },
  { option: 'kexalgorithms', field: 'kex', constant: 'KEX' },
  { option: 'ciphers', field: 'cipher', constant: 'CIPHER' },
  { option: 'macs', field: 'hmac', constant: 'MAC' },
];

/** The algorithms to offer: OpenSSH's options applied, host key types of `preferred` first. Throws KplayError. */
export function algorithmsFor(target: Target, preferred: readonly string[]): Algorithms {
  const result: Record<string, string[]> = {};
  for (const { option, field, constant } of kinds) {
    const written = target.algorithms[option];
    const defaults = constants[`DEFAULT_${constant}`] ?? [];
    let list =
      written === undefined ? defaults : applyList(written, defaults, constants[`SUPPORTED_${constant}`] ?? []);
    if (list.length === 0) {
      throw markOption(
        new KplayError({
          code: 'unsupported',
          message: `kplay knows none of the algorithms of ${option} "${written}"`,
        }),
      );
    }
    // Who gives an order of their own gets it, as with OpenSSH.
    if (field === 'serverHostKey' && (written === undefined || /^[+-]/.test(written)))
      list = preferTypes(list, preferred);
    result[field] = list;
  }
  return result as Algorithms;
}

/** OpenSSH's list: `a,b` replaces, `+a` adds, `-a` takes away, `^a` puts first. */
function applyList(written: string, defaults: readonly string[], supported: readonly string[]): string[] {
  const sign = /^[+^-]/.exec(written)?.[0] ?? '';
  const names = written.slice(sign.length).split(',');
  const named = names.flatMap((name) => supported.filter((algorithm) => matches(algorithm, name)));
  const others = defaults.filter((algorithm) => !named.includes(algorithm));
  if (sign === '+') return [...defaults, ...named.filter((algorithm) => !defaults.includes(algorithm))];
  if (sign === '-') return others;
  return sign === '^' ? [...named, ...others] : named;
}

function matches(algorithm: string, name: string): boolean {
  if (!name.includes('*')) return algorithm === name;
  return new RegExp(`^${name.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*')}$`).test(algorithm);
}

function preferTypes(list: readonly string[], types: readonly string[]): string[] {
  const wanted = (algorithm: string) => types.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return [...list.filter(wanted), ...list.filter((algorithm) => !wanted(algorithm))];
}
