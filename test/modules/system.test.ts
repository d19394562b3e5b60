import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import dpkgSelections from '../../modules/dpkg_selections.ts';
import firewalld from '../../modules/firewalld.ts';
import group from '../../modules/group.ts';
import hostname from '../../modules/hostname.ts';
import modprobe from '../../modules/modprobe.ts';
import selinux from '../../modules/selinux.ts';
import service from '../../modules/service.ts';
import sysctl from '../../modules/sysctl.ts';
import systemd from '../../modules/systemd.ts';
import timezone from '../../modules/timezone.ts';
import ufw from '../../modules/ufw.ts';
import user from '../../modules/user.ts';
import type { Mapping } from '../../runner/value.ts';
import { runModule, runWithAnswers, temporaryFolder } from './harness.ts';

const unit = (active: string, enablement: string, load = 'loaded'): string =>
  `\n@@kplay:unit\nId=kubelet.service\nLoadState=${load}\nActiveState=${active}\nEnvironment=A=b C=d\n\n@@kplay:enabled\n${enablement}\n`;

test('systemd: what is so needs one round trip', async (t) => {
  const result = await runWithAnswers(systemd, { name: 'kubelet', state: 'started', enabled: true }, [
    unit('active', 'enabled'),
  ]);
  t.deepEqual([result.changed, result.scripts.length, result.fields.state], [false, 1, 'started']);
  t.is((result.fields.status as Mapping).Environment, 'A=b C=d');
});

test('systemd: enable comes before start', async (t) => {
  const result = await runWithAnswers(systemd, { name: 'kubelet', state: 'started', enabled: true }, [
    unit('inactive', 'disabled'),
  ]);
  const script = result.scripts[1]!;
  t.true(script.indexOf('systemctl enable -- kubelet') < script.indexOf('systemctl start -- kubelet'));
  t.regex(result.diff, /--- enabled\ndisabled\n\+\+\+ enabled\nenabled/);
});

test('systemd: restarted and reloaded always act; a stopped unit is started', async (t) => {
  const command = async (state: string, active: string): Promise<string> =>
    (await runWithAnswers(systemd, { name: 'kubelet', state }, [unit(active, 'enabled')])).scripts[1]!;
  t.regex(await command('restarted', 'active'), /^systemctl restart --/);
  t.regex(await command('reloaded', 'active'), /^systemctl reload --/);
  t.regex(await command('restarted', 'inactive'), /^systemctl start --/);
});

test('systemd: a unit that keeps starting anew counts as started, one that goes down as not stopped', async (t) => {
  t.false((await runWithAnswers(systemd, { name: 'k', state: 'started' }, [unit('activating', 'enabled')])).changed);
  t.true((await runWithAnswers(systemd, { name: 'k', state: 'started' }, [unit('failed', 'enabled')])).changed);
  t.false((await runWithAnswers(systemd, { name: 'k', state: 'stopped' }, [unit('failed', 'enabled')])).changed);
  t.true((await runWithAnswers(systemd, { name: 'k', state: 'stopped' }, [unit('deactivating', 'enabled')])).changed);
});

test('systemd: masked, static and unknown units', async (t) => {
  const masked = unit('inactive', 'masked', 'masked');
  t.false((await runWithAnswers(systemd, { name: 'k', masked: true }, [masked])).changed);
  t.regex(String((await runWithAnswers(systemd, { name: 'k', enabled: true }, [masked])).msg), /it is masked/);
  const both = await runWithAnswers(systemd, { name: 'k', masked: false, enabled: true }, [masked]);
  t.true(both.scripts[1]!.indexOf('unmask') < both.scripts[1]!.indexOf('systemctl enable'));
  t.false((await runWithAnswers(systemd, { name: 'k', enabled: false }, [unit('active', 'static')])).changed);
  const unknown = unit('inactive', 'Failed to get unit file state for k.service: No such file', 'not-found');
  t.regex(
    String((await runWithAnswers(systemd, { name: 'k', state: 'started' }, [unknown])).msg),
    /^Could not find the requested service k/,
  );
  const check = await runWithAnswers(systemd, { name: 'k', state: 'started' }, [unknown], { check: true });
  t.deepEqual([check.failed, check.changed], [false, true]);
});

