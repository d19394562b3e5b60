import { ModuleFailure } from '../../runner/module/contract.ts';

/** A line of authorized_keys. */
export interface AuthorizedKey {
  readonly options: string;
  readonly type: string;
  readonly key: string;
  readonly comment: string;
}

const type =
  '(?:sk-|webauthn-sk-)?(?:ssh-(?:rsa|dss|ed25519|xmss)|ecdsa-sha2-nistp(?:256|384|521)|rsa-sha2-(?:256|512))(?:-cert-v01)?(?:@openssh\\.com)?';
const pattern = new RegExp(`^\\s*(?:(\\S.*?)\\s+)?(${type})\\s+([A-Za-z0-9+/=]+)(?:[ \\t]+(.*?))?\\s*$`);

/** Reads a line; undefined for a comment or what is no key. */
export function parseKey(line: string): AuthorizedKey | undefined {
  if (/^\s*#/.test(line)) return undefined;
  const match = pattern.exec(line);
  if (!match) return undefined;
  return { options: match[1] ?? '', type: match[2]!, key: match[3]!, comment: match[4] ?? '' };
}

/** The keys of the `key` argument. Throws {@link ModuleFailure} for a line that is none. */
export function parseKeys(text: string): AuthorizedKey[] {
  const lines = text.split(/\r?\n/).filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => {
    const key = parseKey(line);
    if (!key) throw new ModuleFailure(`invalid key specified: ${line}`);
    return key;
  });
}

/** The options of a key in the order of their names, so that the same options are equal however they are written. */
function normalized(options: string): string {
  const parts = options.match(/(?:[^,"']|"(?:[^"\\]|\\.)*"|'[^']*')+/g) ?? [];
  return [...new Set(parts)].sort().join(',');
}

export function isSameKey(a: AuthorizedKey, b: AuthorizedKey): boolean {
  return a.type === b.type && a.comment === b.comment && normalized(a.options) === normalized(b.options);
}

/** The line that a key is written as. */
export function keyLine({ options, type: kind, key, comment }: AuthorizedKey): string {
  return `${[options, kind, key, comment].filter((part) => part !== '').join(' ')}\n`;
}
