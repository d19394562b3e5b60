import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import type { ConnectionSettings } from '../../runner/connection/connection.ts';
import { resolveTarget } from '../../runner/connection/ssh/target.ts';
import { KplayError } from '../../runner/errors.ts';
import { temporaryDirectory } from '../temporary.ts';
import { missingSshd } from './sshd.ts';

function resolve(
  config: string,
  host: string,
  more: Partial<ConnectionSettings> = {},
  files: Record<string, string> = {},
) {
  const home = temporaryDirectory('kplay-home');
  mkdirSync(join(home, '.ssh/conf.d'), { recursive: true });
  writeFileSync(join(home, '.ssh/config'), config);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, '.ssh', name), text);
  const settings: ConnectionSettings = { kind: 'ssh', host, connectTimeoutSeconds: 10, hostKeyChecking: true, ...more };
  return { home, target: resolveTarget(settings, { environment: { SSH_AUTH_SOCK: '/agent' }, home }) };
}

const config = `
# first value wins
Host web* !web9
  HostName %h.example.org
  Port 2022
  User deploy
  IdentityFile ~/.ssh/web
  IdentityFile "%d/.ssh/%r key"
  ProxyJump gate,admin@inner:2200
  ServerAliveInterval 7

Host=web1
  Port = 9999
  StrictHostKeyChecking accept-new
  IdentityFile ~/.ssh/web1

Match host web2.example.org user deploy
  IdentitiesOnly yes
  IdentityAgent none

Match !originalhost web2 all
  ProxyCommand connect %h %p %r %n %% | cat

Host *
  User everybody
  ForwardAgent yes
  SendEnv LANG LC_*
`;

test('Host blocks: patterns, first value wins, identity files add up, tokens', (t) => {
  const { target, home } = resolve(config, 'web1');
  t.is(target.host, 'web1.example.org');
  t.is(target.port, 2022);
  t.is(target.user, 'deploy');
  t.deepEqual(target.identityFiles, [`${home}/.ssh/web`, `${home}/.ssh/deploy key`, `${home}/.ssh/web1`]);
  t.deepEqual(target.jumps, ['gate', 'admin@inner:2200']);
  t.is(target.keyPolicy, 'accept-new');
  t.is(target.aliveIntervalSeconds, 7);
  t.is(target.agent, '/agent');
  t.is(target.proxyCommand, 'connect web1.example.org 2022 deploy web1 % | cat');
});

test('how long a silent host is waited for', (t) => {
  const of = (config: string, sshArgs?: string) => {
    const { aliveIntervalSeconds, aliveCountMax } = resolve(config, 'web', { sshArgs }).target;
    return [aliveIntervalSeconds, aliveCountMax];
  };
  t.deepEqual(of(''), [30, 5]);
  // As with OpenSSH a count alone asks for nothing.
  t.deepEqual(of('ServerAliveCountMax 1'), [30, 5]);
  t.deepEqual(of('ServerAliveInterval 7'), [7, 3]);
  t.deepEqual(of('ServerAliveInterval 7\nServerAliveCountMax 9', '-o ServerAliveInterval=8'), [8, 9]);
  t.deepEqual(of('ServerAliveInterval 0'), [0, 3]);
});

test('Match blocks, and what is not matched', (t) => {
  const web2 = resolve(config, 'web2').target;
  t.true(web2.identitiesOnly);
  t.is(web2.agent, undefined);
  t.is(web2.proxyCommand, undefined);
  const web9 = resolve(config, 'web9').target;
  t.is(web9.host, 'web9');
  t.is(web9.user, 'everybody');
  t.is(web9.port, 22);
  t.false(web9.identitiesNamed);
});

test('settings win over ssh_args, ssh_args over files', (t) => {
  const more = {
    sshArgs: "-o Port=1 -oUser=args -i /k1 -J 'a,b' -o ControlMaster=auto -o ControlPersist=60s -C -4",
    user: 'set',
  };
  const { target } = resolve(config, 'web1', { ...more, privateKeyFile: '~/k0' });
  t.is(target.user, 'set');
  t.is(target.port, 1);
  t.deepEqual(target.jumps, ['a', 'b']);
  t.is(target.family, 4);
  t.regex(target.identityFiles[0]!, /\/k0$/);
  t.is(target.identityFiles[1], '/k1');
});

test('without anything: the login name, port 22, default keys', (t) => {
  const { target, home } = resolve('', 'plain');
  t.is(target.user, userInfo().username);
  t.is(target.port, 22);
  t.is(target.identityFiles[0], `${home}/.ssh/id_rsa`);
  t.is(target.userKnownHosts[0], `${home}/.ssh/known_hosts`);
  t.is(target.keyPolicy, 'known');
});

test('Include with a pattern, -F, and IgnoreUnknown', (t) => {
  const files = { 'conf.d/a.conf': 'Host inc\n  Port 3\n', 'conf.d/b.conf': 'Host inc\n  User b\n  Port 4\n' };
  const { target } = resolve(
    'Include conf.d/*.conf\nInclude missing\nIgnoreUnknown Use*\nUseKey yes\n',
    'inc',
    {},
    files,
  );
  t.is(target.port, 3);
  t.is(target.user, 'b');
  t.is(resolve(config, 'web1', { sshArgs: '-F none' }).target.port, 22);
});

