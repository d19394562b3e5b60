import { createHmac, randomBytes } from 'node:crypto';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { encode } from '../runner/python/bytes.ts';
import { keepLines, planEdit, readTextFile } from './shared/text-file.ts';

/** A line of known_hosts. */
interface HostKey {
  readonly marker: string;
  readonly hosts: string;
  readonly type: string;
  readonly key: string;
}

export default stateModule({
  name: 'known_hosts',
  summary: 'Keep the keys of SSH servers in a known_hosts file.',
  notes: [
    'The file is read and written here, so that the host needs no ssh-keygen, and no known_hosts.old is left.',
    'key may have several lines, one for each type. State absent with a key removes only lines with that very key.',
    'A missing folder is made, readable by its user only.',
  ],
  examples: `
- ansible.builtin.known_hosts:
    name: git.example.com
    key: git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEmz
    path: /etc/ssh/ssh_known_hosts
`,
  returns: { path: 'The file.', name: 'The host.', key: 'The key.', state: 'The state.' },
  args: {
    name: {
      type: 'str',
      required: true,
      aliases: ['host'],
      doc: 'The host, as it stands in the file; [host]:port for other ports.',
    },
    key: { type: 'str', doc: 'Its key, as a line of known_hosts that begins with the host.' },
    path: { type: 'path', default: '~/.ssh/known_hosts', doc: 'The file.' },
    hash_host: { type: 'bool', default: false, doc: 'Hide the host’s name.' },
    state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether the key is to be there.' },
  },
  probe: (args, host) => readTextFile(host, args.path, {}, 'replace'),
  plan(args, file, host) {
    const name = args.name.toLowerCase();
    const wanted = wantedKeys(args.key, name);
    if (wanted.length === 0 && args.state === 'present') throw new ModuleFailure('No key specified when adding a host');
    let lines = keepLines(file.text);
    if (args.state === 'absent') {
      lines = lines.filter((line) => !isRemoved(line, name, wanted));
    } else {
      for (const key of wanted) lines = withKey(lines, key, name, args.hash_host);
    }
    const fields = { name: args.name, key: args.key ?? null, state: args.state, hash_host: args.hash_host };
    return planEdit({}, file, { text: lines.join(''), msg: '', fields, makeFolder: true }, host);
  },
});

function parse(line: string): HostKey | undefined {
  const match = /^(@\S+)?\s*(\S+)\s+(\S+)\s+(\S+)/.exec(line.trim());
  if (!match || line.trim().startsWith('#')) return undefined;
  return { marker: match[1] ?? '', hosts: match[2]!, type: match[3]!, key: match[4]! };
}

function wantedKeys(text: string | undefined, name: string): HostKey[] {
  if (/\S\s*,\s*/.test(name)) {
    throw new ModuleFailure(
      'Comma separated list of names is not supported. Please pass a single name to lookup in the known_hosts file.',
    );
  }
  const lines = (text ?? '').split('\n').filter((line) => line.trim() !== '' && !line.trim().startsWith('#'));
  return lines.map((line) => {
    const key = parse(line);
    if (!key || !isKnownKind(key) || !isFor(key, name)) {
      throw new ModuleFailure('Host parameter does not match hashed host field in supplied key');
    }
    return key;
  });
}

/** Whether ssh would read the line: it passes over those with another marker, or a type that no SSH key has. */
function isKnownKind({ marker, type }: HostKey): boolean {
  return ['', '@cert-authority', '@revoked'].includes(marker) && /^(ssh-|ecdsa-|sk-)/.test(type);
}

/** Whether a line is for a host: by its name, a pattern, or its hash. */
function isFor({ hosts }: HostKey, name: string): boolean {
  const hashed = /^\|1\|([^|]+)\|(.+)$/.exec(hosts);
  if (hashed) return hashOf(name, Buffer.from(hashed[1]!, 'base64')) === hashed[2];
  const patterns = hosts.toLowerCase().split(',');
  const matches = (pattern: string): boolean => {
    const source = pattern.replace(/[^*?]/g, '\\$&').replace(/\\([A-Za-z0-9_])/g, '$1');
    return new RegExp(`^${source.replaceAll('*', '.*').replaceAll('?', '.')}$`).test(name);
  };
  if (patterns.some((pattern) => pattern.startsWith('!') && matches(pattern.slice(1)))) return false;
  return patterns.some((pattern) => matches(pattern));
}

function hashOf(name: string, salt: Buffer): string {
  return createHmac('sha1', salt).update(encode(name)).digest('base64');
}

function isRemoved(line: string, name: string, wanted: readonly HostKey[]): boolean {
  const key = parse(line);
  if (!key || !isFor(key, name)) return false;
  return wanted.length === 0 || wanted.some((other) => other.type === key.type && other.key === key.key);
}

/** A key of the same type is replaced; the new line stands at the end, as in Ansible. */
function withKey(lines: readonly string[], key: HostKey, name: string, hash: boolean): string[] {
  const others: string[] = [];
  let there = false;
  for (const line of lines) {
    const old = parse(line);
    const isSameKind = old && old.type === key.type && old.marker === key.marker && isFor(old, name);
    const isSame =
      isSameKind && old.key === key.key && (isHashed(old) ? hash || isHashed(key) : !hash && old.hosts === key.hosts);
    if (isSame) there = true;
    if (!isSameKind || isSame) others.push(line);
  }
  if (there) return others;
  const last = others.at(-1);
  if (last !== undefined && !last.endsWith('\n')) others[others.length - 1] = `${last}\n`;
  const salt = randomBytes(20);
  const hosts = hash ? `|1|${salt.toString('base64')}|${hashOf(name, salt)}` : key.hosts;
  return [...others, `${[key.marker, hosts, key.type, key.key].filter((part) => part !== '').join(' ')}\n`];
}

function isHashed({ hosts }: HostKey): boolean {
  return hosts.startsWith('|1|');
}
