import test from 'ava';
import dpkgSelections from '../../modules/dpkg_selections.ts';
import firewalld from '../../modules/firewalld.ts';
import group from '../../modules/group.ts';
import ufw from '../../modules/ufw.ts';
import user from '../../modules/user.ts';
import { runWithAnswers } from './harness.ts';

const account = (passwd: string, shadow: string, groups = '', wanted = ''): string =>
  `\n@@kplay:passwd\n${passwd}\n\n@@kplay:accounts\n${shadow === '' ? '' : `shadow ${shadow}\n`}primary deploy\n${groups.replace(/^(?=.)/gm, 'group ')}\n\n@@kplay:home\nyes\n\n@@kplay:key\n\n@@kplay:tools\nshadow\n\n@@kplay:wanted\n${wanted}\n`;
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

test('user: what a new one and its key were given is told', async (t) => {
  const absent = account('', '').replace('yes', '');
  const key = 'exists\nssh-ed25519 AAAA ansible-generated on host\n256 SHA256:abc ansible-generated on host (ED25519)';
  const made = account(entry, shadow).replace('@@kplay:key\n', `@@kplay:key\n${key}\n`);
  const args = { name: 'deploy', generate_ssh_key: true, ssh_key_type: 'ed25519' };
  const { scripts, fields } = await runWithAnswers(user, args, [absent, '', made]);
  t.like(fields, {
    uid: 1000,
    group: 1000,
    shell: '/bin/bash',
    create_home: true,
    ssh_key_file: '/home/deploy/.ssh/id_ed25519',
    ssh_public_key: 'ssh-ed25519 AAAA ansible-generated on host',
    ssh_fingerprint: '256 SHA256:abc ansible-generated on host (ED25519)',
  });
  t.is(scripts.length, 3);
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
    'userdel -r deploy || { r=$?; [ $r -eq 12 ] && [ ! -e /home/deploy ] || exit $r; }',
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

test('firewalld: what it cannot answer is a failure, not a no', async (t) => {
  const args = { port: '6443/tcp', state: 'disabled', permanent: true, zone: 'pubic' };
  const answer = [zones('running', 'Error: INVALID_ZONE: pubic\n@rc=112', '')];
  const result = await runWithAnswers(firewalld, args, answer);
  t.deepEqual([result.failed, result.msg], [true, 'Error: INVALID_ZONE: pubic']);
  const check = await runWithAnswers(firewalld, args, answer, { check: true });
  t.deepEqual([check.failed, check.changed], [false, false]);
  t.regex(check.warnings.join(), /INVALID_ZONE/);
  const offline = { ...args, offline: true, immediate: true, zone: 'public' };
  const files = [zones('not running', 'yes\n@rc=0', 'FirewallD is not running\n@rc=252')];
  t.true((await runWithAnswers(firewalld, offline, files)).changed);
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
  const refused = [answer('', 'ERROR: You need to be root to run this script')];
  const disabled = await runWithAnswers(ufw, { state: 'disabled' }, refused);
  t.is(disabled.msg, 'ufw does not tell its state: ERROR: You need to be root to run this script');
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

test('ufw: logging is told by its settings, also while it is inactive', async (t) => {
  const answer = (level: string): string =>
    `\n@@kplay:status\nStatus: inactive\n\n@@kplay:logging\nLOGLEVEL=${level}\n`;
  for (const [logging, level, changed] of [
    ['on', 'low', false],
    ['on', 'full', false],
    ['on', 'off', true],
    ['low', 'low', false],
    ['low', 'high', true],
    ['off', 'off', false],
    ['off', 'low', true],
  ] as const) {
    t.is((await runWithAnswers(ufw, { logging }, [answer(level)])).changed, changed, `${logging}, ${level}`);
  }
});
