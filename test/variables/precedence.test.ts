import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';

// What real ansible-playbook printed stands beside the playbook; record.sh there records it again.
const fixtures = path.join(packageRoot, 'test/fixtures/variables');
const folder = path.join(fixtures, 'precedence');
const kplay = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

test('every level of precedence, magic variables, roles and includes give the values that ansible-playbook shows', async (t) => {
  const expected = messages(readFileSync(path.join(fixtures, 'precedence.txt'), 'utf8'));
  t.true(expected.length > 20);
  const vars = ['-e', 'ev=extra', '-e', 'item=extra', '-e', '{"ev2": 1}'];
  const printed = await run(['run', '-f', '1', '-i', 'inventory', 'play.yml', ...vars]);
  t.deepEqual(messages(printed), expected);
});

/**
 * The messages of debug with the hosts that they are of. Role folders are printed absolute. Ansible 2.21 says otherwise what is
 * undefined, and names a role twice that is used twice.
 */
function messages(text: string): string[] {
  return [...text.matchAll(/^(ok|fatal): \[([^\]]+)\].*\n\s+"msg2?": (.*)$/gm)].map(
    ([, outcome, host, message]) => `${outcome} ${host} ${textOf(message!)}`,
  );
}

function textOf(message: string): string {
  return message
    .replaceAll(folder, '.')
    .replaceAll(/\/\S*\/precedence/g, '.')
    .replace(/<< error \d+ - .* >>/, 'VARIABLE IS NOT DEFINED!')
    .replace("'i', 'i'", "'i'");
}

function run(args: readonly string[]): Promise<string> {
  return new Promise((resolve) => {
    execFile(process.execPath, [kplay, ...args], { cwd: folder, encoding: 'utf8' }, (_error, stdout, stderr) => {
      resolve(stdout === '' ? stderr : stdout);
    });
  });
}
