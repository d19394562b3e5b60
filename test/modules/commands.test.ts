import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import path from 'node:path';
import test from 'ava';
import command from '../../modules/command.ts';
import raw from '../../modules/raw.ts';
import script from '../../modules/script.ts';
import { globWord, pathWord } from '../../modules/shared/shell-path.ts';
import { splitWords } from '../../modules/shared/split-words.ts';
import shell from '../../modules/shell.ts';
import { runModule, shells, temporaryFolder } from './harness.ts';

for (const sh of shells) {
  test(`${sh[0]}: a command's words reach it as they are`, async (t) => {
    const result = await runModule(
      command,
      { _raw_params: `printf '<%s>' "a  b" '*' ; | it\\'s $NOPE \${NOPE} $GIVEN` },
      {
        shell: sh,
        environment: { GIVEN: 'given value' },
      },
    );
    t.is(result.fields.stdout, "<a  b><*><;><|><it's><$NOPE><${NOPE}><given value>");
    t.is(result.fields.rc, 0);
    t.true(result.changed);
    const argv = await runModule(
      command,
      { argv: ['printf', '<%s>', '$HOME', ''], expand_argument_vars: false },
      { shell: sh },
    );
    t.is(argv.fields.stdout, '<$HOME><>');
    t.deepEqual(argv.fields.cmd, ['printf', '<%s>', '$HOME', '']);
  });

  test(`${sh[0]}: creates and removes keep a command from running, with wildcards and from chdir`, async (t) => {
    const folder = temporaryFolder();
    writeFileSync(`${folder}/it's here`, '');
    const guarded = (args: Record<string, string>) => runModule(shell, { cmd: 'echo ran', ...args }, { shell: sh });
    t.is((await guarded({ creates: `${folder}/it's*` })).fields.stdout, `skipped, since ${folder}/it's* exists`);
    t.is((await guarded({ creates: "it's here", chdir: folder })).changed, false);
    t.is((await guarded({ creates: `${folder}/not*` })).fields.stdout, 'ran');
    t.is((await guarded({ removes: `${folder}/not*` })).fields.stdout, `skipped, since ${folder}/not* does not exist`);
    t.is((await guarded({ removes: `${folder}/it*` })).fields.stdout, 'ran');
    const nowhere = await guarded({ chdir: `${folder}/nowhere` });
    t.true(nowhere.failed);
    t.regex(String(nowhere.msg), /Unable to change directory/);
  });

  test(`${sh[0]}: a script runs with its words, and nothing of it is left`, async (t) => {
    const folder = temporaryFolder();
    writeFileSync(`${folder}/my script.sh`, '#!/bin/sh\necho "$0 $1 $#"; pwd; cat; exit 3\n');
    const environment = { HOME: folder };
    const args = { _raw_params: "'s' one 'two three'", chdir: folder };
    const result = await runModule(script, args, { shell: sh, environment, files: { s: `${folder}/my script.sh` } });
    t.is(result.fields.rc, 3);
    t.true(result.failed);
    const [first, second] = String(result.fields.stdout).split('\n');
    t.regex(first!, /my script\.sh one 2$/);
    t.true(first!.startsWith(`${folder}/.kplay-`));
    t.is(second, folder);
    t.deepEqual(readdirSync(folder), ['my script.sh']);
  });

  // Only root may mount.
  (userInfo().uid === 0 ? test : test.skip)(
    `${sh[0]}: a script runs elsewhere when the home directory is mounted with noexec`,
    async (t) => {
      const folder = temporaryFolder();
      mkdirSync(`${folder}/home`);
      writeFileSync(`${folder}/hello.sh`, '#!/bin/sh\necho "$0"\n');
      writeFileSync(`${folder}/noexec`, 'mount -t tmpfs -o noexec none "$HOME" && exec "$@"\n');
      const shell = ['unshare', '--mount', 'sh', `${folder}/noexec`, ...sh];
      const options = { shell, environment: { HOME: `${folder}/home` } };
      const result = await runModule(script, { _raw_params: `${folder}/hello.sh` }, options);
      t.is(result.fields.stderr, '');
      const where = String(result.fields.stdout).trim();
      t.regex(where, /^\/(tmp|var\/tmp|dev\/shm)\/kplay-script-\w+\/hello\.sh$/);
      t.false(existsSync(where));
      t.is(
        (await runModule(script, { _raw_params: `${folder}/hello.sh`, executable: '/bin/sh' }, options)).fields.rc,
        0,
      );
    },
  );

  test(`${sh[0]}: creates and removes skip a script`, async (t) => {
    const folder = temporaryFolder();
    writeFileSync(`${folder}/hello.sh`, 'echo hello\n');
    const run = (args: Record<string, string>) =>
      runModule(script, { cmd: `${folder}/hello.sh`, executable: 'sh', ...args }, { shell: sh });
    t.like(await run({ creates: folder }), { skipped: true, msg: `${folder} exists, matching creates option` });
    t.like(await run({ removes: '/nowhere' }), {
      skipped: true,
      msg: '/nowhere does not exist, matching removes option',
    });
    t.is((await run({ creates: '/nowhere', removes: folder })).fields.stdout, 'hello\n');
  });
}

