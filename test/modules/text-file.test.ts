import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import test from 'ava';
import { filePrelude, fileProbe, parseFileState } from '../../modules/shared/file-state.ts';
import { parseRecords, recordPrelude } from '../../modules/shared/probe-records.ts';
import { textFile, textProbe } from '../../modules/shared/text-file.ts';
import { textFunctions } from '../../runner/connection/probe-functions.ts';
import { isInstalled, temporaryFolder } from './harness.ts';

for (const shell of ['sh', 'bash', 'mksh', 'posh', 'zsh', 'yash', 'ksh'].filter(isInstalled)) {
  test(`${shell}: the text of a file is read whatever numbers the shell reckons with`, (t) => {
    const file = `${temporaryFolder()}/file`;
    writeFileSync(file, 'one\ntwo\n');
    // As connections do: mksh has an alias r.
    const script = `unalias -a 2>/dev/null\n${textFunctions}\n${recordPrelude}${filePrelude}${fileProbe(`'${file}'`, textProbe({}))}`;
    const { stdout } = spawnSync(shell, ['-c', 'eval "$1"', shell, script], { encoding: 'utf8' });
    const [record] = parseRecords(stdout);
    t.is(textFile(parseFileState(record!)).text, 'one\ntwo\n');
  });
}

test('a file whose content is not there is not taken for an empty one', (t) => {
  const fields = ['--', 'path=/f', 'stat=81a4 0 0 4 0', 'owner=root', 'group=root', 'identity=81a4', 'umask=022'];
  const [record] = parseRecords(fields.join('\n'));
  t.throws(() => textFile(parseFileState(record!)), { message: 'the content of /f was not read' });
});
