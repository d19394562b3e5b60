import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import localeGen from '../../modules/locale_gen.ts';
import { textFunctions } from '../../runner/connection/probe-functions.ts';
import { runWithAnswers, shells, temporaryFolder } from './harness.ts';

const host = (made: string, wanted: string | undefined, supported = 'en_DK.UTF-8 UTF-8\nen_DK ISO-8859-1\n'): string =>
  `\n@@kplay:made\n${made}\n@@kplay:supported\n${supported}\n@@kplay:file\n${wanted === undefined ? '' : 'there'}\n@@kplay:wanted\n${wanted ?? ''}\n`;

test('locale_gen: a locale that is there, however it is written, is no change', async (t) => {
  for (const name of ['en_DK.UTF-8', 'en_DK.utf8']) {
    const result = await runWithAnswers(localeGen, { name }, [host('C\nen_DK.utf8', '')]);
    t.deepEqual([result.changed, result.scripts.length, result.fields.mechanism], [false, 1, 'glibc']);
  }
});

test('locale_gen: what is missing is taken out of its comment, or added, and made', async (t) => {
  const commented = await runWithAnswers(localeGen, { name: ['en_DK.UTF-8'] }, [
    host('C', '# All locales\n# en_DK.UTF-8 UTF-8\n#  en_DK ISO-8859-1'),
  ]);
  t.true(commented.changed);
  t.regex(commented.scripts[1]!, /# All locales\nen_DK\.UTF-8 UTF-8\n# {2}en_DK ISO-8859-1\n' >.*&& locale-gen &&$/ms);
  const added = await runWithAnswers(localeGen, { name: 'en_DK.UTF-8' }, [host('C', '# none')]);
  t.regex(added.scripts[1]!, /# none\nen_DK\.UTF-8 UTF-8\n'/);
});

test('locale_gen: absent puts it into a comment', async (t) => {
  const result = await runWithAnswers(localeGen, { name: 'en_DK.UTF-8', state: 'absent' }, [
    host('C\nen_DK.utf8', 'en_DK.UTF-8 UTF-8'),
  ]);
  t.regex(result.scripts[1]!, /'# en_DK\.UTF-8 UTF-8\n'/);
  t.false((await runWithAnswers(localeGen, { name: 'en_DK', state: 'absent' }, [host('C', '')])).changed);
});

test('locale_gen: without locale.gen the names are given to locale-gen', async (t) => {
  const result = await runWithAnswers(localeGen, { name: 'en_DK.UTF-8' }, [host('C', undefined)]);
  t.is(result.fields.mechanism, 'ubuntu_legacy');
  t.regex(result.scripts[1]!, /^locale-gen en_DK\.UTF-8/);
  const absent = await runWithAnswers(localeGen, { name: 'C', state: 'absent' }, [host('C', undefined, 'C UTF-8\n')]);
  t.regex(String(absent.msg), /cannot be removed/);
});

test('locale_gen: unknown names and a missing package are said', async (t) => {
  const unknown = await runWithAnswers(localeGen, { name: 'xx_XX.UTF-8' }, [host('C', '')]);
  t.is(unknown.msg, "The locale you've entered, xx_XX.UTF-8, is not available on your system.");
  const bare = await runWithAnswers(localeGen, { name: 'en_DK.UTF-8' }, [host('C', undefined, '')]);
  t.regex(String(bare.msg), /install the package locales/);
});

test('locale_gen: a locale that was not made, or is still there, is a failure whatever locale-gen says', (t) => {
  // Stand-ins: Debian's locale-gen ends with 0 when localedef fails; locale knows what the test says.
  const folder = temporaryFolder();
  const stub = (name: string, text: string): void =>
    writeFileSync(path.join(folder, name), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
  stub('locale-gen', 'exit 0');
  const cases = [
    { state: 'present', before: 'C', after: 'C\nen_DK.utf8', says: '' },
    { state: 'present', before: 'C', after: 'C\nen_DK', says: 'locale-gen did not make en_DK.UTF-8' },
    { state: 'absent', before: 'C\nen_DK.utf8', after: 'C', says: '' },
    { state: 'absent', before: 'C\nen_DK.utf8', after: 'C\nen_DK.utf8', says: 'locales-all' },
  ];
  return Promise.all(
    shells.flatMap((shell) =>
      cases.map(async ({ state, before, after, says }) => {
        const args = { name: 'en_DK.UTF-8', state };
        const { scripts } = await runWithAnswers(localeGen, args, [
          host(before, undefined).replace(':file\n', ':file\nthere\n'),
        ]);
        const here = temporaryFolder();
        writeFileSync(path.join(here, 'locale'), `#!/bin/sh\nprintf '%s\\n' '${after}'\n`, { mode: 0o755 });
        const script = `${textFunctions}\n${scripts[1]!.replaceAll('/etc/locale.gen', `${here}/locale.gen`)}`;
        const env = { PATH: `${here}:${folder}:/usr/bin:/bin` };
        const ran = spawnSync(shell[0]!, [...shell.slice(1), '-c', script], { env, encoding: 'utf8' });
        t.is(ran.status, says === '' ? 0 : 1, ran.stderr);
        t.true(ran.stderr.includes(says), ran.stderr);
      }),
    ),
  );
});
