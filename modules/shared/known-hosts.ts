import { createHmac } from 'node:crypto';

/** A line of a known_hosts file. */
export interface HostKey {
  /** `@cert-authority`, `@revoked`, or empty. */
  readonly marker: string;
  /** Names separated by commas, or one hash. */
  readonly hosts: string;
  readonly type: string;
  readonly key: string;
}

/** Reads a line of known_hosts; undefined for comments and what is none. */
export function parseHostKey(line: string): HostKey | undefined {
  const words = line.trim().split(/\s+/);
  if (words[0] === undefined || words[0] === '' || words[0].startsWith('#')) return undefined;
  const marker = words[0].startsWith('@') ? words.shift()! : '';
  const [hosts, type, key] = words;
  if (hosts === undefined || type === undefined || key === undefined) return undefined;
  return { marker, hosts, type, key };
}

/** Whether the names of a line mean the host: by hash, or by patterns of which none that begins with ! may match. */
export function hostMatches(hosts: string, name: string): boolean {
  const hash = /^\|1\|([^|]+)\|(.+)$/.exec(hosts);
  if (hash) return createHmac('sha1', Buffer.from(hash[1]!, 'base64')).update(name).digest('base64') === hash[2];
  let matches = false;
  for (const pattern of hosts.toLowerCase().split(',')) {
    const negated = pattern.startsWith('!');
    if (!wildcards(negated ? pattern.slice(1) : pattern).test(name)) continue;
    if (negated) return false;
    matches = true;
  }
  return matches;
}

function wildcards(pattern: string): RegExp {
  const source = pattern
    .split(/([*?])/)
    .map((part) => (part === '*' ? '.*' : part === '?' ? '.' : part.replace(/[\\^$.|+()[\]{}]/g, '\\$&')));
  return new RegExp(`^${source.join('')}$`, 's');
}