test('systemd: configuration is read again first, not in check mode, and is no change', async (t) => {
  const result = await runWithAnswers(systemd, { daemon_reload: true }, ['']);
  t.false(result.changed);
  t.regex(result.scripts[0]!, /systemctl daemon-reload/);
  t.notRegex(
    (await runWithAnswers(systemd, { daemon_reload: true }, [''], { check: true })).scripts[0]!,
    /daemon-reload/,
  );
  t.true((await runWithAnswers(systemd, { daemon_reload: true }, [{ rc: 1, stderr: 'no bus' }])).failed);
});

test('service: init scripts where there is no systemd', async (t) => {
  const script = (...lines: string[]): string => `\n@@kplay:service\nmanager=sysvinit\n${lines.join('\n')}\n`;
  const started = await runWithAnswers(service, { name: 'cron', state: 'started', enabled: true }, [script('known=1')]);
  t.regex(started.scripts[1]!, /update-rc\.d cron defaults/);
  t.regex(started.scripts[1]!, /service cron start/);
  t.false(
    (await runWithAnswers(service, { name: 'cron', state: 'started' }, [script('known=1', 'running=1')])).changed,
  );
  t.true((await runWithAnswers(service, { name: 'cron', state: 'started' }, [script()])).failed);
  const slow = await runWithAnswers(service, { name: 'cron', state: 'restarted', sleep: 3 }, [
    script('known=1', 'running=1'),
  ]);
  t.regex(slow.scripts[1]!, /stop\nsleep 3\nservice cron start/);
});

test('sysctl: a parameter is added, kept, changed and removed; other lines stay', async (t) => {
  const file = path.join(temporaryFolder(), 'k8s.conf');
  writeFileSync(file, '# kept\nnet.ipv4.ip_forward = 0\nvm.swappiness=1\nnet.ipv4.ip_forward=0\n');
  const base = { sysctl_file: file, reload: false };
  t.true((await runModule(sysctl, { ...base, name: 'net.ipv4.ip_forward', value: '1' }, { check: true })).changed);
  t.true((await runModule(sysctl, { ...base, name: 'net.ipv4.ip_forward', value: '1' })).changed);
  t.is(readFileSync(file, 'utf8'), '# kept\nnet.ipv4.ip_forward=1\nvm.swappiness=1\n');
  t.false((await runModule(sysctl, { ...base, name: 'net.ipv4.ip_forward', value: '1' })).changed);
  t.true((await runModule(sysctl, { ...base, name: 'kernel.x', value: '1 2' })).changed);
  t.false((await runModule(sysctl, { ...base, name: 'kernel.x', value: '1\t2' })).changed);
  t.true((await runModule(sysctl, { ...base, name: 'vm.swappiness', state: 'absent' })).changed);
  t.is(readFileSync(file, 'utf8'), '# kept\nnet.ipv4.ip_forward=1\nkernel.x=1 2\n');
  t.false((await runModule(sysctl, { ...base, name: 'vm.swappiness', state: 'absent' })).changed);
  t.regex(String((await runModule(sysctl, { ...base, name: 'a.b' })).msg), /value cannot be/);
});

test('sysctl: the running value comes first, so that a killed run is completed', async (t) => {
  const file = path.join(temporaryFolder(), 'new.conf');
  const args = { name: 'kernel.kplay_no_such_thing', value: '1', sysctl_file: file };
  const failed = await runModule(sysctl, args);
  t.true(failed.failed);
  t.throws(() => readFileSync(file), { code: 'ENOENT' });
  t.deepEqual(failed.sent, []);
});

test('sysctl: the running value is compared with sysctl_set only', async (t) => {
  const file = path.join(temporaryFolder(), 'a.conf');
  writeFileSync(file, 'kernel.ostype=Other\n');
  const args = { name: 'kernel.ostype', value: 'Other', sysctl_file: file };
  t.false((await runModule(sysctl, args, { check: true })).changed);
  t.true((await runModule(sysctl, { ...args, sysctl_set: true }, { check: true })).changed);
  writeFileSync(file, 'kernel.ostype=Linux\n');
  t.false((await runModule(sysctl, { ...args, value: 'Linux', sysctl_set: true })).changed);
});

