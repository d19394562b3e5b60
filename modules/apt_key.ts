import type { Arguments } from '../runner/module/arguments.ts';
import type { Change, Host } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { identityFormat, nothingThere, removeCommand } from '../runner/module/host-files.ts';
import { encode } from '../runner/python/bytes.ts';
import { fileBytes, urlBytes } from './shared/host-bytes.ts';
import { plainDownload } from './shared/http-download.ts';
import type { PublicKey } from './shared/openpgp.ts';
import { armored, hasId, isArmored, parseKeys } from './shared/openpgp.ts';
import { runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';

const args = {
  id: { type: 'str', doc: 'Fingerprint of the key, or the last digits of it. A key with another one is refused.' },
  url: { type: 'str', doc: 'Where the host gets the key from.' },
  data: { type: 'str', doc: 'The key itself, armored.' },
  file: { type: 'path', doc: 'A file of the host with the key.' },
  keyserver: { type: 'str', doc: 'A key server, asked by HTTP for id.' },
  keyring: { type: 'path', doc: 'The keyring; a file of its own in /etc/apt/trusted.gpg.d when not given.' },
  state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether the key is trusted.' },
  validate_certs: { type: 'bool', default: true, doc: "Whether the server's certificate is checked." },
} as const;

type Given = Arguments<typeof args>;

interface Keyring {
  readonly path: string;
  /** What it must still be when it is replaced. */
  readonly identity: string;
  readonly keys: readonly PublicKey[];
  /** Why its keys could not be read, when they could not. */
  readonly refusal: string | undefined;
  /** Whether apt heeds its keys: it takes files whose names end in .asc for armored ones, all others for binary ones, and passes over those that are not. */
  readonly isHeeded: boolean;
}

interface Current {
  readonly keyrings: readonly Keyring[];
  /** The keys to add, undefined when those that are there suffice. */
  readonly offered: readonly PublicKey[] | undefined;
}

export default stateModule({
  name: 'apt_key',
  summary: 'Add or remove a key that signs packages.',
  notes: [
    'Neither apt-key nor gpg is used, so neither has to be on the host: keys are read here and written as keyrings to /etc/apt/trusted.gpg.d.',
    'Files whose names end in .asc are armored, all others binary: apt passes over those that are not, and their keys do not count here either.',
    'A key in trusted.gpg.d is trusted for every repository. Prefer get_url to /etc/apt/keyrings, and signed-by in the repository.',
  ],
  examples: `
- ansible.builtin.apt_key:
    url: https://download.docker.com/linux/debian/gpg
    id: 9DC858229FC7DD38854AE2D88D81803C0EBFCD88
`,
  returns: { fp: 'Fingerprint of the key.', key_id: 'The id that was given.', short_id: 'The last 8 digits.' },
  args,
  rules: { mutuallyExclusive: [['data', 'file', 'keyserver', 'url']] },
  async probe(given, host): Promise<Current> {
    const keyrings = await readKeyrings(given, host);
    checkNamed(given, keyrings);
    if (given.state === 'absent') return { keyrings, offered: undefined };
    const heeded = heededKeys(keyrings);
    const isThere = given.id !== undefined && heeded.some((key) => hasId(key, given.id!));
    return { keyrings, offered: isThere ? undefined : await readOffered(given, host) };
  },
  plan(given, current) {
    const result = { ...(given.id === undefined ? {} : { key_id: given.id, short_id: given.id.slice(-8) }) };
    if (given.state === 'absent') return { changes: removals(given, current), result };
    if (!current.offered) return { changes: [], result };
    checkOffered(given, current.offered);
    const known = heededKeys(current.keyrings).map((key) => key.fingerprint);
    const missing = current.offered.filter((key) => !known.includes(key.fingerprint));
    return { changes: additions(given, current, missing), result: { ...result, fp: current.offered[0]!.fingerprint } };
  },
});

async function readKeyrings(given: Given, host: Host): Promise<Keyring[]> {
  const files =
    given.keyring === undefined
      ? '/etc/apt/trusted.gpg /etc/apt/trusted.gpg.d/*.gpg /etc/apt/trusted.gpg.d/*.asc'
      : quote(given.keyring);
  const rings = await runRecords(
    host,
    `for f in ${files}; do [ -e "$f" ] || [ -L "$f" ] || continue
r; k path "$f"; k identity "$(TZ=UTC0; export TZ; exec stat -c '${identityFormat}' "$f")"; [ ! -s "$f" ] || b keys <"$f"; done`,
  );
  return rings.map((ring) => {
    const path = ring.text('path') ?? '';
    const data = ring.bytes('keys') ?? Buffer.alloc(0);
    const isHeeded = isArmored(data) === isArmoredName(path);
    return { path, identity: ring.text('identity') ?? nothingThere, isHeeded, ...readableKeys(data) };
  });
}

/** A keyring in a format that apt itself would not read holds no keys for it. */
function readableKeys(data: Buffer): Pick<Keyring, 'keys' | 'refusal'> {
  // gpg keeps its own keyrings as such: the first blob's length, kind and version stand before the word.
  if (data.toString('latin1', 8, 12) === 'KBXf')
    return { keys: [], refusal: 'it is a keybox, which apt does not read' };
  try {
    return { keys: parseKeys(data), refusal: undefined };
  } catch (error) {
    if (error instanceof ModuleFailure) return { keys: [], refusal: error.message };
    throw error;
  }
}

/** Whoever wrote the keyring anew would lose what could not be read. */
function checkNamed({ keyring }: Given, keyrings: readonly Keyring[]): void {
  const unreadable = keyring === undefined ? undefined : keyrings.find(({ refusal }) => refusal !== undefined);
  if (!unreadable) return;
  throw new ModuleFailure(
    `the keyring ${unreadable.path} is left alone: ${unreadable.refusal} (gpg --export makes one that apt reads)`,
  );
}

async function readOffered(given: Given, host: Host): Promise<PublicKey[]> {
  if (given.data !== undefined) return parseKeys(encode(given.data));
  const complaint = 'could not get the key';
  if (given.file !== undefined) return parseKeys(await fileBytes(pathWord(given.file), host, complaint));
  return parseKeys(await urlBytes(plainDownload(keyUrl(given), given.validate_certs), host, complaint));
}

function keyUrl(given: Given): string {
  if (given.url !== undefined) return given.url;
  if (given.keyserver === undefined)
    throw new ModuleFailure('one of data, file, keyserver, url is needed to add a key');
  if (given.id === undefined) throw new ModuleFailure('keyserver needs id');
  const server = given.keyserver.replace(/\/$/, '');
  const base = /^https?:/.test(server)
    ? server
    : server.startsWith('hkps://')
      ? `https://${server.slice(7)}`
      : `http://${server.replace(/^hkp:\/\//, '').replace(/^([^:]+)$/, '$1:11371')}`;
  const id = given.id.replace(/^0x/i, '').replace(/\s/g, '');
  return `${base}/pks/lookup?op=get&options=mr&search=0x${id}`;
}

function checkOffered(given: Given, offered: readonly PublicKey[]): void {
  if (offered.length === 0) throw new ModuleFailure('there is no public key in it');
  if (given.id === undefined || offered.some((key) => hasId(key, given.id!))) return;
  const found = offered.map((key) => key.fingerprint).join(', ');
  throw new ModuleFailure(
    `key does not seem to have been added: ${given.id} was asked for, ${found} is what was offered`,
  );
}

function additions(given: Given, current: Current, missing: readonly PublicKey[]): Change[] {
  if (given.keyring === undefined) {
    return missing.map((key) =>
      addition(current, `/etc/apt/trusted.gpg.d/kplay-${key.fingerprint.slice(-16)}.gpg`, [key]),
    );
  }
  return missing.length === 0 ? [] : [addition(current, given.keyring, missing)];
}

function addition(current: Current, path: string, keys: readonly PublicKey[]): Change {
  const present = current.keyrings.find((ring) => ring.path === path);
  const added = keys.map(({ fingerprint }) => fingerprint);
  const others = (present?.keys ?? []).filter(({ fingerprint }) => !added.includes(fingerprint));
  const source = keyringBytes(path, [...others, ...keys]);
  const replaces = present?.identity ?? nothingThere;
  return {
    what: `key ${keys.map(({ fingerprint }) => fingerprint).join(', ')}`,
    after: path,
    send: { source, destination: path, attributes: { mode: '0644' }, replaces },
  };
}

function isArmoredName(path: string): boolean {
  return path.endsWith('.asc');
}

function heededKeys(keyrings: readonly Keyring[]): PublicKey[] {
  return keyrings.flatMap((ring) => (ring.isHeeded ? ring.keys : []));
}

function keyringBytes(path: string, keys: readonly PublicKey[]): Buffer {
  const binary = Buffer.concat(keys.map(({ bytes }) => bytes));
  return isArmoredName(path) ? Buffer.from(armored(binary)) : binary;
}

function removals(given: Given, current: Current): Change[] {
  const { id } = given;
  if (id === undefined) throw new ModuleFailure('id is needed to remove a key');
  return current.keyrings.flatMap((ring): Change[] => {
    const kept = ring.keys.filter((key) => !hasId(key, id));
    if (kept.length === ring.keys.length) return [];
    const what = `key ${id}`;
    const { path, identity } = ring;
    if (kept.length === 0) return [{ what, before: path, command: removeCommand(path, identity), guarded: true }];
    const source = keyringBytes(path, kept);
    return [{ what, before: path, send: { source, destination: path, attributes: {}, replaces: identity } }];
  });
}
