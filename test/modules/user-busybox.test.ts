import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import user from '../../modules/user.ts';
import { textFunctions } from '../../runner/connection/probe-functions.ts';
import { runWithAnswers, shells, temporaryFolder } from './harness.ts';

/** What the probe prints on a host with busybox alone. */
function host(passwd: string, options: { groups?: string; shadow?: string; wanted?: string } = {}): string {
  const { groups = '', shadow = '', wanted = '' } = options;
  const lines = [shadow === '' ? '' : `shadow ${shadow}`, 'primary deploy', groups.replace(/^(?=.)/gm, 'group ')];
  return `\n@@kplay:passwd\n${passwd}\n\n@@kplay:accounts\n${lines.join('\n')}\n\n@@kplay:home\n${passwd === '' ? '' : 'yes'}\n\n@@kplay:key\n\n@@kplay:tools\nbusybox\n\n@@kplay:wanted\n${wanted}\n`;
}

const deploy = 'deploy:x:1000:1000:Old Name:/home/deploy:/bin/sh';

test('user: where there is only busybox, its adduser makes the user, and the home directory follows', async (t) => {
  const args = {
    name: 'deploy',
    uid: 1000,
    groups: ['wheel', 'docker'],
    shell: '/bin/ash',
    umask: '077',
    comment: 'A b',
  };
  const result = await runWithAnswers(user, args, [host('', { wanted: 'wheel\twheel\ndocker\tdocker' })]);
  const script = result.scripts[1]!;
  t.regex(script, /^adduser -D -H -u 1000 -g 'A b' -s \/bin\/ash \$\(awk .*"-G", n.*\) deploy &&$/m);
  // As with Ansible the account has no password, and is not locked.
  t.regex(script, /^printf '%s:\*\\n' deploy \| chpasswd -e &&$/m);
  t.regex(script, /^adduser deploy wheel &&\nadduser deploy docker$/m);
  t.regex(script, /umask 077; mkdir -p \/home\/deploy/);
  const system = await runWithAnswers(user, { name: 'etcd', system: true, create_home: false }, [host('')]);
  t.regex(system.scripts[1]!, /^adduser -D -H -S /m);
  t.notRegex(system.scripts[1]!, /mkdir/);
});

test('user: busybox changes groups, the lock, and removes', async (t) => {
  const here = host(deploy, {
    groups: 'old\nkept',
    wanted: 'kept\tkept\nnew\tnew',
    shadow: 'deploy:$6$x:1:0:99999:7:::',
  });
  const groups = await runWithAnswers(user, { name: 'deploy', groups: ['kept', 'new'] }, [here]);
  t.is(groups.scripts[1], 'adduser deploy new &&\ndelgroup deploy old');
  const added = await runWithAnswers(user, { name: 'deploy', groups: ['new'], append: true }, [here]);
  t.is(added.scripts[1], 'adduser deploy new');
  t.is((await runWithAnswers(user, { name: 'deploy', password_lock: true }, [here])).scripts[1], 'passwd -l deploy');
  const gone = await runWithAnswers(user, { name: 'deploy', state: 'absent', remove: true }, [here]);
  t.is(gone.scripts[1], 'deluser --remove-home deploy');
  t.false((await runWithAnswers(user, { name: 'deploy', comment: 'Old Name' }, [here])).changed);
});

test('user: what busybox cannot do is said before anything is done', async (t) => {
  for (const args of [{ expires: 0 }, { password_expire_max: 5 }, { non_unique: true, uid: 0 }]) {
    for (const passwd of 'non_unique' in args ? [''] : ['', deploy]) {
      const result = await runWithAnswers(user, { name: 'deploy', ...args }, [host(passwd)]);
      t.regex(String(result.msg), /busybox cannot do that; install the package shadow/);
      t.is(result.scripts.length, 1);
    }
  }
  const bare = host('').replace('\nbusybox\n', '\n');
  t.regex(
    String((await runWithAnswers(user, { name: 'a' }, [bare])).msg),
    /neither useradd nor the adduser of busybox/,
  );
});

for (const shell of shells) {
  test(`user: ${shell.join(' ')}: without usermod a line of /etc/passwd is changed, and no other`, async (t) => {
    const root = temporaryFolder();
    mkdirSync(path.join(root, 'etc'));
    const file = path.join(root, 'etc/passwd');
    const other = 'deployer:x:1001:1001::/home/deployer:/bin/sh\n';
    writeFileSync(file, `root:x:0:0:root:/root:/bin/sh\n${deploy}\n${other}`, { mode: 0o644 });
    writeFileSync(path.join(root, 'etc/group'), 'root:x:0:\nstaff:x:50:\n');
    const args = {
      name: 'deploy',
      uid: 1005,
      group: 'staff',
      comment: 'It\'s "new" \\n & %s',
      home: '/srv/deploy',
      shell: '/bin/ash',
      create_home: false,
    };
    const { scripts } = await runWithAnswers(user, args, [host(deploy, { wanted: 'staff\tstaff' })]);
    const script = `${textFunctions}\n${scripts[1]!.replaceAll('/etc/', `${root}/etc/`)}`;
    const ran = spawnSync(shell[0]!, [...shell.slice(1), '-c', script], { encoding: 'utf8' });
    t.is(ran.status, 0, ran.stderr);
    const line = 'deploy:x:1005:50:It\'s "new" \\n & %s:/srv/deploy:/bin/ash\n';
    t.is(readFileSync(file, 'utf8'), `root:x:0:0:root:/root:/bin/sh\n${line}${other}`);
  });
}

for (const [words, expected] of [
  ['BusyBox v1.36.1 (2023-11-07 18:53:09 UTC) multi-call binary.', 'busybox'],
  ['adduser [--uid id] [--firstuid id] user', ''],
] as const) {
  test(`user: an adduser that says "${words.slice(0, 7)}" is told apart`, async (t) => {
    const folder = temporaryFolder();
    writeFileSync(path.join(folder, 'adduser'), `#!/bin/sh\necho '${words}' >&2\nexit 1\n`, { mode: 0o755 });
    const { scripts } = await runWithAnswers(user, { name: 'a' }, ['']);
    const probe = `${textFunctions}\n${scripts[0]}`;
    for (const shell of shells) {
      const tools = spawnSync(
        '/usr/bin/env',
        ['-i', `PATH=${folder}`, `/bin/${shell[0]}`, ...shell.slice(1), '-c', probe],
        { encoding: 'utf8' },
      );
      t.is(/@@kplay:tools\n(.*)/.exec(tools.stdout)?.[1] ?? '', expected, tools.stderr);
    }
  });
}