/** As Fedora and its kin have it in /etc/ssh, and further cases of a second reading. */
const finalConfigs: Record<string, string> = {
  fedora: `Match final all
  Include conf.d/policy
  GSSAPIAuthentication yes
  ForwardX11Trusted yes
`,
  order: 'Match final\n  Port 1\n  User last\nMatch all\n  Port 2\n',
  negated: 'Match !final\n  Port 3\nMatch final\n  Port 4\n  User late\n',
  host: 'Match final host *.org\n  User of-org\nHost short\n  HostName %h.org\n',
  names: 'Host short\n  HostName long.org\nHost long.org\n  Port 6\nMatch final originalhost short\n  User first\n',
  once: 'Host short\n  HostName long.org\nHost long.org\n  Port 7\n',
  included: 'Include conf.d/final\nHost *\n  Port 8\n',
};
const finalFiles = {
  'conf.d/policy': `Ciphers aes256-gcm@openssh.com,chacha20-poly1305@openssh.com
MACs hmac-sha2-256-etm@openssh.com,hmac-sha1
GSSAPIKexAlgorithms gss-curve25519-sha256-,gss-nistp256-sha256-
KexAlgorithms curve25519-sha256,ecdh-sha2-nistp256
PubkeyAcceptedAlgorithms ssh-ed25519,rsa-sha2-256
HostbasedAcceptedAlgorithms ssh-ed25519
CASignatureAlgorithms ssh-ed25519
RequiredRSASize 2048
GSSAPIKeyExchange no
`,
  'conf.d/final': 'Match final\n  Port 9\n  User included\n',
};

for (const [title, text] of Object.entries(finalConfigs)) {
  (missingSshd() ? test.skip : test)(`Match final, as ssh -G has it: ${title}`, (t) => {
    const folder = temporaryDirectory('kplay-config');
    mkdirSync(join(folder, 'conf.d'));
    for (const [name, content] of Object.entries(finalFiles)) writeFileSync(join(folder, name), content);
    const file = join(folder, 'config');
    writeFileSync(file, text.replaceAll('Include ', `Include ${folder}/`));
    const { target } = resolve('', 'short', { sshArgs: `-F ${file}` });
    const { stdout, stderr } = spawnSync('ssh', ['-F', file, '-G', 'short']);
    const lines = String(stdout).split('\n');
    const of = (name: string) => lines.find((line) => line.startsWith(`${name} `))?.slice(name.length + 1);
    const gssapi = target.otherMethods.includes('gssapi') ? 'yes' : 'no';
    t.deepEqual(
      [target.host, String(target.port), target.user, gssapi, target.algorithms.ciphers ?? of('ciphers')],
      [of('hostname'), of('port'), of('user'), of('gssapiauthentication'), of('ciphers')],
      String(stderr),
    );
  });
}

for (const [title, configText, sshArgs, message] of [
  ['an option that nobody knows', 'Host *\n  Nonsense yes\n', '', /config:2: ssh option "nonsense" is not supported/],
  ['an option that kplay does not do', 'CertificateFile x\n', '', /config:1: .*certificatefile/],
  ['key exchange by GSSAPI', 'GSSAPIKeyExchange yes\n', '', /"GSSAPIKeyExchange yes" is not supported/],
  ['Match canonical', 'Match canonical\n', '', /config:1: "Match canonical" is not supported/],
  ['Match exec', 'Match exec "true"\n', '', /config:1: "Match exec" is not supported/],
  ['-o of ssh_args', '', '-o CertificateFile=x', /"-o CertificateFile=x" in ssh_args is not supported/],
  ['a flag of ssh_args', '', '-W a:1', /"-W" in ssh_args/],
  ['a word in ssh_args', '', 'host', /"host" in ssh_args/],
  ['a bad number', 'Port x\n', '', /port: "x" is not a number/],
  ['a bad choice', 'StrictHostKeyChecking maybe\n', '', /"maybe" is not yes/],
] as const) {
  test(`refused: ${title}`, (t) => {
    t.throws(() => resolve(configText, 'host', { sshArgs }), { instanceOf: KplayError, message });
  });
}

test('an option for other hosts only is not looked at', (t) => {
  t.is(resolve('Host other\n  Nonsense yes\nHost *\n  Port 5\n', 'host').target.port, 5);
});

test('no name makes a ProxyCommand another command', (t) => {
  const config = 'Host *\n  ProxyCommand nc -x proxy %h %p %r\n';
  for (const host of ['$(touch x)', '-oX', 'a;b', 'a b', '`id`', "a'b"]) {
    t.throws(() => resolve(config, host), { instanceOf: KplayError, message: /ProxyCommand may be given/ }, host);
  }
  t.throws(() => resolve(config, 'web', { user: 'a|b' }), { instanceOf: KplayError });
  const { target } = resolve(config, 'fe80::1%eth0', { user: 'DOM\\me' });
  t.is(target.proxyCommand, 'nc -x proxy fe80::1%eth0 22 DOM\\me');
  t.is(resolve('', '$(touch x)').target.host, '$(touch x)');
});
