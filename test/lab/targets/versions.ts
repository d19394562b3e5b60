import { sshCommand } from '../host.ts';
import { attempt } from '../shell.ts';
import type { Target } from './targets.ts';

/** How a target is asked for the versions of what is unusual about it; what it has not prints nothing. */
const questions: Readonly<Record<string, string>> = {
  os: '. /etc/os-release; echo "$PRETTY_NAME"',
  systemd: '[ ! -d /run/systemd/system ] || systemctl --version | sed -n "s/^systemd \\([0-9]*\\).*/\\1/p"',
  OpenSSH: '/usr/sbin/sshd -V 2>&1 | sed -n "s/.*OpenSSH_\\([^ ,]*\\).*/\\1/p" | head -n 1',
  dropbear: 'dropbear -V 2>&1 | sed -n "s/^Dropbear v//p"',
  tinysshd: 'dpkg-query -W -f "\\${Version}" tinysshd 2>/dev/null',
  sudo: 'sudo -V 2>/dev/null | sed -n "s/^Sudo version //p"',
  'sudo-rs': 'dpkg-query -W -f "\\${Version}" sudo-rs 2>/dev/null',
  doas: 'dpkg-query -W -f "\\${Version}" opendoas 2>/dev/null',
  apt: 'apt-get --version 2>/dev/null | sed -n "s/^apt \\([^ ]*\\).*/\\1/p"',
  dnf5: 'dnf5 --version 2>/dev/null | sed -n "s/^dnf5 version //p" | head -n 1',
  rpm: 'rpm --version 2>/dev/null | sed "s/.* //"',
  busybox: 'busybox 2>/dev/null | sed -n "1s/^BusyBox v\\([^ ]*\\).*/\\1/p"',
};

/** Packages whose version tells that of the shell. */
const shells: Readonly<Record<string, string>> = {
  '/bin/bash': 'bash',
  '/bin/dash': 'dash',
  '/bin/mksh': 'mksh',
  '/bin/ksh93': 'ksh93u+m',
  '/usr/bin/yash': 'yash',
  '/bin/posh': 'posh',
  '/bin/zsh': 'zsh',
};

/** The versions of what makes a target unusual, by their names; those of other targets are left out. */
export async function versionsOf(target: Target): Promise<Readonly<Record<string, string>>> {
  const shell = shells[target.sh ?? ''];
  const wanted: [string, string][] = Object.entries(questions).filter(([name]) => matters(target, name));
  if (shell !== undefined) wanted.push([shell, `dpkg-query -W -f "\\\${Version}" '${shell}'`]);
  const found: [string, string][] = [];
  for (const [name, text] of wanted) {
    const { stdout } = await attempt(...sshCommand(target.host, 'root', text));
    if (stdout.trim() !== '') found.push([name, stdout.trim()]);
  }
  return Object.fromEntries(found);
}

function matters(target: Target, name: string): boolean {
  const server = target.server ?? 'openssh';
  if (name === 'OpenSSH') return server === 'openssh';
  if (name === 'dropbear' || name === 'tinysshd') return server === name;
  if (name === 'busybox') return target.root === 'busybox' || target.sh === '/bin/busybox';
  if (name === 'sudo-rs' || name === 'doas') return target.root === 'become' && target.name.startsWith(name);
  if (name === 'sudo') return target.boots === true || target.name === 'requiretty';
  if (name === 'apt') return target.boots === true;
  return true;
}
