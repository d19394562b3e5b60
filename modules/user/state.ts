import type { Arguments } from '../../runner/module/arguments.ts';
import type { Host } from '../../runner/module/contract.ts';
import { linesOf, runSections, section } from '../shared/probe.ts';
import { quote } from '../shared/shell-quote.ts';
import type { userArguments } from './arguments.ts';

export type UserArguments = Arguments<typeof userArguments>;

/** What the host says of a user. */
export interface UserState {
  readonly exists: boolean;
  readonly uid: number;
  readonly gid: number;
  /** Name of the primary group. */
  readonly group: string;
  readonly comment: string;
  readonly home: string;
  readonly shell: string;
  /** Further groups. */
  readonly groups: readonly string[];
  /** The password's hash as in /etc/shadow; undefined when it may not be read. */
  readonly password: string | undefined;
  readonly minimumDays: string;
  readonly maximumDays: string;
  readonly warnDays: string;
  /** Day on which the account expires, empty for never. */
  readonly expires: string;
  readonly homeExists: boolean;
  readonly sshKey: string | undefined;
  /** What ssh-keygen says of the public key, in one line. */
  readonly sshFingerprint: string | undefined;
  readonly sshKeyExists: boolean;
  /** Groups of the task that do not exist. */
  readonly missingGroups: readonly string[];
  /** Names and numbers of the task's groups. */
  readonly groupNames: ReadonlyMap<string, string>;
  /** Whose programs make users there: useradd of shadow, or adduser of busybox; Debian's adduser needs useradd itself. */
  readonly tools: 'shadow' | 'busybox' | undefined;
  /** The user that has the number that is asked for; asked for in check mode only. */
  readonly holder: string | undefined;
}

/** The file of the user's SSH key, as sh text that expands where $h is the home folder. */
export function keyFile(args: UserArguments): string {
  const file = args.ssh_key_file ?? `.ssh/id_${args.ssh_key_type}`;
  return file.startsWith('/') ? quote(file) : `"$h"/${quote(file)}`;
}

/** Reads a user, in one round trip. */
export async function probeUser(args: UserArguments, host: Host): Promise<UserState> {
  const name = quote(args.name);
  const groups = [...(args.groups ?? []), ...(args.group === undefined ? [] : [args.group])];
  const fallback = `e=$(exec awk -F: -v n=${name} '$1 == n' /etc/passwd 2>/dev/null)`;
  const passwd = args.local ? fallback : `e=$(exec getent passwd ${name} 2>/dev/null) || ${fallback}`;
  // Each process costs more than all the text: one awk looks at both files.
  const sections = await runSections(
    host,
    section('passwd', `${passwd}; printf '%s\\n' "$e"; h=\${e#*:*:*:*:*:}; h=\${h%%:*}; g=\${e#*:*:*:}; g=\${g%%:*}`) +
      section(
        'accounts',
        `a=$(exec awk -F: -v n=${name} -v g="$g" '${accountsProgram}' /etc/group /etc/shadow 2>/dev/null)
printf '%s\\n' "$a"; case $a in *'primary '*) ;; *) [ -z "$e" ] || printf 'primary %s\\n' "$(id -gn ${name} 2>/dev/null)";; esac`,
      ) +
      section('home', '[ -n "$h" ] && [ -d "$h" ] && echo yes') +
      section(
        'key',
        args.generate_ssh_key
          ? `[ -e ${keyFile(args)} ] && { echo exists; cat ${keyFile(args)}.pub 2>/dev/null; ssh-keygen -l -f ${keyFile(args)}.pub 2>&1; }`
          : ':',
      ) +
      section('tools', toolsProbe) +
      (host.checkMode ? section('holder', holderProbe(args)) : '') +
      section('wanted', groups.map((group) => groupLookUp(group)).join('\n')),
  );
  return parseUser(sections);
}

function holderProbe({ uid, non_unique }: UserArguments): string {
  if (uid === undefined || non_unique) return ':';
  return `getent passwd ${uid} 2>/dev/null || awk -F: -v n=${uid} '$3 == n' /etc/passwd`;
}

const toolsProbe =
  'if command -v useradd >/dev/null 2>&1; then echo shadow; elif x=$(adduser --help 2>&1); case $x in *BusyBox*) ;; *) false ;; esac; then echo busybox; fi';

/** Prints the user's primary group, further groups, and line of /etc/shadow, each behind a word that tells which it is. */
const accountsProgram = [
  'FILENAME == "/etc/shadow" { if ($1 == n) print "shadow " $0; next }',
  'g != "" && $3 == g && !p { p = 1; print "primary " $1 }',
  '{ m = split($4, a, ","); for (i = 1; i <= m; i++) if (a[i] == n) print "group " $1 }',
].join('; ');

function groupLookUp(group: string): string {
  const word = quote(group);
  const byFile = `n=$(exec awk -F: -v n=${word} '$1 == n || $3 == n { print; exit }' /etc/group)`;
  return `n=$(exec getent group ${word} 2>/dev/null) || ${byFile}; printf '%s\\t%s\\n' ${word} "\${n%%:*}"`;
}

/** Parses what the probe printed. */
function parseUser(sections: ReadonlyMap<string, string>): UserState {
  const entry = linesOf(sections.get('passwd'))[0];
  const [, , uid = '', gid = '', comment = '', home = '', shell = ''] = (entry ?? '').split(':');
  const accounts = (kind: string): string[] =>
    linesOf(sections.get('accounts')).flatMap((line) =>
      line.startsWith(`${kind} `) ? [line.slice(kind.length + 1)] : [],
    );
  const shadowEntry = accounts('shadow')[0];
  const [, password, , minimum = '', maximum = '', warn = '', , expires = ''] = (shadowEntry ?? '').split(':');
  const key = linesOf(sections.get('key'));
  const wanted = linesOf(sections.get('wanted')).map((line) => line.split('\t') as [string, string?]);
  return {
    exists: entry !== undefined,
    uid: Number(uid),
    gid: Number(gid),
    group: accounts('primary')[0] ?? '',
    comment,
    home,
    shell,
    groups: accounts('group'),
    password: shadowEntry === undefined ? undefined : password,
    minimumDays: minimum,
    maximumDays: maximum,
    warnDays: warn,
    expires,
    homeExists: (sections.get('home') ?? '').includes('yes'),
    sshKey: key[1],
    sshFingerprint: key[2],
    sshKeyExists: key[0] === 'exists',
    missingGroups: wanted.filter(([, name]) => !name).map(([group]) => group),
    groupNames: new Map(wanted.map(([group, name]) => [group, name ?? group])),
    tools: toolsOf(linesOf(sections.get('tools'))[0]),
    holder: linesOf(sections.get('holder'))[0]?.split(':')[0],
  };
}

function toolsOf(word: string | undefined): UserState['tools'] {
  return word === 'shadow' || word === 'busybox' ? word : undefined;
}
