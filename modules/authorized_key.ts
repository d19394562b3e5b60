import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import type { AuthorizedKey } from './authorized_key/keys.ts';
import { isSameKey, keyLine, parseKey, parseKeys } from './authorized_key/keys.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import { unlessEarlier } from './shared/forecast.ts';
import { makeFolder } from './shared/make-folder.ts';
import { runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';
import type { TextFile } from './shared/text-file.ts';
import { keepLines, planEdit, textFile, textProbe } from './shared/text-file.ts';

interface Current {
  readonly file: TextFile;
  /** The user's numbers; undefined when there is no such user. */
  readonly uid: string | undefined;
  readonly gid: string | undefined;
}

export default stateModule({
  name: 'authorized_key',
  collections: ['ansible.posix'],
  summary: 'Keep the SSH keys that may log in as a user.',
  notes: [
    'A key that is a URL is refused; fetch it with the url lookup.',
    'Lines that do not change stay as they are written, comments included.',
    'A folder of keys that is a link keeps the owner and permissions of what it leads to.',
    'In check mode a user that does not exist yet is a warning, since an earlier task may make it.',
  ],
  examples: `
- ansible.posix.authorized_key:
    user: deploy
    key: "{{ lookup('file', 'keys/deploy.pub') }}"
`,
  returns: { keyfile: 'The file.', key: 'The keys.', user: 'The user.' },
  args: {
    user: { type: 'str', required: true, doc: 'The user.' },
    key: { type: 'str', required: true, doc: 'The public keys, one on a line.' },
    path: { type: 'path', doc: 'The file (default ~user/.ssh/authorized_keys).' },
    manage_dir: { type: 'bool', default: true, doc: 'Make the file’s folder and give it to the user.' },
    state: {
      type: 'str',
      default: 'present',
      choices: ['absent', 'present'],
      doc: 'Whether the keys are to be there.',
    },
    key_options: { type: 'str', doc: 'Options that stand before the keys.' },
    exclusive: { type: 'bool', default: false, doc: 'Remove all other keys.' },
    comment: { type: 'str', doc: 'A comment in place of the keys’ own.' },
    validate_certs: {
      type: 'bool',
      unsupported: 'keys are not fetched from URLs',
      doc: 'Check the certificate of a URL.',
    },
    follow: { type: 'bool', default: false, doc: 'Follow a link at path instead of replacing it.' },
  },
  async probe(args, host): Promise<Current> {
    const user = quote(args.user);
    const word = args.path === undefined ? '"$home/.ssh/authorized_keys"' : pathWord(args.path);
    const script = [
      filePrelude,
      `u1=${user}; entry=$(getent passwd "$u1" 2>/dev/null || grep "^$u1:" /etc/passwd)`,
      'home=$(printf %s "$entry" | head -n 1 | cut -d: -f6)',
      `r; k uid "$(id -u ${user} 2>/dev/null)"; k gid "$(id -g ${user} 2>/dev/null)"; k home "$home"`,
      fileProbe(word, textProbe({}, args.follow ? 'follow' : 'replace')),
    ];
    const [user1, file] = await runRecords(host, script.join('\n'));
    const uid = user1!.text('uid') || undefined;
    if (uid === undefined && !host.checkMode) throw new ModuleFailure(`Failed to lookup user ${args.user}`);
    return { file: textFile(parseFileState(file!)), uid, gid: user1!.text('gid') || undefined };
  },
  plan(args, { file, uid, gid }, host) {
    if (/^https?:/.test(args.key))
      throw new ModuleFailure(`Error getting key from: ${args.key}: URLs are not supported`);
    const wanted = parseKeys(args.key).map((key) => ({
      ...key,
      options: args.key_options ?? key.options,
      comment: args.comment ?? key.comment,
    }));
    const text =
      args.state === 'present' ? withKeys(file.text, wanted, args.exclusive) : withoutKeys(file.text, wanted);
    const fields = { keyfile: file.state.path, key: args.key, user: args.user };
    const whose = { mode: '0600', owner: uid, group: gid };
    if (text === file.text) return { changes: [], result: fields };
    const warnings = uid === undefined ? [unlessEarlier(`Failed to lookup user ${args.user}`, 'make it')] : [];
    const edit = planEdit(whose, known(file, uid, gid), { text, msg: '', fields, makeFolder: true }, host);
    const folder = args.manage_dir ? folderChanges(file, uid, gid) : [];
    return { ...edit, changes: [...folder, ...edit.changes], warnings };
  },
});

/** The file as one whose owner's names were looked up already. */
function known(file: TextFile, uid: string | undefined, gid: string | undefined): TextFile {
  return { ...file, state: { ...file.state, wantedUid: Number(uid ?? 0), wantedGid: Number(gid ?? 0) } };
}

/** The folder of the keys is the user's, who may be turning its name elsewhere: so a link there is left alone. */
function folderChanges(file: TextFile, uid: string | undefined, gid: string | undefined): Change[] {
  const folder = file.state.path.slice(0, file.state.path.lastIndexOf('/')) || '/';
  if (!file.state.inFolder) return [makeFolder(folder, { owner: uid, group: gid, directory_mode: '0700' })];
  const path = quote(folder);
  const own = uid === undefined ? '' : `chown ${uid}:${gid} "$kplay_f" <&9 && `;
  const command = `[ -L ${path} ] || ( i=$(exec stat -c '%d %i' ${path}) && kplay_hold ${path} $i && ${own}chmod 0700 "$kplay_f" <&9 )`;
  return [{ what: `directory ${folder}`, diff: { before: '', after: '' }, command }];
}

function withKeys(text: string, wanted: readonly AuthorizedKey[], exclusive: boolean): string {
  const missing = new Map(wanted.map((key) => [key.key, key]));
  const given = new Map(missing);
  const kept = keepLines(text).filter((line) => {
    const key = parseKey(line);
    if (!key) return !exclusive;
    const other = given.get(key.key);
    if (!other) return !exclusive;
    if (!isSameKey(key, other)) return false;
    return missing.delete(key.key);
  });
  const last = kept.at(-1);
  if (last !== undefined && !last.endsWith('\n') && missing.size > 0) kept[kept.length - 1] = `${last}\n`;
  return [...kept, ...[...missing.values()].map(keyLine)].join('');
}

function withoutKeys(text: string, wanted: readonly AuthorizedKey[]): string {
  const gone = new Set(wanted.map(({ key }) => key));
  const isGone = (line: string): boolean => gone.has(parseKey(line)?.key ?? '');
  return keepLines(text)
    .filter((line) => !isGone(line))
    .join('');
}
