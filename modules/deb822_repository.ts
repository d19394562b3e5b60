import type { Arguments } from '../runner/module/arguments.ts';
import type { Change, Host } from '../runner/module/contract.ts';
import { stateModule } from '../runner/module/contract.ts';
import { removeCommand } from '../runner/module/host-files.ts';
import { editableText, editLimit, textChange } from './shared/edited-file.ts';
import { modeBits, modeText } from './shared/file-mode.ts';
import type { FileState } from './shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import { urlBytes } from './shared/host-bytes.ts';
import { plainDownload } from './shared/http-download.ts';
import { isArmored } from './shared/openpgp.ts';
import { runRecords } from './shared/probe-records.ts';
import { quote } from './shared/shell-quote.ts';

const list = { type: 'list', elements: 'str' } as const;

const args = {
  name: { type: 'str', required: true, doc: 'Name of the repository, and of its file.' },
  state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether it is there.' },
  types: { ...list, choices: ['deb', 'deb-src'], doc: 'What it has; deb when not given.' },
  uris: { ...list, doc: 'Addresses.' },
  suites: { ...list, doc: 'Suites, or one path that ends in a slash.' },
  components: { ...list, doc: 'Components.' },
  architectures: { ...list, doc: 'Architectures.' },
  languages: { ...list, doc: 'Languages of translations.' },
  targets: { ...list, doc: 'Targets to download.' },
  signed_by: { type: 'str', doc: 'The key: a URL, a path of the host, a fingerprint, or the armored key itself.' },
  enabled: { type: 'bool', doc: 'Whether it is used.' },
  trusted: { type: 'bool', doc: 'Whether it is trusted without a signature.' },
  allow_downgrade_to_insecure: { type: 'bool', doc: 'Allow losing the signature.' },
  allow_insecure: { type: 'bool', doc: 'Allow no signature.' },
  allow_weak: { type: 'bool', doc: 'Allow weak signatures.' },
  by_hash: { type: 'bool', doc: 'Get files by their checksum.' },
  check_date: { type: 'bool', doc: "Check the release's date." },
  check_valid_until: { type: 'bool', doc: "Check the release's end." },
  date_max_future: { type: 'int', doc: 'Seconds that a release may be from the future.' },
  inrelease_path: { type: 'str', doc: 'Path of the InRelease file.' },
  pdiffs: { type: 'bool', doc: 'Get differences of lists.' },
  mode: { type: 'raw', default: '0644', doc: 'Permissions of the file.' },
  install_python_debian: { type: 'bool', default: false, doc: 'Has no effect: nothing has to be installed.' },
} as const;

type Given = Arguments<typeof args>;

interface Current {
  readonly file: FileState;
  /** The files that its key may be in. */
  readonly keys: readonly FileState[];
  /** The key that the URL holds, when it has to be compared. */
  readonly fetched: Buffer | undefined;
}

/** Field names where they are not the argument's words with capitals. */
const fieldNames: Readonly<Record<string, string>> = {
  uris: 'URIs',
  inrelease_path: 'InRelease-Path',
  pdiffs: 'PDiffs',
};

const fields = [
  'allow_downgrade_to_insecure',
  'allow_insecure',
  'allow_weak',
  'architectures',
  'by_hash',
  'check_date',
  'check_valid_until',
  'components',
  'date_max_future',
  'enabled',
  'inrelease_path',
  'languages',
  'name',
  'pdiffs',
  'signed_by',
  'suites',
  'targets',
  'trusted',
  'types',
  'uris',
] as const;

