import { ModuleFailure } from '../../runner/module/contract.ts';
import { quote, quoteAll } from '../shared/shell-quote.ts';
import type { UserArguments, UserState } from './state.ts';

/** What of an account can be changed one by one. */
export type AccountField = 'uid' | 'group' | 'comment' | 'home' | 'shell' | 'expiry';

/** How a user's further groups are to change. */
export interface GroupsChange {
  readonly wanted: readonly string[];
  readonly missing: readonly string[];
  readonly surplus: readonly string[];
}

/** The programs of a host that make and change accounts, as sh text. Each throws {@link ModuleFailure} for what they cannot do. */
export interface AccountTools {
  /** Makes the account, in these further groups; `expiry` is a date. */
  create(args: UserArguments, user: UserState, groups: readonly string[], expiry: string | undefined): string;
  remove(args: UserArguments, user: UserState): string;
  modify(args: UserArguments, field: AccountField, value: string): string;
  setGroups(args: UserArguments, change: GroupsChange): string;
  lock(name: string, isLocked: boolean): string;
  /** Sets one limit of chage, by its flag. */
  setAge(name: string, flag: string, days: number): string;
  /** Whether `create` leaves the home directory to be made. */
  readonly leavesHome: boolean;
}

/** `-g NAME` (or what busybox wants) for a user whose own group is there already: the programs refuse otherwise. */
function ownGroup(args: UserArguments, flag: string): string {
  if (args.group !== undefined) return '';
  return `$(awk -F: -v n=${quote(args.name)} '$1 == n { print "${flag}", n }' /etc/group)`;
}

const flags: Readonly<Record<AccountField, string>> = {
  uid: '-u',
  group: '-g',
  comment: '-c',
  home: '-d',
  shell: '-s',
  expiry: '-e',
};

/** useradd, usermod and userdel, of the package shadow. */
export const shadowTools: AccountTools = {
  leavesHome: false,
  create(args, user, groups, expiry) {
    const words = ['useradd'];
    if (args.uid !== undefined) words.push('-u', String(args.uid), ...(args.non_unique ? ['-o'] : []));
    if (args.group !== undefined) words.push('-g', user.groupNames.get(args.group) ?? args.group);
    if (groups.length > 0) words.push('-G', groups.join(','));
    if (args.comment !== undefined) words.push('-c', args.comment);
    if (args.home !== undefined) words.push('-d', args.home);
    if (args.shell !== undefined) words.push('-s', args.shell);
    if (expiry !== undefined) words.push('-e', expiry);
    words.push(args.create_home ? '-m' : '-M');
    if (args.create_home && args.skeleton !== undefined) words.push('-k', args.skeleton);
    if (args.create_home && args.umask !== undefined) words.push('-K', `UMASK=${args.umask}`);
    if (args.system) words.push('-r');
    return `${quoteAll(words)} ${ownGroup(args, '-g')} -- ${quote(args.name)}`;
  },
  remove(args, { home }) {
    const words = [...(args.force ? ['-f'] : []), ...(args.remove ? ['-r'] : [])];
    // userdel -r ends with 12 when it leaves the home folder there, and older ones also when there is none, or no mail spool.
    return `userdel ${quoteAll([...words, args.name])} || { r=$?; [ $r -eq 12 ] && [ ! -e ${quote(home)} ] || exit $r; }`;
  },
  modify(args, field, value) {
    const words = [flags[field], value];
    if (field === 'uid' && args.non_unique) words.push('-o');
    if (field === 'home' && args.move_home) words.push('-m');
    return `usermod ${quoteAll(words)} -- ${quote(args.name)}`;
  },
  setGroups(args, { wanted, missing }) {
    const words = args.append ? ['-a', '-G', missing.join(',')] : ['-G', wanted.join(',')];
    return `usermod ${quoteAll(words)} -- ${quote(args.name)}`;
  },
  lock: (name, isLocked) => `usermod ${isLocked ? '-L' : '-U'} -- ${quote(name)}`,
  setAge: (name, flag, days) => `chage ${flag} ${days} ${quote(name)}`,
};

/** Places of what busybox has no program for, in a line of /etc/passwd. */
const columns: Readonly<Record<Exclude<AccountField, 'expiry'>, number>> = {
  uid: 3,
  group: 4,
  comment: 5,
  home: 6,
  shell: 7,
};

/** adduser, deluser and delgroup of busybox, as Alpine has them. What they cannot change is changed in /etc/passwd, as Ansible does. */
export const busyboxTools: AccountTools = {
  leavesHome: true,
  create(args, user, groups, expiry) {
    if (args.non_unique) throw lacking('non_unique');
    if (expiry !== undefined) throw lacking('expires');
    const words = ['adduser', '-D', '-H'];
    if (args.uid !== undefined) words.push('-u', String(args.uid));
    if (args.group !== undefined) words.push('-G', user.groupNames.get(args.group) ?? args.group);
    if (args.comment !== undefined) words.push('-g', args.comment);
    if (args.home !== undefined) words.push('-h', args.home);
    if (args.shell !== undefined) words.push('-s', args.shell);
    if (args.system) words.push('-S');
    const name = quote(args.name);
    // It makes locked accounts, which sshd lets nobody into, not with a key either; those of Ansible only have no password.
    const unlocked = `printf '%s:*\\n' ${name} | chpasswd -e`;
    const further = groups.map((group) => `adduser ${name} ${quote(group)}`);
    return [`${quoteAll(words)} ${ownGroup(args, '-G')} ${name}`, unlocked, ...further].join(' &&\n');
  },
  remove: (args) => `deluser ${args.remove ? '--remove-home ' : ''}${quote(args.name)}`,
  modify(args, field, value) {
    if (field === 'expiry') throw lacking('expires');
    const home = `$(awk -F: -v n=${quote(args.name)} '$1 == n { print $6 }' /etc/passwd)`;
    const move = field === 'home' && args.move_home ? `mv "${home}" ${quote(value)} && ` : '';
    const entry = field === 'group' ? groupNumber(value) : `v=${quote(value)}`;
    // awk would read escapes in what it is given with -v.
    const program = `BEGIN { FS = OFS = ":" } $1 == ENVIRON["n"] { $${columns[field]} = ENVIRON["v"] } { print }`;
    return `${move}${entry} && export v && n=${quote(args.name)} && export n && cp -p /etc/passwd /etc/passwd.kplay &&
awk ${quote(program)} /etc/passwd >/etc/passwd.kplay && mv /etc/passwd.kplay /etc/passwd`;
  },
  setGroups(args, { missing, surplus }) {
    const name = quote(args.name);
    const added = missing.map((group) => `adduser ${name} ${quote(group)}`);
    return [...added, ...surplus.map((group) => `delgroup ${name} ${quote(group)}`)].join(' &&\n');
  },
  lock: (name, isLocked) => `passwd ${isLocked ? '-l' : '-u'} ${quote(name)}`,
  setAge() {
    throw lacking('password_expire_max, password_expire_min and password_expire_warn');
  },
};

function groupNumber(group: string): string {
  return `v=$(awk -F: -v g=${quote(group)} '$1 == g { print $3; exit }' /etc/group) && [ "$v" ]`;
}

function lacking(what: string): ModuleFailure {
  return new ModuleFailure(`${what}: busybox cannot do that; install the package shadow on the host`);
}
