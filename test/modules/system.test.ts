import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import hostname from '../../modules/hostname.ts';
import modprobe from '../../modules/modprobe.ts';
import selinux from '../../modules/selinux.ts';
import service from '../../modules/service.ts';
import sysctl from '../../modules/sysctl.ts';
import systemd from '../../modules/systemd.ts';
import timezone from '../../modules/timezone.ts';
import { textFunctions } from '../../runner/connection/probe-functions.ts';
import type { Mapping } from '../../runner/value.ts';
import { runModule, runWithAnswers, shells, temporaryFolder } from './harness.ts';

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
  t.regex(await command('restarted', 'active'), /^x=\$\(systemctl restart --/);
  t.regex(await command('reloaded', 'active'), /^x=\$\(systemctl reload --/);
  t.regex(await command('restarted', 'inactive'), /^x=\$\(systemctl start --/);
});

test('systemd: when starting fails, systemctl’s own words come first, then the end of the log', async (t) => {
  // A stand-in that answers as systemd 257 does for a service whose program ends with 1.
  const folder = temporaryFolder();
  const log = Array.from({ length: 9 }, (_, index) => `log line ${index}`).join('\n');
  const text = `#!/bin/sh
case $* in
*show*) printf 'LoadState=loaded\\nActiveState=active\\n' ;;
*status*) echo '× bad.service'; echo '${log}'; exit 3 ;;
*reload*) echo 'Job for bad.service failed because the control process exited with error code.' >&2
  echo 'See "systemctl status bad.service" and "journalctl -xeu bad.service" for details.' >&2; exit 1 ;;
esac`;
  writeFileSync(path.join(folder, 'systemctl'), text, { mode: 0o755 });
  for (const shell of shells) {
    const environment = { PATH: `${folder}:${process.env.PATH}` };
    const result = await runModule(systemd, { name: 'bad', state: 'reloaded' }, { environment, shell });
    t.true(result.failed);
    t.is(
      result.msg,
      'state: Job for bad.service failed because the control process exited with error code.\nlog line 6\nlog line 7\nlog line 8',
    );
    t.regex(String(result.fields.stdout), /× bad.service\nlog line 0/);
  }
});

test('systemd: what is not installed can be masked and unmasked, but neither started nor enabled', async (t) => {
  const missing = unit('inactive', 'Failed to get unit file state for k.service: No such file', 'not-found');
  for (const check of [false, true]) {
    const mask = await runWithAnswers(systemd, { name: 'k', masked: true }, [missing], { check });
    t.deepEqual([mask.failed, mask.changed], [false, true]);
  }
  t.false((await runWithAnswers(systemd, { name: 'k', masked: false }, [missing])).changed);
  const masked = unit('inactive', 'masked', 'masked');
  t.regex((await runWithAnswers(systemd, { name: 'k', masked: false }, [masked])).scripts[1]!, /systemctl unmask -- k/);
  for (const other of [{ enabled: true }, { state: 'stopped' }]) {
    const result = await runWithAnswers(systemd, { name: 'k', masked: true, ...other }, [missing]);
    t.regex(String(result.msg), /^Could not find the requested service k/);
  }
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

test('systemd: a unit is enabled and disabled by its own name, whatever name it is called by', async (t) => {
  const folder = temporaryFolder();
  const systemctl = `#!/bin/sh
cd ${folder}
for last; do :; done
case $1 in
show) printf 'Id=ssh.service\\nLoadState=loaded\\nActiveState=active\\n' ;;
is-enabled) if [ "$last" = sshd ]; then echo alias; elif [ -e enabled ]; then echo enabled; else echo disabled; exit 1; fi ;;
enable) [ "$last" != sshd ] || { echo 'Failed to enable unit: Refusing to operate on alias name' >&2; exit 1; }; : >enabled ;;
disable) rm enabled ;;
esac
`;
  writeFileSync(`${folder}/systemctl`, systemctl, { mode: 0o755 });
  const options = { environment: { PATH: `${folder}:/usr/bin:/bin` } };
  for (const enabled of [true, false]) {
    for (const changed of [true, false]) {
      const result = await runModule(systemd, { name: 'sshd', enabled }, options);
      t.deepEqual([result.failed, result.changed], [false, changed], String(result.msg));
      t.is(existsSync(`${folder}/enabled`), enabled);
    }
  }
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

test('service: an init script counts as enabled by its links, wherever a distribution keeps them', async (t) => {
  const root = temporaryFolder();
  const probe = (await runWithAnswers(service, { name: 'cron', enabled: true, use: 'sysvinit' }, [''])).scripts[0]!;
  for (const place of ['etc/rc3.d', 'etc/rc.d/rc3.d', undefined]) {
    rmSync(path.join(root, 'etc'), { recursive: true, force: true });
    mkdirSync(path.join(root, 'etc/init.d'), { recursive: true });
    writeFileSync(path.join(root, 'etc/init.d/cron'), '#!/bin/sh\n', { mode: 0o755 });
    if (place) {
      mkdirSync(path.join(root, place), { recursive: true });
      symlinkSync('/bin/true', path.join(root, place, 'S20cron'));
    }
    for (const shell of shells) {
      const text = probe.replaceAll('/etc/', `${root}/etc/`);
      const output = execFileSync(shell[0]!, [...shell.slice(1), '-c', `${textFunctions}\n${text}`], {
        encoding: 'utf8',
      });
      t.is(/^enabled=1$/m.test(output), place !== undefined, `${place} with ${shell[0]}: ${output}`);
      t.regex(output, /^known=1$/m);
    }
  }
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

test('sysctl: a complaint is a failure, though sysctl ends with 0 as that of procps 4.0.4 does', async (t) => {
  const folder = temporaryFolder();
  const words = {
    kept: '',
    refused: 'sysctl: setting key "net.a", ignoring: Read-only file system',
    older: 'error: "Invalid argument" setting key "net.a"',
  };
  const sysctlSays = (text: string): void =>
    writeFileSync(path.join(folder, 'sysctl'), `#!/bin/sh\ncase $* in *-p*) ;; *) printf '${text}' >&2 ;; esac\n`, {
      mode: 0o755,
    });
  for (const shell of shells) {
    for (const [name, text] of Object.entries(words)) {
      sysctlSays(text);
      const options = { shell, environment: { PATH: `${folder}:/usr/bin:/bin` } };
      const args = { name: 'net.a', value: '1', sysctl_file: path.join(temporaryFolder(), 'a.conf'), sysctl_set: true };
      const result = await runModule(sysctl, args, options);
      t.is(result.failed, text !== '', `${name} with ${shell[0]}: ${result.msg}`);
      if (text !== '') t.true(String(result.msg).includes(text));
    }
  }
  // What others wrote into the file may be unknown to the kernel; what it refuses is another matter.
  const file = path.join(folder, 'b.conf');
  for (const [text, failed] of [
    ['sysctl: cannot stat /proc/sys/net/bridge: No such file or directory', false],
    ['sysctl: setting key "net.a": Invalid argument', true],
  ] as const) {
    writeFileSync(path.join(folder, 'sysctl'), `#!/bin/sh\ncase $* in *-p*) echo '${text}' >&2 ;; esac\n`, {
      mode: 0o755,
    });
    writeFileSync(file, '');
    const options = { environment: { PATH: `${folder}:/usr/bin:/bin` } };
    const result = await runModule(sysctl, { name: 'net.a', value: '1', sysctl_file: file }, options);
    t.is(result.failed, failed, String(result.msg));
  }
});

test('sysctl: a file that is not read at boot, and a parameter that is not there, are warned of', async (t) => {
  const file = '--\npath=/etc/sysctl.conf\ninfolder=1\nme=uid=0(root) gid=0(root) groups=0(root)\numask=0022\n';
  const args = { name: 'vm.swappiness', value: '1', reload: false };
  const warned = await runWithAnswers(sysctl, args, [`${file}--\nnotatboot=1\n`], { check: true });
  t.regex(warned.warnings.join(), /sysctl\.conf is not read when this host boots/);
  t.deepEqual((await runWithAnswers(sysctl, args, [`${file}--\n`], { check: true })).warnings, []);
  const set = { ...args, sysctl_set: true, sysctl_file: '/etc/sysctl.d/a.conf' };
  const unknown = await runWithAnswers(sysctl, set, [`${file}--\n`], { check: true });
  t.regex(unknown.warnings.join(), /the kernel has no parameter vm\.swappiness/);
  t.notRegex(unknown.scripts[0]!, /notatboot/);
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

test('modprobe: in check mode a module that there is not is warned of', async (t) => {
  const folder = temporaryFolder();
  const text = '#!/bin/sh\n[ "$1" = -n ] || exit 9\necho \'modprobe: FATAL: Module nope not found.\' >&2\nexit 1\n';
  writeFileSync(path.join(folder, 'modprobe'), text, { mode: 0o755 });
  const environment = { PATH: `${folder}:${process.env.PATH}` };
  const check = await runModule(modprobe, { name: 'nope' }, { check: true, environment });
  t.deepEqual([check.failed, check.changed], [false, true]);
  t.regex(check.warnings.join(), /Module nope not found/);
  const run = await runModule(modprobe, { name: 'nope' }, { environment });
  t.deepEqual([run.failed, run.warnings], [true, []]);
});

test('modprobe: one that only prints its usage is asked otherwise in check mode', async (t) => {
  const folder = temporaryFolder();
  const text =
    '#!/bin/sh\n[ "$1" = -D ] || { echo "Usage: modprobe MODULE" >&2; exit 1; }\n[ "$3" = nope ] || exit 0\necho "modprobe: module nope not found" >&2\nexit 1\n';
  writeFileSync(path.join(folder, 'modprobe'), text, { mode: 0o755 });
  const options = { check: true, environment: { PATH: `${folder}:${process.env.PATH}` } };
  const missing = await runModule(modprobe, { name: 'nope' }, options);
  t.deepEqual(missing.warnings, ['modprobe: module nope not found (an earlier task may install it)']);
  t.deepEqual((await runModule(modprobe, { name: 'there' }, options)).warnings, []);
});

test('hostname: stored and running name, each when it differs', async (t) => {
  const names = (running: string, stored: string): string => `\n@@kplay:names\nrunning=${running}\nstored=${stored}\n`;
  t.false((await runWithAnswers(hostname, { name: 'a.b' }, [names('a.b', 'a.b')])).changed);
  const half = await runWithAnswers(hostname, { name: 'a.b' }, [names('old', 'a.b')]);
  t.regex(half.scripts[1]!, /^hostname a\.b/);
  const systemdHost = await runWithAnswers(hostname, { name: 'a.b' }, [`${names('old', 'old')}systemd=1\n`]);
  t.regex(systemdHost.scripts[1]!, /hostnamectl --static set-hostname a\.b/);
  t.is((systemdHost.fields.ansible_facts as Mapping).ansible_hostname, 'a');
  for (const name of ['x'.repeat(65), '']) {
    t.true((await runWithAnswers(hostname, { name }, [names('old', 'old')])).failed);
  }
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

test('timezone: what /etc/localtime is tells the zone, of links one step, of a copy its content', async (t) => {
  const root = temporaryFolder();
  const zones = path.join(root, 'zoneinfo');
  mkdirSync(path.join(zones, 'Etc'), { recursive: true });
  writeFileSync(path.join(zones, 'Etc/UTC'), 'utc');
  writeFileSync(path.join(zones, 'Mars'), 'mars');
  symlinkSync('Etc/UTC', path.join(zones, 'UTC'));
  const probe = (await runWithAnswers(timezone, { name: 'UTC' }, [''])).scripts[0]!;
  const localtime = path.join(root, 'localtime');
  const zoneOf = (shell: readonly string[]): string => {
    const text = probe
      .replaceAll('/etc/localtime', localtime)
      .replaceAll('/etc/timezone', path.join(root, 'timezone'))
      .replaceAll('/usr/share/zoneinfo', zones);
    return (
      /^name=(.*)$/m.exec(execFileSync(shell[0]!, [...shell.slice(1), '-c', text], { encoding: 'utf8' }))?.[1] ?? ''
    );
  };
  for (const shell of shells) {
    const cases: [string, () => void][] = [
      ['', () => {}],
      ['UTC', () => symlinkSync(path.join(zones, 'UTC'), localtime)],
      ['Etc/UTC', () => symlinkSync(path.join(zones, 'Etc/UTC'), localtime)],
      ['UTC', () => writeFileSync(localtime, 'utc')],
      ['unknown', () => writeFileSync(localtime, 'mars')],
    ];
    for (const [name, make] of cases) {
      rmSync(localtime, { force: true });
      make();
      t.is(zoneOf(shell), name, shell[0]);
    }
    rmSync(localtime, { force: true });
  }
});

test('hostname: without D-Bus hostnamectl is left alone', async (t) => {
  // Stand-ins: systemd runs, and hostnamectl can, or cannot, reach it.
  const root = temporaryFolder();
  mkdirSync(path.join(root, 'run/systemd/system'), { recursive: true });
  const probe = (await runWithAnswers(hostname, { name: 'new' }, [''])).scripts[0]!;
  for (const [code, expected] of [
    [0, true],
    [1, false],
  ] as const) {
    writeFileSync(path.join(root, 'hostnamectl'), `#!/bin/sh\necho asked >>${root}/asked\nexit ${code}\n`, {
      mode: 0o755,
    });
    const text = probe.replaceAll('/run/systemd', `${root}/run/systemd`);
    const env = { PATH: `${root}:/usr/bin:/bin` };
    t.is(/^systemd=1$/m.test(execFileSync('sh', ['-c', text], { env, encoding: 'utf8' })), expected);
  }
  const other = await runWithAnswers(hostname, { name: 'a' }, ['\n@@kplay:names\nrunning=b\nstored=b\n']);
  t.notRegex(other.scripts[1]!, /hostnamectl/);
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