export default stateModule({
  name: 'deb822_repository',
  summary: 'Add or remove a package repository as a .sources file, its key included.',
  notes: [
    'A key from a URL is put into /etc/apt/keyrings. Package lists are not refreshed: use apt with update_cache afterwards.',
  ],
  examples: `
- ansible.builtin.deb822_repository:
    name: docker
    uris: https://download.docker.com/linux/debian
    suites: bookworm
    components: stable
    signed_by: https://download.docker.com/linux/debian/gpg
`,
  returns: { repo: "The file's text.", dest: 'The file.', key_filename: "The key's file." },
  args,
  rules: { requiredIf: [['state', 'present', ['uris', 'suites']]] },
  async probe(given, host): Promise<Current> {
    // What takes the place of a link, or is removed, is the link itself.
    const file = given.state === 'absent' ? {} : { follow: true, content: editLimit };
    const key = { throughLink: true, content: editLimit };
    const records = await runRecords(
      host,
      filePrelude +
        fileProbe(quote(sourcesPath(given)), file) +
        fileProbe(quote(keyPath(given, 'gpg')), key) +
        fileProbe(quote(keyPath(given, 'asc')), key),
    );
    const [sources, ...keys] = records.map(parseFileState);
    const fetched =
      given.state === 'present' && isUrl(given.signed_by) ? await fetchKey(given.signed_by!, host) : undefined;
    return { file: sources!, keys, fetched };
  },
  plan(given, current) {
    const dest = sourcesPath(given);
    if (given.state === 'absent') {
      const present = [current.file, ...current.keys].filter(({ kind }) => kind !== 'absent');
      return { changes: present.map(removal), result: { dest, repo: '' } };
    }
    const keyFile = current.fetched && keyPath(given, isArmored(current.fetched) ? 'asc' : 'gpg');
    const text = sourcesText(given, keyFile);
    const changes: Change[] = [];
    const key = current.keys.find(({ path }) => path === keyFile);
    if (keyFile !== undefined && !key?.content?.equals(current.fetched!)) {
      const attributes = { mode: '0644' };
      const send = { source: current.fetched!, destination: keyFile, attributes, replaces: key?.identity };
      changes.push({ what: 'folder of keys', command: 'mkdir -p /etc/apt/keyrings', diff: { before: '', after: '' } });
      changes.push({ what: `key ${keyFile}`, after: 'present', send });
    }
    const mode = modeText(modeBits(given.mode, { mode: 0o644, directory: false, umask: 0o022 }));
    if (editableText(current.file) !== text || current.file.kind === 'absent') {
      changes.push(...textChange(current.file, text, { mode }));
    } else if (modeText(current.file.mode) !== mode) {
      changes.push({
        what: 'mode',
        before: modeText(current.file.mode),
        after: mode,
        command: `chmod ${mode} ${quote(dest)}`,
      });
    }
    return { changes, result: { dest, repo: text, key_filename: keyFile ?? null } };
  },
});

function removal({ path, identity }: FileState): Change {
  return { what: path, before: 'present', command: removeCommand(path, identity), guarded: true };
}

/** The name as Ansible makes a file name of it. */
function slug(name: string): string {
  return name
    .toLowerCase()
    .replace(/[^a-z0-9_-]+/g, '-')
    .replace(/^-+|-+$/g, '');
}

function sourcesPath(given: Given): string {
  return `/etc/apt/sources.list.d/${slug(given.name)}.sources`;
}

function keyPath(given: Given, extension: string): string {
  return `/etc/apt/keyrings/${slug(given.name)}.${extension}`;
}

function isUrl(text: string | undefined): boolean {
  return text !== undefined && /^(https?|ftp):\/\//.test(text);
}

function fetchKey(url: string, host: Host): Promise<Buffer> {
  return urlBytes(plainDownload(url, true), host, `could not get the key ${url}`);
}

function sourcesText(given: Given, keyFile: string | undefined): string {
  const lines: string[] = [];
  for (const field of fields) {
    const value =
      field === 'types'
        ? (given.types ?? ['deb'])
        : field === 'signed_by'
          ? (keyFile ?? given.signed_by)
          : given[field];
    if (value === undefined || value === null) continue;
    lines.push(`${fieldName(field)}: ${fieldText(field, value)}`);
  }
  return `${lines.join('\n')}\n`;
}

function fieldName(field: string): string {
  if (field === 'name') return 'X-Repolib-Name';
  return (
    fieldNames[field] ??
    field
      .split('_')
      .map((word) => word[0]!.toUpperCase() + word.slice(1))
      .join('-')
  );
}

function fieldText(field: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (Array.isArray(value)) return value.join(' ');
  // An armored key stands in the field itself, its lines indented and empty ones dotted.
  if (field === 'signed_by' && String(value).includes('\n')) {
    return `\n${String(value)
      .trim()
      .split('\n')
      .map((line) => ` ${line.trim() === '' ? '.' : line}`)
      .join('\n')}`;
  }
  return String(value);
}
