import { createHmac, randomBytes } from 'node:crypto';
import type { Arguments } from '../runner/module/arguments.ts';
import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { editableText, editLimit, textChange } from './shared/edited-file.ts';
import type { FileState } from './shared/file-state.ts';
import { probeFile } from './shared/file-state.ts';
import { noDiff } from './shared/files.ts';
import { hostMatches, parseHostKey } from './shared/known-hosts.ts';
import { schema } from './shared/schema.ts';
import { quote } from './shared/shell-quote.ts';

const args = schema({
  name: {
    type: 'str',
    required: true,
    aliases: ['host'],
    doc: 'The host, as ssh looks it up: a name, an address, or `[host]:port`.',
  },
  key: {
    type: 'str',
    doc: 'The line or lines of the file: names, type and key. Needed for state present. Comment lines are left out.',
  },
  path: { type: 'path', default: '~/.ssh/known_hosts', doc: 'The file.' },
  hash_host: { type: 'bool', default: false, doc: 'Write the name as a hash.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'present'],
    doc: 'absent without key takes all keys of the host away, with key only that one.',
  },
});

type Given = Arguments<typeof args>;

export default stateModule({
  name: 'known_hosts',
  summary: "Add or take away a host's key in a known_hosts file.",
  notes: [
    'A key of the same type that is there for the host is replaced.',
    'key may hold several lines, such as all that ssh-keyscan prints; Ansible compares the first one only.',
    'The folder of the file is made when it is missing. ssh-keygen is not needed on the host.',
  ],
  examples: `
- ansible.builtin.known_hosts:
    name: git.example.com
    key: git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPOTiz8wZSPYqaSpLC1LYfPUOUGnJhWNy4dqgHBd3VFD
`,
  returns: { name: 'The host.', path: 'The file.', state: 'present or absent.' },
  args,
  probe: (given, host): Promise<FileState> => probeFile(host, given.path, { follow: true, content: editLimit }),
  plan(given, file) {
    const name = given.name.toLowerCase();
    const keys = keysOf(given, name);
    if (given.state === 'present' && keys.length === 0) throw new ModuleFailure('No key specified when adding a host');
    const text = editableText(file);
    const lines = text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
    const after = given.state === 'present' ? withKeys(lines, name, keys) : withoutKeys(lines, name, keys);
    const result = { name: given.name, path: file.path, state: given.state, hash_host: given.hash_host };
    const joined = after.join('');
    if (joined === text) return { changes: [], result };
    return { changes: [...folderChange(file), ...textChange(file, joined)], result };
  },
});

/** The lines of `key`, checked. */
function keysOf(given: Given, name: string): string[] {
  const lines = (given.key ?? '').split('\n').map((line) => line.trim());
  const keys = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (/\S+\s*,\s*\S/.test(name)) {
    throw new ModuleFailure(
      'Comma separated list of names is not supported. Please pass a single name to lookup in the known_hosts file.',
    );
  }
  for (const key of keys) {
    const parsed = parseHostKey(key);
    if (!parsed) throw new ModuleFailure(`not a line of known_hosts (names, type, key): ${key}`);
    if (!hostMatches(parsed.hosts, name)) {
      throw new ModuleFailure('Host parameter does not match hashed host field in supplied key');
    }
  }
  return given.hash_host ? keys.map((key) => hashed(key, name)) : keys;
}

function hashed(key: string, name: string): string {
  const { marker, type, key: blob } = parseHostKey(key)!;
  const salt = randomBytes(20);
  const hash = createHmac('sha1', salt).update(name).digest('base64');
  const rest = key.slice(key.indexOf(blob) + blob.length);
  return `${marker === '' ? '' : `${marker} `}|1|${salt.toString('base64')}|${hash} ${type} ${blob}${rest}`;
}

/** Indexes of the lines that hold keys for the host. */
function places(lines: readonly string[], name: string): number[] {
  return lines.flatMap((line, index) => {
    const parsed = parseHostKey(line);
    return parsed && hostMatches(parsed.hosts, name) ? [index] : [];
  });
}

/** Whether a line says the same as a key; hashed names differ by their salt only. */
function sameKey(line: string, key: string): boolean {
  const [one, other] = [parseHostKey(line)!, parseHostKey(key)!];
  const sameHosts = one.hosts === other.hosts || (one.hosts.startsWith('|1|') && other.hosts.startsWith('|1|'));
  return sameHosts && one.marker === other.marker && one.type === other.type && one.key === other.key;
}

function withKeys(lines: readonly string[], name: string, keys: readonly string[]): string[] {
  const after = [...lines];
  for (const key of keys) {
    const found = places(after, name);
    if (found.some((index) => sameKey(after[index]!, key))) continue;
    const { type, marker } = parseHostKey(key)!;
    const replaced = found.find((index) => {
      const line = parseHostKey(after[index]!)!;
      return line.type === type && line.marker === marker;
    });
    if (replaced !== undefined) after.splice(replaced, 1);
    const last = after.at(-1);
    if (last !== undefined && !last.endsWith('\n')) after[after.length - 1] = `${last}\n`;
    after.push(`${key}\n`);
  }
  return after;
}

function withoutKeys(lines: readonly string[], name: string, keys: readonly string[]): string[] {
  const found = new Set(places(lines, name));
  return lines.filter((line, index) => {
    if (!found.has(index)) return true;
    // Without a key certificate authorities and revoked keys stay, as ssh-keygen -R leaves them.
    if (keys.length === 0) return parseHostKey(line)!.marker !== '';
    return !keys.some((key) => sameKey(line, key));
  });
}

function folderChange(file: FileState): Change[] {
  if (file.kind !== 'absent' || file.inFolder) return [];
  const folder = file.path.slice(0, file.path.lastIndexOf('/')) || '/';
  return [{ what: `directory ${folder}`, command: `umask 077; mkdir -p ${quote(folder)}`, diff: noDiff }];
}
