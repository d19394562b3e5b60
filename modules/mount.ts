import type { Change, Host, Plan } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import type { Mapping } from '../runner/value.ts';
import { secretValues, splitOptions } from './mount/credentials.ts';
import type { FstabEntry, Mount } from './mount/fstab.ts';
import { parseMountinfo, withEntry, withoutEntry } from './mount/fstab.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import { unlessEarlier } from './shared/forecast.ts';
import { runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';
import type { TextFile } from './shared/text-file.ts';
import { planEdit, textFile } from './shared/text-file.ts';

type State = 'absent' | 'absent_from_fstab' | 'mounted' | 'present' | 'unmounted' | 'remounted' | 'ephemeral';

interface Given {
  readonly src?: string | undefined;
  readonly opts?: string | undefined;
  readonly boot: boolean;
  readonly backup: boolean;
  readonly state: State;
}

interface Current {
  readonly fstab: TextFile;
  readonly path: string;
  readonly mounted: Mount | undefined;
  readonly exists: boolean;
  /** Whether the path is a directory that holds something; asked for in check mode only. */
  readonly filled: boolean;
  /** Whether src names a path that is not there; asked for in check mode only. */
  readonly sourceless: boolean;
}

export default stateModule({
  name: 'mount',
  collections: ['ansible.posix'],
  summary: 'Mount file systems and keep fstab.',
  notes: [
    'state mounted mounts first and writes fstab when that has worked, so that a wrong entry never stays in fstab. Ansible writes it first and takes it back.',
    'A password of cifs (password= in opts) goes to mount.cifs in its environment, not on a command line. Other secrets in opts are seen in the list of processes while it is mounted, of which a warning tells: put them into a file that opts name (credentials=, secretfile=).',
    'Options that begin with x- (but for x-mount.) stand in fstab and are not given to mount: they are for other programs, and busybox’s mount would fail for them.',
    'state absent looks at fstab as Ansible does: a mount without an entry there stays; use unmounted for it.',
  ],
  examples: `
- ansible.posix.mount:
    path: /var/lib/etcd
    src: /dev/vdb1
    fstype: ext4
    opts: noatime
    state: mounted
- name: No swap after the next boot
  ansible.posix.mount:
    path: none
    src: /swapfile
    fstype: swap
    state: absent_from_fstab
`,
  returns: { name: 'The path.', fstab: 'The file.', backup_file: 'The copy that was kept, with backup.' },
  args: {
    path: { type: 'path', required: true, aliases: ['name'], doc: 'Where it is mounted; none for swap.' },
    src: { type: 'path', doc: 'What is mounted.' },
    fstype: { type: 'str', doc: 'The kind of file system.' },
    opts: { type: 'str', doc: 'Options of mount (default defaults).' },
    dump: { type: 'str', default: '0', doc: 'Fifth field of fstab.' },
    passno: { type: 'str', default: '0', doc: 'Sixth field of fstab.' },
    state: {
      type: 'str',
      required: true,
      choices: ['absent', 'absent_from_fstab', 'mounted', 'present', 'unmounted', 'remounted', 'ephemeral'],
      doc: 'mounted: in fstab and mounted. present: in fstab. ephemeral: mounted only. absent: neither, and its folder removed.',
    },
    fstab: { type: 'str', default: '/etc/fstab', doc: 'The file.' },
    boot: { type: 'bool', default: true, doc: 'Mount at boot; no adds noauto.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of fstab.' },
  },
  rules: {
    requiredIf: [
      ['state', 'mounted', ['src', 'fstype']],
      ['state', 'present', ['src', 'fstype']],
      ['state', 'ephemeral', ['src', 'fstype']],
    ],
  },
  async probe(args, host): Promise<Current> {
    const content = Number.MAX_SAFE_INTEGER;
    const path = args.path.length > 1 ? args.path.replace(/\/+$/, '') : args.path;
    const script = [
      filePrelude,
      fileProbe(pathWord(args.fstab), { follow: true, content, backup: args.backup }),
      `r; q=${pathWord(path)}; k path "$q"; [ ! -e "$q" ] || echo exists=1; x=$(readlink -f "$q"); k real "$x"`,
      '[ ! -r /proc/self/mountinfo ] || b mounts < /proc/self/mountinfo',
    ];
    if (host.checkMode) script.push(forecastProbe(args.src));
    const [fstab, mount] = await runRecords(host, script.join('\n'));
    if (mount!.text('path') === '') throw new ModuleFailure('the path is empty');
    const mounts = parseMountinfo(mount!.text('mounts') ?? '');
    return {
      fstab: textFile(parseFileState(fstab!)),
      path: mount!.text('path')!,
      mounted: mounts.get(mount!.text('path')!) ?? mounts.get(mount!.text('real')!),
      exists: mount!.has('exists'),
      filled: mount!.has('filled'),
      sourceless: mount!.has('sourceless'),
    };
  },
  plan(args, current, host) {
    const { opts, warnings } = options(args);
    const entry = {
      src: args.src ?? '',
      path: current.path,
      fstype: args.fstype ?? '',
      opts,
      dump: args.dump,
      passno: args.passno,
    };
    for (const password of secretValues(opts)) host.controller.hideSecrets(hidden, { password });
    const plan = plans[args.state](args, current, entry, host);
    const mounts = plan.changes.some(({ command }) => /\bmount -/.test(command ?? ''));
    const { exposed } = splitOptions(entry.fstype, opts);
    if (mounts && exposed.length > 0) {
      const names = exposed.join(', ');
      warnings.push(`Everybody on the host could see ${names} of opts in the list of processes while it was mounted.`);
    }
    if (host.checkMode) warnings.push(...forecast(args, current, plan.changes));
    const result = { ...entry, name: current.path, fstab: current.fstab.state.path, backup_file: '' };
    return { ...plan, warnings, result: { ...result, ...kept(plan.result) } };
  },
});

/** sh text for check mode: whether the path `$q` holds something, and whether a path of src is missing. */
function forecastProbe(src: string | undefined): string {
  const source = src?.startsWith('/') ? `[ -e ${quote(src)} ] || echo sourceless=1; ` : '';
  return `${source}x=$(ls -A "$q" 2>/dev/null); [ ! -d "$q" ] || [ -z "$x" ] || echo filled=1`;
}

/** What check mode warns of: a run would fail, as the host is now. */
function forecast(args: Given, current: Current, changes: readonly Change[]): string[] {
  const { state, src } = args;
  const { path, mounted } = current;
  if (state === 'remounted' && !mounted) return [unlessEarlier(`nothing is mounted at ${path}`, 'mount it')];
  const removes = state === 'absent' && changes.length > 0 && !mounted && current.filled;
  if (removes) return [unlessEarlier(`${path} is not empty, so that it cannot be removed`, 'empty it')];
  const mounts = (state === 'mounted' || state === 'ephemeral') && changes.length > 0;
  return mounts && current.sourceless ? [unlessEarlier(`there is no ${src}`, 'make it')] : [];
}

/** What is secret in opts, as arguments that are hidden. */
const hidden = { password: { type: 'str', noLog: true, doc: 'A secret among opts.' } } as const;

/** Of a file's plan only the backup is told; the file's attributes are not the mount's. */
function kept(result: Mapping | undefined): Mapping {
  return typeof result?.backup_file === 'string' ? { backup_file: result.backup_file } : {};
}

function options(args: Given): { opts: string; warnings: string[] } {
  const opts = args.opts ?? 'defaults';
  const list = opts.split(',');
  if (list.includes('noauto')) return { opts, warnings: ["Ignore the 'boot' due to 'opts' contains 'noauto'."] };
  if (args.boot) return { opts, warnings: [] };
  if (list.includes('defaults')) return { opts, warnings: ["Ignore the 'boot' due to 'opts' contains 'defaults'."] };
  return { opts: `${opts},noauto`, warnings: [] };
}

type Planner = (args: Given, current: Current, entry: FstabEntry, host: Host) => Plan;

const plans: Readonly<Record<State, Planner>> = {
  present: planFstab,
  absent_from_fstab: planFstab,
  absent(args, current, entry, host) {
    const edit = planFstab(args, current, entry, host);
    if (edit.changes.length === 0) return edit;
    const changes = current.mounted ? [unmount(current)] : [];
    if (current.exists)
      changes.push(command(`folder ${current.path}`, 'there', 'removed', `rmdir ${quote(current.path)}`));
    return { ...edit, changes: [...changes, ...edit.changes] };
  },
  unmounted: (_, current) => ({ changes: current.mounted ? [unmount(current)] : [] }),
  mounted(args, current, entry, host) {
    const edit = planFstab(args, current, entry, host);
    if (!current.mounted) return { ...edit, changes: [mountChange(current, entry), ...edit.changes] };
    if (edit.changes.length === 0) return edit;
    return { ...edit, changes: [remount(current, entry), ...edit.changes] };
  },
  ephemeral(_, current, entry) {
    if (!current.mounted) return { changes: [mountChange(current, entry)] };
    if (current.mounted.src === entry.src) return { changes: [remount(current, entry)] };
    throw new ModuleFailure(
      'Ephemeral mount point is already mounted with a different source than the specified one. Use state: unmounted first, or another path.',
    );
  },
  remounted(args, current, entry) {
    const path = quote(current.path);
    const given = args.opts !== undefined && entry.opts !== 'defaults';
    const again = `umount ${path} && mount ${path}`;
    const type = entry.fstype || current.mounted?.fstype || '';
    const { shown, password } = splitOptions(type, given ? ownOptions(entry.opts) : '');
    const options = quote(['remount', shown].filter((part) => part !== '').join(','));
    const script = given ? `mount -o ${options} ${path}` : `mount -o remount ${path} || { ${again}; }`;
    return { changes: [withPassword(command(`mount of ${current.path}`, 'mounted', 'remounted', script), password)] };
  },
};

function planFstab(args: Given, { fstab, path }: Current, entry: FstabEntry, host: Host): Plan {
  const removed = args.state.startsWith('absent');
  const text = removed ? withoutEntry(fstab.text, path, args.src) : withEntry(fstab.text, entry);
  return planEdit({ backup: args.backup }, fstab, { text, msg: '', makeFolder: true }, host);
}

function command(what: string, before: string, after: string, script: string): Change {
  return { what, before, after, command: script };
}

/**
 * The options that are mount's: what begins with `x-` stands in fstab for other programs, as systemd, and busybox's mount would
 * hand it on to the kernel, which refuses it. `x-mount.` is for mount itself.
 */
function ownOptions(opts: string): string {
  const kept = opts.split(',').filter((option) => !/^x-(?!mount\.)/.test(option));
  return kept.length === 0 ? 'defaults' : kept.join(',');
}

/** The change, with what it needs to know without anybody seeing it. */
function withPassword(change: Change, password: string | undefined): Change {
  if (password === undefined) return change;
  return { ...change, command: `PASSWD=$(cat); export PASSWD\n${change.command}`, stdin: password };
}

function mountWords({ src, path, fstype, opts }: FstabEntry): string {
  const { shown } = splitOptions(fstype, ownOptions(opts));
  const given = shown === 'defaults' || shown === '' ? '' : ` -o ${quote(shown)}`;
  return `mount -t ${quote(fstype)}${given} ${quote(src)} ${quote(path)}`;
}

function mountChange(current: Current, entry: FstabEntry): Change {
  const path = quote(current.path);
  const mount = mountWords(entry);
  const script = current.exists ? mount : `mkdir -p ${path} && { ${mount} || { rmdir ${path}; exit 32; }; }`;
  const change = command(`mount of ${current.path}`, 'not mounted', `${entry.src} mounted`, script);
  return withPassword(change, splitOptions(entry.fstype, entry.opts).password);
}

function unmount(current: Current): Change {
  const before = `${current.mounted?.src} mounted`;
  return command(`mount of ${current.path}`, before, 'not mounted', `umount ${quote(current.path)}`);
}

function remount(current: Current, entry: FstabEntry): Change {
  const path = quote(current.path);
  const again = `umount ${path} && ${mountWords(entry)}`;
  const { shown, password } = splitOptions(entry.fstype, ownOptions(entry.opts));
  const opts = shown === 'defaults' || shown === '' ? 'remount' : `remount,${shown}`;
  const same = current.mounted?.src === entry.src && current.mounted.fstype === entry.fstype;
  const script = same ? `mount -o ${quote(opts)} ${path} 2>/dev/null || { ${again}; }` : again;
  const change = command(
    `mount of ${current.path}`,
    `${current.mounted?.src} mounted`,
    `${entry.src} remounted`,
    script,
  );
  return withPassword(change, password);
}