test('modprobe: loaded, built in, and at boot', async (t) => {
  const module = (...lines: string[]): string =>
    `\n@@kplay:module\n${lines.join('\n')}\n\n@@kplay:load\n\n@@kplay:options\n`;
  t.false((await runWithAnswers(modprobe, { name: 'overlay' }, [module('loaded=1')])).changed);
  t.false((await runWithAnswers(modprobe, { name: 'overlay' }, [module('builtin=1')])).changed);
  const loaded = await runWithAnswers(modprobe, { name: 'br_netfilter', params: 'a=1 b=$(x)' }, [module()]);
  t.is(loaded.scripts[1], "modprobe -- br_netfilter a=1 'b=$(x)'");
  const stored = await runWithAnswers(modprobe, { name: 'overlay', persistent: 'present' }, [module('loaded=1')]);
  t.regex(stored.scripts[1]!, /modules-load\.d\/overlay\.conf/);
  const present = module('loaded=1').replace(':load\n', ':load\n/etc/modules-load.d/k8s.conf:overlay\n');
  t.false((await runWithAnswers(modprobe, { name: 'overlay', persistent: 'present' }, [present])).changed);
  const gone = await runWithAnswers(modprobe, { name: 'overlay', persistent: 'absent' }, [present]);
  t.regex(gone.scripts[1]!, /sed -i .*\/etc\/modules-load\.d\/k8s\.conf/);
});

test('hostname: stored and running name, each when it differs', async (t) => {
  const names = (running: string, stored: string): string => `\n@@kplay:names\nrunning=${running}\nstored=${stored}\n`;
  t.false((await runWithAnswers(hostname, { name: 'a.b' }, [names('a.b', 'a.b')])).changed);
  const half = await runWithAnswers(hostname, { name: 'a.b' }, [names('old', 'a.b')]);
  t.regex(half.scripts[1]!, /^hostname a\.b/);
  const systemdHost = await runWithAnswers(hostname, { name: 'a.b' }, [`${names('old', 'old')}systemd=1\n`]);
  t.regex(systemdHost.scripts[1]!, /hostnamectl --static set-hostname a\.b/);
  t.is((systemdHost.fields.ansible_facts as Mapping).ansible_hostname, 'a');
  t.true((await runWithAnswers(hostname, { name: 'x'.repeat(65) }, [names('', '')])).failed);
});

test('timezone: known zones only, and both places', async (t) => {
  const zone = (...lines: string[]): string => `\n@@kplay:zone\n${lines.join('\n')}\n`;
  t.false((await runWithAnswers(timezone, { name: 'Asia/Shanghai' }, [zone('name=Asia/Shanghai', 'known=1')])).changed);
  t.true(
    (await runWithAnswers(timezone, { name: 'Asia/Shanghai' }, [zone('name=Asia/Shanghai', 'file=Etc/UTC', 'known=1')]))
      .changed,
  );
  t.regex(String((await runWithAnswers(timezone, { name: 'Mars/X' }, [zone('name=UTC')])).msg), /Mars\/X is unknown/);
});

test('selinux: the file and the running mode', async (t) => {
  const configfile = path.join(temporaryFolder(), 'config');
  const text = '# mode\nSELINUX=enforcing\nSELINUXTYPE=targeted\n';
  writeFileSync(configfile, text);
  const result = await runModule(selinux, { state: 'permissive', policy: 'targeted', configfile });
  t.true(result.changed);
  t.is(readFileSync(configfile, 'utf8'), text.replace('enforcing', 'permissive'));
  t.false((await runModule(selinux, { state: 'permissive', policy: 'targeted', configfile })).changed);
  t.true((await runModule(selinux, { state: 'permissive', configfile })).failed);
  const without = path.join(temporaryFolder(), 'none');
  t.false((await runModule(selinux, { state: 'disabled', configfile: without })).changed);
  t.true((await runModule(selinux, { state: 'enforcing', policy: 'targeted', configfile: without })).failed);
});

