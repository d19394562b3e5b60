import type { Change } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { temporaryToken } from '../../runner/module/host-files.ts';
import { folderFunction } from '../shared/make-folder.ts';
import { scratchDirectory } from '../shared/scratch.ts';
import { quote } from '../shared/shell-quote.ts';
import type { AccountField, AccountTools } from './account-tools.ts';
import { busyboxTools, shadowTools } from './account-tools.ts';
import type { UserArguments, UserState } from './state.ts';
import { keyFile } from './state.ts';

const secondsOfDay = 86400;

/**
 * What makes, changes or removes a user. Throws {@link ModuleFailure} for groups that are not there; in check mode that is the caller's to
 * say, since an earlier task may make them.
 */
export function userChanges(args: UserArguments, user: UserState, checkMode: boolean): Change[] {
  if (user.tools === undefined) {
    throw new ModuleFailure('this host has neither useradd nor the adduser of busybox (install shadow)');
  }
  const tools = user.tools === 'shadow' ? shadowTools : busyboxTools;
  if (args.state === 'absent') return removal(args, user, tools);
  if (user.missingGroups.length > 0 && !checkMode) throw new ModuleFailure(missingGroups(user));
  const account = user.exists ? modification(args, user, tools) : creation(args, user, tools);
  return [
    ...account,
    ...passwordChange(args, user),
    ...lockChange(args, user, tools),
    ...agingChange(args, user, tools),
    ...keyChange(args, user),
  ];
}

/** The sentence about groups that are not there. */
export function missingGroups(user: UserState): string {
  return `Group ${user.missingGroups.join(', ')} does not exist`;
}

function removal(args: UserArguments, user: UserState, tools: AccountTools): Change[] {
  if (!user.exists) return [];
  return [{ what: `user ${args.name}`, before: `uid ${user.uid}`, command: tools.remove(args, user) }];
}

function wantedGroups(args: UserArguments, user: UserState): string[] | undefined {
  const names = args.groups?.map((group) => group.trim()).filter((group) => group !== '');
  return names?.map((group) => user.groupNames.get(group) ?? group);
}

function expiryDay(args: UserArguments): string | undefined {
  if (args.expires === undefined) return undefined;
  return args.expires < 0 ? '' : String(Math.floor(Number(args.expires) / secondsOfDay));
}

/** The date that useradd and usermod take. */
function expiryDate(day: string): string {
  return day === '' ? '' : new Date(Number(day) * secondsOfDay * 1000).toISOString().slice(0, 10);
}

function creation(args: UserArguments, user: UserState, tools: AccountTools): Change[] {
  const day = expiryDay(args);
  const expiry = day === undefined ? undefined : expiryDate(day);
  const command = tools.create(args, user, wantedGroups(args, user) ?? [], expiry);
  const made = { what: `user ${args.name}`, after: args.uid === undefined ? 'present' : `uid ${args.uid}`, command };
  return [
    made,
    ...(tools.leavesHome ? homeChange({ ...args, move_home: false }, { ...user, home: `/home/${args.name}` }) : []),
  ];
}

function modification(args: UserArguments, user: UserState, tools: AccountTools): Change[] {
  const changes: Change[] = [];
  const change = (field: AccountField, before: string, after: string): void => {
    const command = tools.modify(args, field, after);
    changes.push({ what: `${field} of user ${args.name}`, before, after, command });
  };
  if (args.uid !== undefined && args.uid !== user.uid) change('uid', String(user.uid), String(args.uid));
  const group = args.group === undefined ? undefined : (user.groupNames.get(args.group) ?? args.group);
  if (group !== undefined && group !== user.group) change('group', user.group, group);
  changes.push(...groupsChange(args, user, group ?? user.group, tools));
  if (args.comment !== undefined && args.comment !== user.comment) change('comment', user.comment, args.comment);
  if (args.home !== undefined && args.home !== user.home) change('home', user.home, args.home);
  if (args.shell !== undefined && args.shell !== user.shell) change('shell', user.shell, args.shell);
  const day = expiryDay(args);
  if (day !== undefined && day !== user.expires) change('expiry', expiryDate(user.expires), expiryDate(day));
  return [...changes, ...homeChange(args, user)];
}

function groupsChange(args: UserArguments, user: UserState, primary: string, tools: AccountTools): Change[] {
  const wanted = wantedGroups(args, user)?.filter((group) => group !== primary);
  if (wanted === undefined) return [];
  const missing = wanted.filter((group) => !user.groups.includes(group));
  const surplus = args.append ? [] : user.groups.filter((group) => !wanted.includes(group) && group !== primary);
  if (missing.length === 0 && surplus.length === 0) return [];
  const after = args.append ? [...user.groups, ...missing] : wanted;
  return [
    {
      what: `groups of user ${args.name}`,
      before: [...user.groups].sort().join(','),
      after: [...after].sort().join(','),
      command: tools.setGroups(args, { wanted, missing, surplus }),
    },
  ];
}

