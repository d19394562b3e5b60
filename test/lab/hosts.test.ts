import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { temporaryDirectory } from '../temporary.ts';
import { succeeds } from './expect.ts';
import type { KplayOptions } from './kplay.ts';
import { changes, kplay, trouble } from './kplay.ts';
import { lab, onHost } from './on-host.ts';
import { folders } from './settings.ts';

const hosts = ['k8s-ha01', 'k8s-ha02', 'k8s-node01'];
const limit = ['--limit', hosts.join(',')];
const folder = temporaryDirectory('kplay-hosts');
const debian = 'deb [signed-by=/usr/share/keyrings/kplay-lab.asc] http://172.31.0.2/debian bookworm main';

/** More than the lab's own values, so that what is off as shipped runs too. */
const values = JSON.stringify({
  base_vip_names: ['harbor.raymonds.cc'],
  base_locale: { LC_TIME: 'en_DK.UTF-8' },
  base_modules_script: '/etc/sysconfig-modules-ipvs',
  sources_enabled: true,
  sources_apt_lines: [`${debian} # by kplay`],
  chrony_verify: true,
});
const hostsPlaybook = ['playbooks/hosts.yml', ...limit, '-e', values];

test.before(() => lab('reset', ...hosts));

test.serial('the first contact is by password, writes host keys down, and makes the key work', async (t) => {
  const known = path.join(folder, 'known_hosts');
  const inventory = path.join(folder, 'contact.json');
  const vars = {
    ansible_user: 'operator',
    ssh_keys_file: path.join(folder, 'keys', 'id_ed25519'),
    ssh_keys_known_hosts: known,
    ssh_keys_login_options: ['-F', 'none'],
    ansible_ssh_common_args: `-o UserKnownHostsFile=${known} -o StrictHostKeyChecking=yes`,
  };
  const two = { 'k8s-ha01': { ansible_host: '172.31.3.104' }, 'k8s-node01': { ansible_host: '172.31.3.108' } };
  writeFileSync(inventory, JSON.stringify({ all: { vars, hosts: two } }));
  const contact = (more: readonly string[], options: KplayOptions = {}) =>
    kplay(['playbooks/first-contact.yml', ...more], { inventory, input: 'operator\n', ...options });

  const refused = await contact(['-k', '-e', 'ssh_keys_accept_new=false']);
  t.is(refused.code, 2);
  t.regex(trouble(refused), /172\.31\.3\.108 is not known and shows .*SHA256:.*ssh_keys_fingerprints/s);
  const first = await contact(['-k']);
  t.is(first.code, 0, trouble(first));
  t.regex(first.stdout, /172\.31\.3\.108 is new; from now on it must show .*SHA256:/);
  t.is(readFileSync(known, 'utf8').trim().split('\n').length, 2);
  const again = await contact(['-e', `ansible_ssh_private_key_file=${vars.ssh_keys_file}`], { input: '' });
  t.is(again.code, 0, trouble(again));
  t.deepEqual(changes(again), []);

  const lines = readFileSync(known, 'utf8').trim().split('\n');
  const keys = lines.map((line) => line.replace(/^\S+ /, ''));
  writeFileSync(known, `${lines.map((line, index) => `${line.split(' ')[0]} ${keys[1 - index]}`).join('\n')}\n`);
  const changed = await contact(['-k']);
  t.is(changed.code, 2);
  t.regex(trouble(changed), /THE HOST KEY HAS CHANGED\. 172\.31\.3\.104 shows/);
});

test.serial('hosts.yml checks bare hosts, prepares them, and has nothing left to do', async (t) => {
  await succeeds(t, [...hostsPlaybook, '--check']);
  const run = await succeeds(t, hostsPlaybook);
  t.log(`hosts.yml: ${run.duration.toFixed(0)} s`);
  for (const more of [[], ['--check', '--diff']]) {
    const second = await succeeds(t, [...hostsPlaybook, ...more]);
    t.deepEqual(changes(second), []);
  }
});