test("what the user wrote keeps the user's PATH", async (t) => {
  const environment = { PATH: '/usr/bin:/bin' };
  const file = path.join(temporaryFolder(), 'path.sh');
  writeFileSync(file, 'echo "$PATH"\n');
  for (const [module, text] of [
    [command, `sh -c 'echo "$PATH"'`],
    [shell, 'echo "$PATH"'],
    [raw, 'echo "$PATH"'],
    [script, file],
  ] as const) {
    const { fields } = await runModule(module, { _raw_params: text }, { environment });
    t.is(String(fields.stdout).trim(), environment.PATH, module.name);
  }
  const missing = await runModule(command, { _raw_params: 'groupadd x' }, { environment });
  t.is(missing.msg, "[Errno 2] No such file or directory: b'groupadd'");
});

test('failures are results', async (t) => {
  const failed = await runModule(shell, { _raw_params: 'echo out; echo err >&2; exit 7' });
  t.like(failed, { failed: true, changed: true, msg: 'The command exited with a non-zero return code.' });
  t.like(failed.fields, { rc: 7, stdout: 'out', stderr: 'err', cmd: 'echo out; echo err >&2; exit 7' });
  t.regex(String(failed.fields.delta), /^0:00:0\d\.\d{6}$/);
  const missing = await runModule(command, { cmd: 'no-such-program --help' });
  t.like(missing, { failed: true, changed: false, msg: "[Errno 2] No such file or directory: b'no-such-program'" });
  t.is(missing.fields.rc, 2);
  for (const cmd of ['/etc/passwd', '/etc']) {
    const denied = await runModule(command, { cmd });
    t.like(denied, { failed: true, changed: false, msg: `[Errno 13] Permission denied: b'${cmd}'` });
    t.is(denied.fields.rc, 13);
  }
  const folder = temporaryFolder();
  writeFileSync(`${folder}/sealed`, '', { mode: 0o644 });
  mkdirSync(`${folder}/bin`);
  writeFileSync(`${folder}/bin/both`, '', { mode: 0o644 });
  writeFileSync(`${folder}/both`, '#!/bin/sh\n', { mode: 0o755 });
  const environment = { PATH: `${folder}/bin:${folder}:${process.env.PATH}` };
  t.is((await runModule(command, { cmd: 'sealed' }, { environment })).fields.rc, 13);
  t.is((await runModule(command, { cmd: 'both' }, { environment })).fields.rc, 0);
  t.true((await runModule(command, { cmd: ' ' })).failed);
  t.true((await runModule(command, { cmd: 'a', argv: ['b'] })).failed);
  t.true((await runModule(command, { cmd: 'echo "open' })).failed);
});

test('check mode looks at the guards and runs nothing', async (t) => {
  const folder = temporaryFolder();
  const cmd = `touch ${folder}/made`;
  const plain = await runModule(shell, { cmd }, { check: true });
  t.like(plain, { skipped: true, changed: false });
  const guarded = await runModule(shell, { cmd, creates: `${folder}/made` }, { check: true });
  t.like(guarded, { skipped: false, changed: true });
  t.false(existsSync(`${folder}/made`));
  t.true((await runModule(raw, { _raw_params: cmd }, { check: true })).skipped);
  t.false(existsSync(`${folder}/made`));
});

test('stdin ends with a line end unless told otherwise', async (t) => {
  t.is((await runModule(shell, { cmd: 'wc -c', stdin: 'abc' })).fields.stdout, '4');
  t.is((await runModule(shell, { cmd: 'wc -c', stdin: 'abc', stdin_add_newline: false })).fields.stdout, '3');
  t.is((await runModule(command, { cmd: 'cat' })).fields.stdout, '');
});

test('shell knows executable, raw keeps its output whole', async (t) => {
  t.is((await runModule(shell, { cmd: 'echo ${BASH_VERSION:+bash}', executable: '/bin/bash' })).fields.stdout, 'bash');
  const result = await runModule(raw, { _raw_params: 'echo a; exit 2' });
  t.like(result.fields, { rc: 2, stdout: 'a\n' });
});

test('words and paths', (t) => {
  t.deepEqual(splitWords(`a "b \\" c" 'd\\e' f\\ g ''  h`), ['a', 'b " c', 'd\\e', 'f g', '', 'h']);
  t.is(pathWord('~/a b'), "~/'a b'");
  t.is(pathWord('~root'), '~root');
  t.is(pathWord('/x~y'), "'/x~y'");
  t.is(globWord('/a b/*.[ch]'), "'/a b/'*.[ch]");
});

test('a script that is encrypted with vault is refused, unless it is to be run as it is', async (t) => {
  const folder = temporaryFolder();
  writeFileSync(`${folder}/hidden.sh`, '$ANSIBLE_VAULT;1.1;AES256\n6162\n');
  const options = { files: { 'hidden.sh': `${folder}/hidden.sh` } };
  t.regex(String((await runModule(script, { _raw_params: 'hidden.sh' }, options)).msg), /encrypted with vault/);
  const asItIs = await runModule(script, { _raw_params: 'hidden.sh', decrypt: false }, options);
  t.notRegex(String(asItIs.msg), /encrypted with vault/);
});
