import type { Flavour, LabHost } from '../settings.ts';
import { dress } from './dress.ts';
import { type RootName, rootOf } from './roots.ts';

/** Which program people log in by. */
export type Server = 'openssh' | 'dropbear' | 'tinysshd';

/** What a target is made of, as the table below says it. */
export interface Recipe {
  readonly name: string;
  /** For the document: what is unusual. */
  readonly what: string;
  readonly root: RootName;
  /** Whether its systemd boots; else the server is all that runs. */
  readonly boots?: boolean;
  readonly server?: Server;
  /** Lines for sshd_config. */
  readonly sshd?: readonly string[];
  /** Further files of the host, by their names, with mode 0444: rules for becoming another user. */
  readonly rules?: Readonly<Record<string, string>>;
  /** The program that /bin/sh is, and the users' login shell. */
  readonly sh?: string;
  /** No bash on the host. */
  readonly bashless?: boolean;
  /** Variables of the host, beside the usual ones. */
  readonly vars?: Readonly<Record<string, unknown>>;
  /** Variables for systemd-nspawn. */
  readonly environment?: Readonly<Record<string, string>>;
  readonly packageManager: 'apt' | 'dnf5' | 'unknown';
  /** Tags of tasks that are left out here, and why. */
  readonly without?: Readonly<Record<string, string>>;
  /** Names of tasks that are known to go otherwise than expected, and why. */
  readonly known?: Readonly<Record<string, string>>;
}

/** One of the targets, ready to be started. */
export interface Target extends Recipe {
  readonly host: LabHost;
}

const noSystemd = { systemd: 'not booted' };
const noDnf = { dnf: 'not there' };
const small = { ...noSystemd, ...noDnf };
const aptOnce = { apt: 'as on the whole Debians', packages: 'as on the whole Debians' };

function shell(name: string, sh: string, what: string, bashless = true): Recipe {
  return { name, what, root: 'bookworm', sh, bashless, packageManager: 'apt', without: { ...small, ...aptOnce } };
}

function restricted(name: string, what: string, sshd: readonly string[], more: Partial<Recipe> = {}): Recipe {
  return { name, what, root: 'trixie', sshd, packageManager: 'apt', without: { ...small, ...aptOnce }, ...more };
}

function whole(name: RootName, what: string, more: Partial<Recipe> = {}): Recipe {
  return { name, what, root: name, boots: true, packageManager: 'apt', without: noDnf, ...more };
}

/** One way to become another user. */
function becoming(name: string, what: string, more: Partial<Recipe>): Recipe {
  return { ...restricted(name, what, []), root: 'become', ...more };
}

const polkitRule = `polkit.addRule(function (action, subject) {
  if (action.id == "org.freedesktop.systemd1.manage-units" && subject.user == "kplay") return polkit.Result.YES;
});
`;

const byPassword = { ansible_user: 'operator', ansible_password: 'operator', ansible_become_password: 'operator' };