test.serial('what it prepared is so', async (t) => {
  const node = (command: string) => onHost('k8s-node01', command);
  t.is(await node('hostname'), 'k8s-node01.example.local\n');
  t.regex(await node('getent hosts harbor.raymonds.cc'), /^172\.31\.3\.188 /);
  t.is(await node('readlink -f /etc/localtime'), '/usr/share/zoneinfo/Asia/Shanghai\n');
  t.is(await node('unset LC_ALL; . /etc/default/locale; LC_TIME=$LC_TIME locale -k d_fmt'), 'd_fmt="%Y-%m-%d"\n');
  // Not by ulimit: the machine lets nobody go above its own 20000.
  t.regex(await node('cat /etc/security/limits.d/90-kplay.conf'), /^\* hard nofile 131072$/m);
  t.is(await node('awk "NR > 1" /proc/swaps; ls /var/lib/kplay/swap-off'), '/var/lib/kplay/swap-off\n');
  t.is(await node('sysctl -n net.bridge.bridge-nf-call-iptables net.ipv4.ip_forward'), '1\n1\n');
  t.is(await node('stat -c %a /etc/sysconfig-modules-ipvs; sh /etc/sysconfig-modules-ipvs'), '755\n');
  t.is(await node('head -n 1 /etc/modules-load.d/kubernetes.conf | cut -c 1-11'), '# Written b\n');
  t.regex(await node('chronyc -n sources'), /^\^\* 172\.31\.3\.10[45] /m);
  t.regex(await node('cat /etc/apt/sources.list'), /# by kplay/);
  t.notRegex(await node('cat /var/lib/kplay/sources/replaced/etc/apt/sources.list'), /by kplay/);
});

test.serial('sources that do not answer are not put in use', async (t) => {
  const wrong = JSON.stringify({ sources_enabled: true, sources_apt_lines: [debian.replace(' main', ' nowhere')] });
  const run = await kplay(['playbooks/hosts.yml', '--limit', 'k8s-node01', '--tags', 'sources', '-e', wrong]);
  t.is(run.code, 2);
  t.regex(trouble(run), /The new sources do not answer, so the old ones stay in use/);
  await onHost('k8s-node01', 'grep -q "# by kplay" /etc/apt/sources.list && apt-get update');
});

test.serial('swap that comes back is refused', async (t) => {
  await onHost('k8s-node01', 'cp /etc/fstab /etc/fstab.before; echo "/swap.img none swap sw 0 0" >>/etc/fstab');
  const run = await kplay(['playbooks/hosts.yml', '--limit', 'k8s-node01', '--tags', 'preflight']);
  await onHost('k8s-node01', 'mv /etc/fstab.before /etc/fstab; systemctl daemon-reload');
  t.is(run.code, 2);
  t.regex(trouble(run), /it is back: \/etc\/fstab names \/swap\.img\..* set kubernetes_swap_allowed to true/);
});

test.serial('a wrong address comes back by itself, a right one stays', async (t) => {
  await onHost('k8s-node01', 'apt-get install -qy ifupdown >/dev/null');
  const known = path.join(folder, 'address_hosts');
  writeFileSync(known, readFileSync(path.join(folders.ssh, 'known_hosts')));
  const arguments_ = `-o UserKnownHostsFile=${known} -o StrictHostKeyChecking=yes`;
  const address = (more: Readonly<Record<string, unknown>>) => {
    const set = { address_timer: 40, address_known_hosts: known, ansible_ssh_common_args: arguments_, ...more };
    const file = path.join(folder, 'address.yml');
    const vars = Object.entries(set).map(([name, value]) => `          ${name}: ${JSON.stringify(value)}`);
    writeFileSync(
      file,
      ['all:', '  children:', '    workers:', '      hosts:', '        k8s-node01:', ...vars, ''].join('\n'),
    );
    // The later inventory's values win.
    const args = ['playbooks/address.yml', '-i', 'test/lab/inventory', '--limit', 'k8s-node01'];
    return kplay(args, { inventory: file });
  };
  const wrong = await address({ address_new: '10.9.9.9/24' });
  t.is(wrong.code, 2);
  t.regex(trouble(wrong), /k8s-node01 could not keep 10\.9\.9\.9\/24 on host0 .*It has its old configuration back/);
  t.regex(await onHost('k8s-node01', 'ip -o -4 address show dev host0'), /172\.31\.3\.108\/21/);

  const right = await address({ address_new: '172.31.3.120/21' });
  t.is(right.code, 0, trouble(right));
  t.regex(right.stdout, /k8s-node01 now has 172\.31\.3\.120\/21: set its ansible_host to 172\.31\.3\.120/);
  const back = await address({ address_new: '172.31.3.108/21', ansible_host: '172.31.3.120' });
  t.is(back.code, 0, trouble(back));
  t.is(
    await onHost('k8s-node01', 'ip -o -4 address show dev host0 | grep -c inet; ls /var/lib/kplay/address'),
    '1\nchange.sh\nnew\nreplaced\n',
  );
  t.deepEqual(changes(await address({ address_new: '172.31.3.108/21' })), []);
});

test.serial('kernel arguments are set in the boot menu, and the host is rebooted once', async (t) => {
  await onHost('k8s-node01', `${bootLoader}\nupdate-grub`);
  const id = () => onHost('k8s-node01', 'cat /proc/sys/kernel/random/boot_id; uptime -s');
  const args = JSON.stringify({
    kernel_arguments: ['cgroup_enable=memory', 'swapaccount=1'],
    kernel_reboot_timeout: 180,
  });
  const playbook = ['playbooks/hosts.yml', '--limit', 'k8s-node01', '--tags', 'kernel', '-e', args];
  const before = await onHost('k8s-node01', 'stat -c %Y /proc/1');
  await succeeds(t, playbook);
  t.not(await onHost('k8s-node01', 'stat -c %Y /proc/1'), before);
  t.regex(await onHost('k8s-node01', 'cat /proc/cmdline'), /quiet cgroup_enable=memory swapaccount=1/);
  const booted = await id();
  t.deepEqual(changes(await succeeds(t, playbook)), []);
  t.is(await id(), booted);
});

/**
 * A container has no boot loader. Stand-ins: for the disk that grub-probe would look at, for the kernel's file, and for the boot
 * loader itself, a unit that gives /proc/cmdline what the real update-grub wrote. grub-mkconfig and its scripts are real.
 */
const bootLoader = `set -e
apt-get install -qy --no-install-recommends grub2-common >/dev/null
mkdir -p /boot/grub /etc/default
: >/boot/vmlinuz-$(uname -r)
echo 'GRUB_CMDLINE_LINUX="quiet"' >/etc/default/grub
cat >/usr/sbin/grub-probe <<'PROBE'
#!/bin/sh
case $* in *target=device*) echo /dev/vda1 ;; *fs_uuid*) echo 0000-0001 ;; *target=fs*) echo ext2 ;; *) echo hd0 ;; esac
PROBE
cat >/usr/local/sbin/boot-loader <<'LOADER'
#!/bin/sh
sed -n 's,^[[:space:]]*linux[[:space:]]*[^ ]*vmlinuz,vmlinuz,p' /boot/grub/grub.cfg | head -n 1 >/run/cmdline
mount --bind /run/cmdline /proc/cmdline
LOADER
cat >/etc/systemd/system/boot-loader.service <<'UNIT'
[Unit]
DefaultDependencies=no
Before=sysinit.target
[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/bin/sh /usr/local/sbin/boot-loader
[Install]
WantedBy=sysinit.target
UNIT
systemctl -q enable boot-loader.service`;