const account = (passwd: string, shadow: string, groups = '', wanted = ''): string =>
  `\n@@kplay:passwd\n${passwd}\n\n@@kplay:shadow\n${shadow}\n\n@@kplay:primary\ndeploy\n\n@@kplay:groups\n${groups}\n\n@@kplay:home\nyes\n\n@@kplay:key\n\n@@kplay:tools\n/usr/sbin/useradd\n\n@@kplay:wanted\n${wanted}\n`;
const entry = 'deploy:x:1000:1000:De Ploy:/home/deploy:/bin/bash';
const shadow = 'deploy:$6$salt$hash:19000:0:99999:7:::';

test('user: made with everything, the password by standard input only', async (t) => {
  const args = { name: 'deploy', groups: ['sudo', 'adm'], shell: '/bin/bash', uid: 1000, password: '$6$salt$hash' };
  const result = await runWithAnswers(user, args, [account('', '', '', 'sudo\tsudo\nadm\tadm\n').replace('yes', '')]);
  t.regex(result.scripts[1]!, /^useradd -u 1000 -G sudo,adm -s \/bin\/bash -m .* -- deploy$/);
  t.is(result.scripts[2], 'chpasswd -e');
  t.false(result.scripts.join('\n').includes('$6$salt'));
  t.false(result.diff.includes('$6$salt'));
});

test('user: what is so is left alone', async (t) => {
  const args = {
    name: 'deploy',
    comment: 'De Ploy',
    groups: ['sudo'],
    password: '$6$salt$hash',
    expires: -1,
    shell: '/bin/bash',
    home: '/home/deploy',
  };
  const result = await runWithAnswers(user, args, [account(entry, shadow, 'sudo', 'sudo\tsudo\n')]);
  t.deepEqual([result.changed, result.scripts.length, result.fields.uid], [false, 1, 1000]);
});

test('user: groups are replaced, or added to', async (t) => {
  const answer = [account(entry, shadow, 'adm\nsudo', 'docker\tdocker\n')];
  t.is(
    (await runWithAnswers(user, { name: 'deploy', groups: 'docker' }, answer)).scripts[1],
    'usermod -G docker -- deploy',
  );
  t.is(
    (await runWithAnswers(user, { name: 'deploy', groups: 'docker', append: true }, answer)).scripts[1],
    'usermod -a -G docker -- deploy',
  );
  t.is((await runWithAnswers(user, { name: 'deploy', groups: [] }, answer)).scripts[1], "usermod -G '' -- deploy");
  t.regex(
    String((await runWithAnswers(user, { name: 'deploy', groups: 'x' }, [account(entry, shadow, '', 'x\t\n')])).msg),
    /Group x does not exist/,
  );
});

test('user: passwords, locks and update_password', async (t) => {
  const locked = [account(entry, shadow.replace('$6', '!$6'))];
  t.true((await runWithAnswers(user, { name: 'deploy', password: '$6$new$x' }, [account(entry, shadow)])).changed);
  t.false(
    (
      await runWithAnswers(user, { name: 'deploy', password: '$6$new$x', update_password: 'on_create' }, [
        account(entry, shadow),
      ])
    ).changed,
  );
  t.false(
    (await runWithAnswers(user, { name: 'deploy', password: '$6$salt$hash', password_lock: true }, locked)).changed,
  );
  t.is(
    (await runWithAnswers(user, { name: 'deploy', password_lock: false }, locked)).scripts[1],
    'usermod -U -- deploy',
  );
  t.is(
    (await runWithAnswers(user, { name: 'deploy', state: 'absent', remove: true }, locked)).scripts[1],
    'userdel -r deploy || [ $? -eq 12 ]',
  );
});

test('group: made, renumbered, removed', async (t) => {
  const answer = (text: string): string => `\n@@kplay:group\n${text}\n\n@@kplay:tools\n/usr/sbin/groupadd\n`;
  const made = await runWithAnswers(group, { name: 'etcd', system: true }, [answer(''), 'gid=990\n']);
  t.regex(made.scripts[1]!, /^groupadd -r etcd/);
  t.is(made.fields.gid, 990);
  t.false((await runWithAnswers(group, { name: 'etcd', gid: 990 }, [answer('etcd:x:990:')])).changed);
  t.is(
    (await runWithAnswers(group, { name: 'etcd', gid: 5 }, [answer('etcd:x:990:')])).scripts[1],
    'groupmod -g 5 etcd',
  );
  t.is(
    (await runWithAnswers(group, { name: 'etcd', state: 'absent' }, [answer('etcd:x:990:')])).scripts[1],
    'groupdel etcd',
  );
});

