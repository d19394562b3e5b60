import type { Arguments } from '../runner/module/arguments.ts';
import type { Host } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { fileBytes, urlBytes } from './shared/host-bytes.ts';
import { plainDownload } from './shared/http-download.ts';
import type { PublicKey } from './shared/openpgp.ts';
import { armored, hasId, parseKeys } from './shared/openpgp.ts';
import { linesOf, runSections, section } from './shared/probe.ts';
import { scratchDirectory } from './shared/scratch.ts';
import { quote } from './shared/shell-quote.ts';

const args = {
  key: { type: 'str', required: true, doc: 'A file of the host, a URL, or the id of a key to remove.' },
  fingerprint: { type: 'list', elements: 'str', doc: 'The fingerprints that keys of the file must have.' },
  state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether rpm knows the key.' },
  validate_certs: { type: 'bool', default: true, doc: "Whether the server's certificate is checked." },
} as const;

type Given = Arguments<typeof args>;

interface Current {
  readonly imported: readonly ImportedKey[];
  /** The keys that were read, with their text; undefined for a bare id. */
  readonly keys: readonly PublicKey[] | undefined;
  readonly data: Buffer;
}

/** A key that rpm knows. */
interface ImportedKey {
  /** What rpm calls it, in small letters: up to rpm 5 the last 8 digits of the fingerprint, from rpm 6 on all of it. */
  readonly name: string;
  /** The key itself, undefined when rpm tells of none that can be read. */
  readonly key: PublicKey | undefined;
}

export default stateModule({
  name: 'rpm_key',
  summary: "Add or remove a key of rpm's database.",
  notes: [
    'gpg is not needed on the host: the key is read here.',
    'Of a file with several keys all are meant; Ansible looks at the first one.',
  ],
  examples: `
- ansible.builtin.rpm_key:
    key: https://download.docker.com/linux/centos/gpg
    fingerprint: 060A 61C5 1B55 8A7F 742B  77AA C52F EB6B 621E 9F35
`,
  returns: {},
  args,
  async probe(given, host): Promise<Current> {
    const isId = /^(0x)?[0-9A-Fa-f]{8,64}$/.test(given.key.replace(/\s/g, ''));
    const query = `x=$(rpm -q gpg-pubkey --qf '%{VERSION}\\n%{DESCRIPTION}\\n' 2>&1) || case $x in *'not installed'*) ;; *) printf '%s\\n' "$x" >&2; exit 1 ;; esac
printf '%s\\n' "$x"`;
    const imported = parseImported((await runSections(host, section('keys', query))).get('keys') ?? '');
    if (isId) return { imported, keys: undefined, data: Buffer.alloc(0) };
    const data = await readKey(given, host);
    return { imported, keys: parseKeys(data), data };
  },
  plan(given, current) {
    const { keys } = current;
    if (!keys?.length && given.state === 'present') throw new ModuleFailure(`there is no key at ${given.key}`);
    if (keys) checkFingerprints(given, keys);
    const prints = keys?.map(({ fingerprint }) => fingerprint);
    const what = `key ${prints?.join(', ') ?? given.key}`;
    if (given.state === 'absent') {
      const names = current.imported.filter((one) => isWanted(one, given, keys)).map(({ name }) => name);
      const command = names.length === 0 ? undefined : removal(names, keys ? undefined : given.key);
      return { changes: command === undefined ? [] : [{ what, before: 'imported', command }] };
    }
    const isThere = keys!.every((key) => current.imported.some((one) => isSameKey(one, key)));
    if (isThere) return { changes: [] };
    const command = `${scratchDirectory()}; cat >"$d/key" && rpm --import "$d/key"`;
    return { changes: [{ what, after: 'imported', command, stdin: armored(current.data) }] };
  },
});

/** What rpm tells of its keys: a name in a line, and behind it the key in ASCII armor. */
function parseImported(output: string): ImportedKey[] {
  const blocks = output.match(/-----BEGIN PGP[\s\S]*?-----END PGP[^\n]*/g) ?? [];
  const keys = blocks.flatMap(readableKeys);
  const names = linesOf(output.replace(/-----BEGIN PGP[\s\S]*?-----END PGP[^\n]*/g, ''))
    .map((line) => line.trim().toLowerCase())
    .filter((line) => /^[0-9a-f]+$/.test(line));
  return names.map((name) => ({ name, key: keys.find((key) => isNameOf(name, key.fingerprint.toLowerCase())) }));
}

function readableKeys(block: string): PublicKey[] {
  try {
    return parseKeys(Buffer.from(block, 'latin1'));
  } catch (error) {
    if (error instanceof ModuleFailure) return [];
    throw error;
  }
}

function checkFingerprints(given: Given, keys: readonly PublicKey[]): void {
  const wanted = (given.fingerprint ?? []).map((text) => text.replace(/\s/g, ''));
  if (wanted.every((print) => keys.some((key) => hasId(key, print)))) return;
  throw new ModuleFailure(
    `The specified fingerprint, '${wanted.join(', ')}', does not match any key fingerprints in '${keys.map(({ fingerprint }) => fingerprint).join(', ')}'`,
  );
}

function isWanted(one: ImportedKey, given: Given, keys: readonly PublicKey[] | undefined): boolean {
  if (keys) return keys.some((key) => isSameKey(one, key));
  const id = given.key.replace(/^0x|\s/g, '');
  return isNameOf(one.name, id.toLowerCase()) || (one.key !== undefined && hasId(one.key, id));
}

/** Two keys may end in the same 8 digits, so that the name alone tells only where the key is not to be had. */
function isSameKey({ name, key }: ImportedKey, wanted: PublicKey): boolean {
  return key ? key.fingerprint === wanted.fingerprint : isNameOf(name, wanted.fingerprint.toLowerCase());
}

/** Whether rpm's name of a key and an id, or a fingerprint, mean the same key. Ids are the end of a fingerprint, those of version 6 its start. */
function isNameOf(name: string, id: string): boolean {
  if (name.length === 8) return id.endsWith(name);
  return name.endsWith(id) || (name.length === 64 && name.startsWith(id));
}

/**
 * rpm 6 knows whole fingerprints, and removes keys with another command. Throws {@link ModuleFailure} when an id, that is to mean
 * one key, means several.
 */
function removal(names: readonly string[], id: string | undefined): string {
  const unique = [...new Set(names)];
  if (unique[0]!.length === 8) return unique.map((name) => `rpm --erase --allmatches gpg-pubkey-${name}`).join(' &&\n');
  if (id !== undefined && unique.length > 1) {
    throw new ModuleFailure(`${id} is the end of several keys' fingerprints; give one whole`);
  }
  return unique.map((name) => `rpmkeys --delete ${name}`).join(' &&\n');
}

function readKey(given: Given, host: Host): Promise<Buffer> {
  const complaint = `could not get the key ${given.key}`;
  return /^https?:\/\//.test(given.key)
    ? urlBytes(plainDownload(given.key, given.validate_certs), host, complaint)
    : fileBytes(quote(given.key), host, complaint);
}
