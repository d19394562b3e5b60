import test from 'ava';
import { labEnvironment } from '../environment.ts';
import { attempt } from '../shell.ts';

const users = {
  ...{ GOFLAGS: '-mod=mod', GOENV: '/home/me/go', MAKEFLAGS: '-n', CFLAGS: '-O3', TAR_OPTIONS: '-v', CDPATH: '/usr' },
  ...{
    BASH_ENV: '/home/me/.env',
    LANG: 'de_DE.UTF-8',
    XDG_CONFIG_HOME: '/home/me/.config',
    APT_CONFIG: '/home/me/apt',
  },
  ...{ HOME: '/home/me', PATH: '/home/me/bin:/usr/bin', TMPDIR: '/home/me/tmp', GIT_DIR: '/home/me/.git' },
};

test('a user’s settings reach nothing that makes the lab', (t) => {
  t.deepEqual(labEnvironment(users), labEnvironment({}));
});

test('how packages are reached is taken over', (t) => {
  const taken = { https_proxy: 'http://127.0.0.1:3128', NO_PROXY: 'localhost', KPLAY_LAB_BULLSEYE: 'http://127.0.0.1' };
  t.like(labEnvironment({ ...users, ...taken }), taken);
});

test.serial('the lab’s commands run in that environment', async (t) => {
  const before = { ...process.env };
  t.teardown(() => {
    for (const name of Object.keys(users)) delete process.env[name];
    Object.assign(process.env, before);
  });
  const expected = (await attempt('env', [])).stdout;
  Object.assign(process.env, users);
  t.is((await attempt('env', [])).stdout, expected);
  t.regex(expected, /^LAB_CACHE=/m);
});