const recipes: readonly Recipe[] = [
  shell('sh-bash', '/bin/bash', 'sh and login shell are bash', false),
  shell('sh-dash', '/bin/dash', 'sh and login shell are dash; no bash'),
  shell('sh-busybox', '/bin/busybox', 'sh and login shell are busybox; no bash'),
  shell('sh-mksh', '/bin/mksh', 'sh and login shell are mksh; no bash'),
  shell('sh-mksh-bash', '/bin/mksh', 'sh and login shell are mksh; bash is there', false),
  shell('sh-ksh93', '/bin/ksh93', 'sh and login shell are ksh93; no bash'),
  shell('sh-yash', '/usr/bin/yash', 'sh and login shell are yash; no bash'),
  shell('sh-posh', '/bin/posh', 'sh and login shell are posh; no bash'),
  shell('sh-zsh', '/bin/zsh', 'sh and login shell are zsh; no bash'),

  restricted('no-terminal', 'PermitTTY no, DisableForwarding yes, no sftp', [
    'PermitTTY no',
    'DisableForwarding yes',
    'Subsystem sftp /bin/false',
  ]),
  restricted('one-session', 'MaxSessions 1', ['MaxSessions 1']),
  restricted('one-cipher', 'aes256-gcm, one MAC, curve25519 and ed25519 only', [
    'Ciphers aes256-gcm@openssh.com',
    'MACs hmac-sha2-512-etm@openssh.com',
    'KexAlgorithms curve25519-sha256',
    'HostKeyAlgorithms ssh-ed25519',
    'PubkeyAcceptedAlgorithms ssh-ed25519',
  ]),
  // The one that Debian 12's own ssh knows, too.
  restricted('post-quantum', 'key exchange by sntrup761x25519-sha512 only', [
    'KexAlgorithms sntrup761x25519-sha512@openssh.com',
  ]),
  restricted('rekey', 'RekeyLimit 1M, ClientAliveInterval 1', ['RekeyLimit 1M', 'ClientAliveInterval 1']),
  restricted('forced', 'ForceCommand that passes the command on, a banner with escapes', [
    'ForceCommand /bin/sh -c "$SSH_ORIGINAL_COMMAND"',
    'Banner /etc/ssh/banner',
  ]),
  restricted(
    'two-factor',
    'AuthenticationMethods publickey,password; sudo asks for a password',
    ['Match User operator', 'AuthenticationMethods publickey,password'],
    { vars: byPassword },
  ),
  restricted(
    'keyboard',
    'keyboard-interactive only; sudo asks for a password',
    ['KbdInteractiveAuthentication yes', 'Match User operator', 'AuthenticationMethods keyboard-interactive'],
    { vars: byPassword },
  ),
  restricted('few-starts', 'MaxStartups 1, MaxAuthTries 1', ['MaxStartups 1', 'MaxAuthTries 1']),
  restricted('su', 'su with a password', [], {
    vars: { ansible_become_method: 'su', ansible_become_password: 'kplay' },
  }),
  becoming('doas-password', 'doas that asks for a password', {
    rules: { 'etc/doas.conf': 'permit kplay\n' },
    vars: { ansible_become_method: 'doas', ansible_become_password: 'kplay' },
  }),
  becoming('requiretty', 'sudo with requiretty and use_pty', {
    rules: { 'etc/sudoers.d/zz-terminal': 'Defaults requiretty, use_pty\n' },
  }),
  becoming('sudo-rs', 'sudo-rs that asks for a password', {
    vars: { ...byPassword, ansible_become_exe: 'sudo-rs' },
  }),
  becoming('run0', 'run0 that polkit lets, booted', {
    boots: true,
    rules: { 'etc/polkit-1/rules.d/10-kplay.rules': polkitRule },
    vars: { ansible_become_method: 'run0' },
    without: { ...noDnf, ...aptOnce },
  }),

  {
    ...restricted('tinysshd', 'tinysshd: one session, curve25519 and chacha20 only', []),
    root: 'bookworm',
    server: 'tinysshd',
  },
  { ...restricted('dropbear', 'dropbear without sftp', []), root: 'bookworm', server: 'dropbear' },
  {
    name: 'busybox',
    what: 'busybox alone, dropbear, doas',
    root: 'busybox',
    server: 'dropbear',
    packageManager: 'unknown',
    vars: { ansible_become_method: 'doas' },
    without: {
      ...small,
      apt: 'no package manager',
      packages: 'no package manager',
      curl: 'uri needs curl',
      'ssh-keygen': 'known_hosts needs ssh-keygen',
      groupadd: 'group needs groupadd',
      useradd: 'user needs useradd',
      locales: 'not there',
      tzdata: 'not there',
      sha224: 'no sha224sum',
      strip: 'its tar has no --strip-components',
    },
  },

  whole('trixie', 'Debian 13, booted'),
  whole('sid', 'Debian unstable, booted', { environment: { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' } }),
  whole('bullseye', 'Debian 11, booted'),
  whole('fedora', 'sid with dnf5 and rpm 6 that calls itself Fedora, booted', {
    environment: { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: '1' },
    packageManager: 'dnf5',
    without: { apt: 'not there', locales: 'locale-gen is Debian’s' },
  }),
];

/** What each server is started by, where no systemd does it. */
const servers: Readonly<Record<Server, string>> = {
  openssh: 'mkdir -p /run/sshd; exec /usr/sbin/sshd -D -e',
  dropbear: 'exec dropbear -F -E -r /etc/dropbear/host_key -p 22',
  tinysshd: 'exec tcpserver -HRDl0 0.0.0.0 22 /usr/sbin/tinysshd -v /etc/tinyssh/sshkeydir',
};

function targetOf(recipe: Recipe, index: number): Target {
  const server = servers[recipe.server ?? 'openssh'];
  const flavour: Flavour = {
    lower: rootOf(recipe.root),
    dress: (root) => dress(recipe, root),
    start: recipe.boots === true ? undefined : `/bin/sh /usr/local/lib/kplay-lab/host-start; ${server}`,
    environment: recipe.environment,
  };
  return { ...recipe, host: { name: recipe.name, address: `172.31.1.${10 + index}`, flavour } };
}

/** All targets, in the document's order. */
export const targets: readonly Target[] = recipes.map(targetOf);

/** Picks targets by name, all of them when none is given. Throws for a name that is none of theirs. */
export function pickTargets(names: readonly string[]): readonly Target[] {
  if (names.length === 0) return targets;
  return names.map((name) => {
    const target = targets.find((one) => one.name === name);
    if (target === undefined)
      throw new Error(`no target ${name}; there are ${targets.map((one) => one.name).join(', ')}`);
    return target;
  });
}
