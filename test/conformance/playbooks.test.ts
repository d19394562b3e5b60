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
    const playbook = file.replace(/\.txt$/, '.yml');
    const source = readFileSync(path.join(folder, playbook), 'utf8');
    const printed = await fewAtOnce(() => run(playbook, source));
    const [ours, theirs] = withoutErrorWords(comparable(printed), comparable(expected));
    t.deepEqual(ours, theirs);
  });
}

function run(playbook: string, source: string): Promise<string> {
  const more = /^# arguments: (.*)$/m.exec(source)?.[1]?.split(' ') ?? [];
  return new Promise((resolve) => {
    const args = [kplay, 'run', '-f', '1', '-i', 'inventory.ini', ...more, playbook];
    const env = { ...process.env, ...environmentOf(source) };
    const child = execFile(process.execPath, args, { cwd: folder, encoding: 'utf8', env }, (_error, stdout) => {
      resolve(`${stdout}exit code ${child.exitCode}\n`);
    });
  });
}

/** Both without the message of a task that did not come to its module: the words of such errors, and their places, are kplay's own. */
function withoutErrorWords(printed: readonly string[], expected: readonly string[]): [string[], readonly string[]] {
  const isOwn = (line: string | undefined): boolean => /^(?:fatal|failed): .*"msg": "Task failed: /.test(line ?? '');
  const hide = (line: string): string => line.replaceAll(/"(msg|\w+_when_result)": "(?:[^"\\]|\\.)*"/g, '"$1": "…"');
  return [
    printed.map((line, index) => (isOwn(expected[index]) ? hide(line) : line)),
    expected.map((line) => (isOwn(line) ? hide(line) : line)),
  ];
}

/** The variables that a line `# environment: NAME=VALUE …` sets. */
function environmentOf(source: string): Record<string, string> {
  const words = /^# environment: (.*)$/m.exec(source)?.[1]?.split(' ') ?? [];
  return Object.fromEntries(words.map((word) => word.split('=') as [string, string]));
}

/**
 * Lines without what differs from run to run, without the titles of meta tasks, which kplay does not print, without the
 * paragraphs that newer Ansible prints before a failure, and without NO MORE HOSTS LEFT, which Ansible prints at some ends
 * of plays and not at others.
 * Kind and place of an error with no_log are kplay's.
 */
function comparable(text: string): string[] {
  return text
    .replaceAll(/"(delta|start|end)": "[^"]*"/g, '"$1": "…"')
    .replaceAll(`${folder}/`, '')
    .replaceAll(/\nTASK \[meta(: .*)?\] \*+\n(skipping: .*\n)?/g, '')
    .replaceAll(/^\[ERROR\]: [\s\S]*?\n\n(?=fatal: |failed: )/gm, '')
    .replaceAll(/, "fault": "[^"]*"(, "place": "[^"]*")?(, "unreachable": true)?/g, '')
    .replaceAll(/\nNO MORE HOSTS LEFT .*\n/g, '')
    .split('\n');
}
