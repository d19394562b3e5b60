import test from 'ava';
import { KplayError } from '../../runner/errors.ts';
import type { Scope } from '../../runner/template/templar.ts';
import type { Value } from '../../runner/value.ts';
import { mapping, Undefined } from '../../runner/value.ts';
import type { ConnectionFlags, ConnectionKeywords } from '../../runner/variables/connection-variables.ts';
import { connectionFor } from '../../runner/variables/connection-variables.ts';

const flags: ConnectionFlags = { timeoutSeconds: 10, become: false };

function scopeOf(variables: Record<string, Value>): Scope {
  const all: Record<string, Value> = { inventory_hostname: 'h1', omit: '__omit__', ...variables };
  return { get: (name) => all[name], has: (name) => Object.hasOwn(all, name), names: () => Object.keys(all) };
}

function settings(
  variables: Record<string, Value>,
  keywords: ConnectionKeywords = {},
  more: Partial<ConnectionFlags> = {},
) {
  return connectionFor(scopeOf(variables), keywords, { ...flags, ...more });
}

test('without anything said, it is ssh to the name in the inventory with host keys checked', (t) => {
  const { settings: found, become } = settings({});
  t.like(found, { kind: 'ssh', host: 'h1', hostKeyChecking: true, connectTimeoutSeconds: 10 });
  t.is(found.port, undefined);
  t.is(found.user, undefined);
  t.is(become, undefined);
});

test('variables beat keywords, and keywords the command line', (t) => {
  const keywords = { connection: 'local', port: '22', remoteUser: 'keyword' };
  const given = { connection: 'ssh', user: 'flag', privateKeyFile: '/flag', password: 'flag' };
  const byVariable = settings(
    {
      ansible_connection: 'paramiko',
      ansible_port: '2222',
      ansible_user: 'variable',
      ansible_ssh_private_key_file: '/variable',
    },
    keywords,
    given,
  ).settings;
  t.like(byVariable, { kind: 'ssh', port: 2222, user: 'variable', privateKeyFile: '/variable', password: 'flag' });
  t.like(settings({}, keywords, given).settings, { kind: 'local', port: 22, user: 'keyword' });
  t.like(settings({}, {}, given).settings, { kind: 'ssh', user: 'flag', privateKeyFile: '/flag' });
});

test('the older names of variables are understood', (t) => {
  const found = settings({
    ansible_ssh_host: '10.0.0.1',
    ansible_ssh_port: 23,
    ansible_ssh_user: 'u',
    ansible_ssh_pass: 1234,
    ansible_ssh_host_key_checking: 'no',
    ansible_ssh_retries: '3',
    ansible_ssh_timeout: 5,
  }).settings;
  t.like(found, {
    host: '10.0.0.1',
    port: 23,
    user: 'u',
    password: '1234',
    hostKeyChecking: false,
    retries: 3,
    connectTimeoutSeconds: 5,
  });
});

test('how long a command is found again: seconds, not for this machine', (t) => {
  const of = (value: Value, more: Record<string, Value> = {}) =>
    settings({ ansible_kplay_reattach: value, ...more }).reattachSeconds;
  t.is(settings({}).reattachSeconds, undefined);
  t.is(of(600), 600);
  t.is(of('90'), 90);
  t.is(of(0), undefined);
  t.is(of(''), undefined);
  t.is(of(600, { ansible_connection: 'local' }), undefined);
  t.throws(() => of(-1), { message: 'ansible_kplay_reattach must be a number of seconds, not "-1".' });
  t.throws(() => of(mapping([['a', [1]]])), {
    message: 'ansible_kplay_reattach must be a number, not "{\'a\': [1]}".',
  });
  t.throws(() => of('soon'), { message: 'ansible_kplay_reattach must be a number, not "soon".' });
});

test('ssh arguments are put together, each variable in place of its own option of the command line', (t) => {
  const args = (variables: Record<string, Value>, sshExtraArgs?: string) =>
    settings(variables, {}, { sshCommonArgs: '-o Flag=1', sshExtraArgs }).settings.sshArgs;
  t.is(args({}), '-o Flag=1');
  t.is(args({ ansible_ssh_args: '-C' }), '-C -o Flag=1');
  t.is(args({ ansible_ssh_common_args: '-o A=1', ansible_ssh_extra_args: '-o B=1' }), '-o A=1 -o B=1');
  t.is(args({ ansible_ssh_common_args: '-o A=1' }, '-K'), '-o A=1 -K');
  t.is(args({ ansible_ssh_extra_args: '' }, '-K'), '-o Flag=1');
  t.is(args({ ansible_control_path: '%(directory)s/%%h' }), '-o Flag=1 -o "ControlPath=~/.ansible/cp/%h"');
});

test("OpenSSH's client, its program, and a key that is no file", (t) => {
  t.is(settings({ ansible_connection: 'openssh' }).settings.kind, 'openssh');
  t.like(settings({ ansible_ssh_executable: '/opt/ssh', ansible_ssh_private_key: 'KEY' }).settings, {
    kind: 'ssh',
    sshExecutable: '/opt/ssh',
    privateKey: 'KEY',
  });
});

test('become: variables, keywords and flags, each with the method of its own names', (t) => {
  t.deepEqual(settings({ ansible_become: 'yes' }).become, {
    method: 'sudo',
    user: 'root',
    password: undefined,
    flags: undefined,
    exe: undefined,
  });
  t.is(settings({ ansible_become: 'false' }, { become: true }).become, undefined);
  t.is(settings({}, { become: false }, { become: true }).become, undefined);
  t.like(settings({}, {}, { become: true, becomeUser: 'flag', becomePassword: 'p' }).become, {
    user: 'flag',
    password: 'p',
  });
  const variables = {
    ansible_become_password: 'general',
    ansible_su_pass: 'own',
    ansible_become_user: 'general',
    ansible_sudo_user: 'sudoer',
  };
  t.like(settings(variables, { become: true, becomeMethod: 'su', becomeUser: 'keyword' }).become, {
    method: 'su',
    user: 'general',
    password: 'own',
  });
  t.like(settings(variables, { become: true }).become, { method: 'sudo', user: 'sudoer', password: 'general' });
  t.like(settings({}, { become: 'yes', becomeFlags: '-n', becomeExe: '/opt/sudo' }).become, {
    flags: '-n',
    exe: '/opt/sudo',
  });
});

test('a variable that is omit or empty counts as absent', (t) => {
  t.like(settings({ ansible_user: '__omit__', ansible_host: '' }, { remoteUser: 'keyword' }).settings, {
    user: 'keyword',
    host: 'h1',
  });
});

test('what kplay has not or what makes no sense is an error', (t) => {
  const code = (variables: Record<string, Value>, keywords: ConnectionKeywords = {}) =>
    (t.throws(() => settings(variables, keywords), { instanceOf: KplayError }) as KplayError).problems[0]?.code;
  t.is(code({ ansible_connection: 'docker' }), 'unsupported');
  t.is(code({ ansible_become: true, ansible_become_method: 'pbrun' }), 'unsupported');
  t.is(code({ ansible_port: 'many' }), 'variables');
  t.is(code({ ansible_port: 70000 }), 'variables');
  t.is(code({ ansible_become: 'perhaps' }), 'variables');
  t.is(code({ ansible_host: new Undefined("'ip' is undefined") }), 'undefined');
});