/** A user that exists without a home folder gets one, as in Ansible. */
function homeChange(args: UserArguments, user: UserState): Change[] {
  if (!args.create_home || user.homeExists) return [];
  const home = args.home ?? user.home;
  if (home === '' || (args.home !== undefined && args.home !== user.home && args.move_home)) return [];
  const folder = quote(home);
  const skeleton = quote(args.skeleton ?? '/etc/skel');
  const mask = args.umask ?? '022';
  const command = `[ -d ${folder} ] || { umask ${quote(mask)}; mkdir -p ${folder} && { [ ! -d ${skeleton} ] || cp -R ${skeleton}/. ${folder}; } && chown -R "$(id -u ${quote(args.name)}):$(id -g ${quote(args.name)})" ${folder}; }`;
  return [{ what: `home folder of user ${args.name}`, after: home, command }];
}

/** The hash goes to chpasswd by its standard input; it is in no diff. */
function passwordChange(args: UserArguments, user: UserState): Change[] {
  if (args.password === undefined) return [];
  if (user.exists && args.update_password === 'on_create') return [];
  if (user.exists && (user.password ?? '').replace(/^!(?=.)/, '') === args.password.replace(/^!(?=.)/, '')) return [];
  if (/[:\n]/.test(args.password)) throw new ModuleFailure('password must be a hash, without colons and line breaks');
  return [
    {
      what: `password of user ${args.name}`,
      before: user.exists ? '(hidden)' : undefined,
      after: '(another one, hidden)',
      command: 'chpasswd -e',
      stdin: `${args.name}:${args.password}\n`,
    },
  ];
}

function lockChange(args: UserArguments, user: UserState, tools: AccountTools): Change[] {
  if (args.password_lock === undefined) return [];
  const locked = user.exists && (user.password ?? '').startsWith('!');
  if (locked === args.password_lock) return [];
  const command = tools.lock(args.name, args.password_lock);
  const [before, after] = args.password_lock ? ['unlocked', 'locked'] : ['locked', 'unlocked'];
  return [{ what: `password of user ${args.name}`, before, after, command }];
}

function agingChange(args: UserArguments, user: UserState, tools: AccountTools): Change[] {
  const limits = [
    ['-m', args.password_expire_min, user.minimumDays, 'fewest days'],
    ['-M', args.password_expire_max, user.maximumDays, 'most days'],
    ['-W', args.password_expire_warn, user.warnDays, 'days of warning'],
  ] as const;
  return limits.flatMap(([flag, wanted, present, what]) => {
    if (wanted === undefined || String(wanted) === present) return [];
    const command = tools.setAge(args.name, flag, wanted);
    return [{ what: `${what} of the password of ${args.name}`, before: present, after: String(wanted), command }];
  });
}

/**
 * ssh-keygen reads the passphrase from its terminal only, or from its command line: an askpass program gives it. The key is
 * made where only we can write, since the user's directory is the user's to change.
 */
function keyChange(args: UserArguments, user: UserState): Change[] {
  if (!args.generate_ssh_key || user.sshKeyExists) return [];
  const name = quote(args.name);
  const bits = args.ssh_key_bits === undefined ? '' : `-b ${args.ssh_key_bits} `;
  const comment = quote(args.ssh_key_comment).replace('$HOSTNAME', `'"$(hostname)"'`);
  const encrypt =
    args.ssh_key_passphrase === undefined
      ? ''
      : `
IFS= read -r KPLAY_PASSPHRASE; export KPLAY_PASSPHRASE
cat >"$d/ask" <<'end' && chmod 0700 "$d/ask" || exit 1
#!/bin/sh
cat <<words
$KPLAY_PASSPHRASE
words
end
DISPLAY=none SSH_ASKPASS="$d/ask" SSH_ASKPASS_REQUIRE=force setsid -w ssh-keygen -q -p -P '' -f "$d/key" </dev/null || exit 1`;
  const put = (suffix: string, mode: string): string =>
    `( kplay_new "$f${suffix}" ${temporaryToken()} && cat "$d/key${suffix}" >&9 && kplay_put ${mode} ${name} "$(id -g ${name})" '' '' )`;
  const command = `h=$(getent passwd ${name} 2>/dev/null || awk -F: -v n=${name} '$1 == n' /etc/passwd); h=$(printf '%s\\n' "$h" | cut -d: -f6); f=${keyFile(args)}
${folderFunction({ owner: `${args.name}:`, directory_mode: '0700' })}
[ -d "\${f%/*}" ] || ( m "\${f%/*}" ) || exit 1
${scratchDirectory()}
umask 077; ssh-keygen -q -t ${quote(args.ssh_key_type)} ${bits}-N '' -C ${comment} -f "$d/key" </dev/null || exit 1${encrypt}
${put('.pub', '0644')} && ${put('', '0600')}`;
  return [
    {
      what: `SSH key of user ${args.name}`,
      after: args.ssh_key_type,
      command,
      ...(args.ssh_key_passphrase === undefined ? {} : { stdin: `${args.ssh_key_passphrase}\n` }),
    },
  ];
}
