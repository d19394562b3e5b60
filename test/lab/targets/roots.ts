import { release } from 'node:os';
import path from 'node:path';
import { type CachePart, ensurePart } from '../cache.ts';
import { folders } from '../settings.ts';
import { runContained } from '../shell.ts';

/** What a root is made of. */
export type RootName = 'bookworm' | 'trixie' | 'become' | 'sid' | 'bullseye' | 'fedora' | 'busybox';

/** The directory of a root. */
export function rootOf(name: RootName): string {
  return path.join(folders.cache, name);
}

const server = [
  ...['openssh-server', 'openssh-sftp-server', 'iproute2', 'iputils-ping', 'netbase', 'procps', 'kmod', 'sudo'],
  ...['ca-certificates', 'tzdata', 'less', 'curl', 'unzip', 'xz-utils', 'bzip2', 'locales', 'acl'],
];
const booted = ['systemd', 'systemd-sysv', 'dbus', 'libpam-systemd', 'udev', ...server, 'gnupg', 'cron'];
/** One root for the shells and the servers that are not OpenSSH: Debian 12, the newest with yash. */
const many = [
  ...[...server, 'bash', 'dash', 'busybox', 'mksh', 'ksh93u+m', 'yash', 'posh', 'zsh'],
  ...['tinysshd', 'ucspi-tcp', 'dropbear-bin', 'opendoas', 'netcat-openbsd'],
];

/** The ways to become another user, beside sudo and su. */
const becoming = ['sudo-rs', 'opendoas', 'polkitd'];

function debian(name: RootName, packages: readonly string[], suite: string = name): CachePart {
  return {
    name,
    inputs: [release(), ...packages],
    sources: ['build/target-root.sh', 'build/target-users.sh', 'build/modules.sh', 'build/sources.sh'],
    make: async () => {
      await runContained('target-root.sh', [name, suite, ...packages], { log: `${name}.log` });
    },
  };
}

const sid = debian('sid', booted);
const parts: Readonly<Record<RootName, readonly CachePart[]>> = {
  bookworm: [debian('bookworm', many)],
  trixie: [debian('trixie', booted)],
  become: [debian('become', [...booted, ...becoming], 'trixie')],
  bullseye: [debian('bullseye', booted)],
  sid: [sid],
  fedora: [
    sid,
    {
      name: 'fedora',
      inputs: sid.inputs,
      sources: [...sid.sources, 'build/target-fedora.sh'],
      make: async () => {
        await runContained('target-fedora.sh', ['fedora', 'sid'], { log: 'fedora.log' });
      },
    },
  ],
  busybox: [
    {
      name: 'busybox',
      inputs: [release()],
      sources: [
        'build/target-busybox.sh',
        'build/modules.sh',
        'build/sources.sh',
        'files/root/usr/local/lib/kplay-lab/host-start',
      ],
      make: async () => {
        await runContained('target-busybox.sh', ['busybox'], { log: 'busybox.log' });
      },
    },
  ],
};

const packages: CachePart = {
  name: 'packages',
  inputs: [],
  sources: ['build/target-packages.sh', 'build/publish.sh', 'build/rpm-publish.sh'],
  make: async () => {
    await runContained('target-packages.sh', [], { log: 'packages.log' });
  },
};

/** Makes what is missing of these roots, and the packages that the battery installs, one after the other. */
export async function ensureRoots(names: readonly RootName[], say: (text: string) => void): Promise<void> {
  await ensurePart(packages, say);
  for (const name of names) for (const part of parts[name]) await ensurePart(part, say);
}
