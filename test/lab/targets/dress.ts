import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { loginKey } from '../keys.ts';
import { folders, network } from '../settings.ts';
import type { Recipe } from './targets.ts';

/** A host's own files, by their names within its root. */
class Root {
  readonly #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  path(name: string): string {
    return path.join(this.#root, name);
  }

  has(name: string): boolean {
    return existsSync(this.path(name));
  }

  write(name: string, content: string | Buffer, mode = 0o644): void {
    mkdirSync(path.dirname(this.path(name)), { recursive: true });
    writeFileSync(this.path(name), content);
    chmodSync(this.path(name), mode);
  }
}

/** Makes a fresh root what the recipe says; the host's network and keys are written already. */
export function dress(recipe: Recipe, folder: string): void {
  const root = new Root(folder);
  if (recipe.packageManager === 'apt') nameDebianSources(root);
  if (recipe.packageManager === 'dnf5') nameRpmSources(root);
  if (recipe.sh !== undefined) replaceShell(root, recipe.sh, recipe.bashless === true);
  setPasswords(root, folder);
  levelUmask(root);
  for (const [name, text] of Object.entries(recipe.rules ?? {})) root.write(name, text, 0o444);
  const server = recipe.server ?? 'openssh';
  if (server === 'openssh') writeSshd(root, recipe.sshd ?? []);
  else authorizeLogin(root);
  if (server === 'dropbear') convertDropbearKey(root);
  if (server === 'tinysshd') convertTinyKey(root);
}

function nameDebianSources(root: Root): void {
  const keys = 'usr/share/keyrings';
  copyFileSync(path.join(folders.www, 'deb/key.asc'), root.path(`${keys}/kplay-lab.asc`));
  copyFileSync(path.join(folders.www, 'deb-extra/key.asc'), root.path(`${keys}/battery-extra.asc`));
  root.write(
    'etc/apt/sources.list',
    `deb [signed-by=/${keys}/kplay-lab.asc] http://${network.gateway}/deb battery main\n`,
  );
}

function nameRpmSources(root: Root): void {
  const key = 'etc/pki/rpm-gpg/RPM-GPG-KEY-kplay-lab';
  root.write(key, readFileSync(path.join(folders.www, 'rpm/key.asc')));
  const settings = [
    'name=Battery',
    `baseurl=http://${network.gateway}/rpm`,
    'enabled=1',
    'gpgcheck=1',
    `gpgkey=file:///${key}`,
  ];
  root.write('etc/yum.repos.d/battery.repo', `[battery]\n${settings.join('\n')}\n`);
}

/** sh and every login shell become the program given. */
function replaceShell(root: Root, program: string, bashless: boolean): void {
  rmSync(root.path('usr/bin/sh'), { force: true });
  symlinkSync(program, root.path('usr/bin/sh'));
  const users = readFileSync(root.path('etc/passwd'), 'utf8');
  root.write('etc/passwd', users.replaceAll(/:\/bin\/bash$/gm, ':/bin/sh'));
  if (bashless) for (const name of ['bash', 'rbash']) rmSync(root.path(`usr/bin/${name}`), { force: true });
}

/** root and kplay have the password kplay, where there are passwords. */
function setPasswords(root: Root, folder: string): void {
  if (!root.has('usr/sbin/chpasswd')) return;
  execFileSync('chroot', [folder, '/usr/sbin/chpasswd'], { input: 'root:kplay\nkplay:kplay\n' });
}

/** Debian 13 lets members of a user's own group write: what a task leaves is compared with other releases, so all have 022. */
function levelUmask(root: Root): void {
  for (const file of ['etc/pam.d/common-session', 'etc/pam.d/common-session-noninteractive']) {
    if (!root.has(file)) continue;
    const text = readFileSync(root.path(file), 'utf8');
    root.write(file, text.replace(/pam_umask\.so$/m, 'pam_umask.so nousergroups'));
  }
}

function writeSshd(root: Root, lines: readonly string[]): void {
  const text = ['PermitRootLogin yes', ...lines, ''].join('\n');
  root.write('etc/ssh/sshd_config.d/00-target.conf', text);
  root.write('etc/ssh/banner', 'Keep \u001b[31mout\u001b[0m.\n');
}

/** For servers that read no list but the users' own. */
function authorizeLogin(root: Root): void {
  for (const [home, id] of [
    ['root', 0],
    ['home/kplay', 1000],
  ] as const) {
    root.write(`${home}/.ssh/authorized_keys`, readFileSync(`${loginKey}.pub`), 0o600);
    chmodSync(root.path(`${home}/.ssh`), 0o700);
    for (const name of ['.ssh', '.ssh/authorized_keys']) chownSync(root.path(`${home}/${name}`), id, id);
  }
}

function convertDropbearKey(root: Root): void {
  mkdirSync(root.path('etc/dropbear'), { recursive: true });
  const program = ['usr/bin/dropbearconvert', 'usr/lib/dropbear/dropbearconvert'].find((name) => root.has(name));
  if (program === undefined) throw new Error('the root has no dropbearconvert');
  const words = ['openssh', 'dropbear', '/etc/ssh/ssh_host_ed25519_key', '/etc/dropbear/host_key'];
  execFileSync('chroot', [root.path(''), `/${program}`, ...words], { stdio: 'pipe' });
}

/** tinysshd keeps the bare numbers of a key, which OpenSSH's file holds behind its length of 64. */
function convertTinyKey(root: Root): void {
  const lines = readFileSync(root.path('etc/ssh/ssh_host_ed25519_key'), 'utf8').split('\n');
  const bytes = Buffer.from(lines.filter((line) => !line.startsWith('-')).join(''), 'base64');
  const start = bytes.indexOf(Buffer.from([0, 0, 0, 64])) + 4;
  const secret = bytes.subarray(start, start + 64);
  root.write('etc/tinyssh/sshkeydir/.ed25519.sk', secret, 0o600);
  root.write('etc/tinyssh/sshkeydir/ed25519.pk', secret.subarray(32));
}
