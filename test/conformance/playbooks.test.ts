import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { fewAtOnce } from '../few-at-once.ts';

// What real ansible-playbook printed is in recorded/; record.sh beside it records it again.
const folder = path.join(packageRoot, 'test/conformance/playbooks');
const kplay = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

for (const file of readdirSync(path.join(folder, 'recorded')).filter((name) => name.endsWith('.txt'))) {
  test(`${file.replace(/\.txt$/, '.yml')} prints what ansible-playbook prints`, async (t) => {
    const expected = readFileSync(path.join(folder, 'recorded', file), 'utf8');
    const printed = await fewAtOnce(() => run(file.replace(/\.txt$/, '.yml')));
    t.deepEqual(comparable(printed), comparable(expected));
  });
}

function run(playbook: string): Promise<string> {
  return new Promise((resolve) => {
    const more = /^# arguments: (.*)$/m.exec(readFileSync(path.join(folder, playbook), 'utf8'))?.[1]?.split(' ') ?? [];
    const args = [kplay, 'run', '-f', '1', '-i', 'inventory.ini', ...more, playbook];
    const child = execFile(process.execPath, args, { cwd: folder, encoding: 'utf8' }, (_error, stdout) => {
      resolve(`${stdout}exit code ${child.exitCode}\n`);
    });
  });
}

/**
 * Lines without what differs from run to run, without the titles of meta tasks, which kplay does not print, and without
 * NO MORE HOSTS LEFT, which Ansible prints at some ends of plays and not at others.
 */
function comparable(text: string): string[] {
  return text
    .replaceAll(/"(delta|start|end)": "[^"]*"/g, '"$1": "…"')
    .replaceAll(`${folder}/`, '')
    .replaceAll(/\nTASK \[meta: .*\n(skipping: .*\n)?/g, '')
    .replaceAll(/\nNO MORE HOSTS LEFT .*\n/g, '')
    .split('\n');
}
