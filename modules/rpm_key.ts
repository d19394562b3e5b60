import type { Arguments } from '../runner/module/arguments.ts';
import type { Host } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { fileBytes, urlBytes } from './shared/host-bytes.ts';
import { plainDownload } from './shared/http-download.ts';
import type { PublicKey } from './shared/openpgp.ts';
import { dearmor, hasId, parseKeys } from './shared/openpgp.ts';
import { linesOf, runSections, section } from './shared/probe.ts';
import { scratchDirectory } from './shared/scratch.ts';
import { quote } from './shared/shell-quote.ts';

const args = {
  key: { type: 'str', required: true, doc: 'A file of the host, a URL, or the id of a key to remove.' },
  fingerprint: { type: 'str', doc: 'The fingerprint that the key must have.' },
  state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether rpm knows the key.' },
  validate_certs: { type: 'bool', default: true, doc: "Whether the server's certificate is checked." },
} as const;

type Given = Arguments<typeof args>;

interface Current {
  /** What rpm calls the keys that it knows, in small letters: up to rpm 5 the last 8 digits of the fingerprint, from rpm 6 on all of it. */
  readonly imported: readonly string[];
  /** The key that was read, with its text; undefined for a bare id. */
  readonly key: PublicKey | undefined;
  readonly data: Buffer;
}

export default stateModule({
  name: 'rpm_key',
  summary: "Add or remove a key of rpm's database.",
  notes: ['gpg is not needed on the host: the key is read here.'],
  examples: `
- ansible.builtin.rpm_key:
    key: https://download.docker.com/linux/centos/gpg
    fingerprint: 060A 61C5 1B55 8A7F 742B  77AA C52F EB6B 621E 9F35
`,
  returns: {},
  args,
  async probe(given, host): Promise<Current> {
    const isId = /^(0x)?[0-9A-Fa-f]{8,64}$/.test(given.key.replace(/\s/g, ''));
    const sections = await runSections(host, section('keys', "rpm -q gpg-pubkey --qf '%{VERSION}\\n' 2>/dev/null"));
    const imported = linesOf(sections.get('keys')).map((line) => line.trim().toLowerCase());
    if (isId) return { imported, key: undefined, data: Buffer.alloc(0) };
    const data = await readKey(given, host);
    return { imported, key: parseKeys(data)[0], data };
  },
  plan(given, current) {
    const { key } = current;
    if (!key && given.state === 'present') throw new ModuleFailure(`there is no key at ${given.key}`);
    const wanted = given.fingerprint?.replace(/\s/g, '');
    if (key && wanted !== undefined && !hasId(key, wanted)) {
      throw new ModuleFailure(
        `The specified fingerprint, '${wanted}', does not match any key fingerprints in '${key.fingerprint}'`,
      );
    }
    const id = (key?.fingerprint ?? given.key.replace(/^0x|\s/g, '')).toLowerCase();
    const there = current.imported.filter((name) => isNameOf(name, id));
    const what = `key ${key?.fingerprint ?? given.key}`;
    if (given.state === 'absent') {
      return { changes: there.length === 0 ? [] : [{ what, before: 'imported', command: removal(there, given.key) }] };
    }
    const isThere = there.length > 0;
    if (isThere) return { changes: [] };
    const command = `${scratchDirectory()}; cat >"$d/key" && rpm --import "$d/key"`;
    return { changes: [{ what, after: 'imported', command, stdin: armored(current.data) }] };
  },
});

/** Whether rpm's name of a key and an id, or a fingerprint, mean the same key. Ids are the end of a fingerprint, those of version 6 its start. */
function isNameOf(name: string, id: string): boolean {
  if (!/^[0-9a-f]+$/.test(name)) return false;
  if (name.length === 8) return id.endsWith(name);
  return name.endsWith(id) || (name.length === 64 && name.startsWith(id));
}

/** rpm 6 knows whole fingerprints, removes keys with another command, and means one key by each. Throws {@link ModuleFailure}. */
function removal(names: readonly string[], wanted: string): string {
  const [name, ...others] = [...new Set(names)];
  if (name!.length === 8) return `rpm --erase --allmatches gpg-pubkey-${name}`;
  if (others.length > 0) throw new ModuleFailure(`${wanted} is the end of several keys' fingerprints; give one whole`);
  return `rpmkeys --delete ${name}`;
}

function readKey(given: Given, host: Host): Promise<Buffer> {
  const complaint = `could not get the key ${given.key}`;
  return /^https?:\/\//.test(given.key)
    ? urlBytes(plainDownload(given.key, given.validate_certs), host, complaint)
    : fileBytes(quote(given.key), host, complaint);
}

/** rpm wants ASCII armor. */
function armored(data: Buffer): string {
  if (data.toString('latin1').includes('-----BEGIN PGP')) return data.toString('latin1');
  const body = dearmor(data).toString('base64').replace(/.{64}/g, '$&\n');
  return `-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n${body}\n-----END PGP PUBLIC KEY BLOCK-----\n`;
}
