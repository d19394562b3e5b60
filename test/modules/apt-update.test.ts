import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import test from 'ava';
import { aptPrelude, updateScript } from '../../modules/shared/apt/run.ts';
import { hostFunctions } from '../../runner/connection/host-functions.ts';
import { shells, temporaryFolder } from './harness.ts';

/** How apt-get update ends: 2.0 and older with 0 although a repository could not be fetched, newer ones not. */
const endings = [
  {
    version: 'apt 2.0',
    words: 'W: Failed to fetch http://a/dists/x/InRelease  Could not connect',
    code: 0,
    fails: true,
  },
  {
    version: 'apt 2.0',
    words: 'W: Some index files failed to download. They have been ignored.',
    code: 0,
    fails: true,
  },
  { version: 'apt 2.6', words: 'E: Some index files failed to download.', code: 100, fails: true },
  { version: 'apt 2.6', words: 'W: http://a/x: Key is stored in legacy trusted.gpg keyring', code: 0, fails: false },
  { version: 'apt 3.0', words: '', code: 0, fails: false },
];

for (const shell of shells) {
  test(`${shell[0]}: lists that were not fetched are a failure, whatever apt-get ends with`, (t) => {
    for (const { version, words, code, fails } of endings) {
      // A stand-in that ends as that version does.
      const folder = temporaryFolder();
      const text = `#!/bin/sh\n[ -z '${words}' ] || echo '${words}' >&2\nexit ${code}\n`;
      writeFileSync(`${folder}/apt-get`, text, { mode: 0o755 });
      const prelude = aptPrelude({ lockTimeout: 1, dpkgOptions: '', policyRcD: undefined });
      const update = updateScript(1, 1).replaceAll('/var/lib/apt/lists', `${folder}/lists`);
      const script = `HOME=${folder}\nkplay_keeper=$$\n${hostFunctions}\n${prelude}\n${update}\nexit 0`;
      const env = { PATH: `${folder}:/usr/bin:/bin` };
      const { status, stderr } = spawnSync(shell[0]!, [...shell.slice(1), '-c', script], { env, encoding: 'utf8' });
      t.is(status !== 0, fails, `${version}: ${words}: ${stderr}`);
      if (words !== '') t.true(stderr.includes(words));
    }
  });
}