test('dpkg_selections: hold, held, unknown', async (t) => {
  const answer = (text: string): string => `\n@@kplay:selection\n${text}\n`;
  t.true(
    (await runWithAnswers(dpkgSelections, { name: 'kubelet', selection: 'hold' }, [answer('kubelet\t\tinstall')]))
      .changed,
  );
  t.false(
    (await runWithAnswers(dpkgSelections, { name: 'kubelet', selection: 'hold' }, [answer('kubelet\t\thold')])).changed,
  );
  t.true((await runWithAnswers(dpkgSelections, { name: 'kubelet', selection: 'hold' }, [answer('')])).failed);
});

const zones = (state: string, permanent: string, runtime: string): string =>
  `\n@@kplay:state\n${state}\n\n@@kplay:permanent\n${permanent}\n\n@@kplay:runtime\n${runtime}\n`;

test('firewalld: each place by itself', async (t) => {
  const args = { port: '6443/tcp', state: 'enabled', permanent: true, immediate: true, zone: 'public' };
  t.false((await runWithAnswers(firewalld, args, [zones('running', 'yes\n@rc=0', 'yes\n@rc=0')])).changed);
  const half = await runWithAnswers(firewalld, args, [zones('running', 'yes\n@rc=0', 'no\n@rc=1')]);
  t.is(half.scripts[1], 'firewall-cmd --zone=public --add-port=6443/tcp >/dev/null');
  const off = await runWithAnswers(firewalld, { ...args, state: 'disabled' }, [
    zones('running', 'yes\n@rc=0', 'no\n@rc=1'),
  ]);
  t.is(off.scripts[1], 'firewall-cmd --permanent --zone=public --remove-port=6443/tcp >/dev/null');
  t.true((await runWithAnswers(firewalld, args, [zones('not running', '@rc=252', '@rc=252')])).failed);
  t.true((await runWithAnswers(firewalld, { ...args, port: '6443' }, [])).failed);
});

test('firewalld: masquerade: false with enabled means none', async (t) => {
  const args = { masquerade: 'no', state: 'enabled', permanent: true };
  t.false((await runWithAnswers(firewalld, args, [zones('running', 'no\n@rc=1', '')])).changed);
  t.regex(
    (await runWithAnswers(firewalld, args, [zones('running', 'yes\n@rc=0', '')])).scripts[1]!,
    /--remove-masquerade/,
  );
});

test('ufw: rules, policies and state', async (t) => {
  const answer = (dry: string, status = 'Status: active\nLogging: on (low)'): string =>
    `\n@@kplay:status\n${status}\n\n@@kplay:dry\n${dry}\n\n@@kplay:rules\n\n@@kplay:policies\nDEFAULT_INPUT_POLICY="DROP"\n`;
  const rule = { rule: 'allow', to_port: '6443', proto: 'tcp' };
  t.false((await runWithAnswers(ufw, rule, [answer('Skipping adding existing rule')])).changed);
  t.is(
    (await runWithAnswers(ufw, rule, [answer('### tuple ### allow tcp 6443')])).scripts[1],
    'ufw --force allow from any to any port 6443 proto tcp',
  );
  t.true((await runWithAnswers(ufw, rule, [answer('ERROR: Bad port')])).failed);
  t.false((await runWithAnswers(ufw, { default: 'deny', state: 'enabled' }, [answer('')])).changed);
  t.is(
    (await runWithAnswers(ufw, { state: 'enabled' }, [answer('', 'Status: inactive')])).scripts[1],
    'ufw --force enable',
  );
  t.is(
    (await runWithAnswers(ufw, { default: 'allow' }, [answer('')])).scripts[1],
    'ufw --force default allow incoming',
  );
});
