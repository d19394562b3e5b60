import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { effectiveOptions, findClient } from '../../runner/connection/openssh/client.ts';
import { toldOptions } from '../../runner/connection/openssh/config.ts';
import { shellWords } from '../../runner/connection/ssh/arguments.ts';
import { temporaryDirectory } from '../temporary.ts';

/** Words, and the option that they set to what stands for itself; none where ssh has to be asked. */
const cases: readonly [string, string?][] = [
  ['-o UserKnownHostsFile=/a', 'userknownhostsfile'],
  ['-oUserKnownHostsFile=/a -o UserKnownHostsFile=/b', 'userknownhostsfile'],
  ['-o "GlobalKnownHostsFile /a"', 'globalknownhostsfile'],
  ['-o "  userknownhostsfile =  /a "', 'userknownhostsfile'],
  ['-o ForwardAgent=yes', 'forwardagent'],
  ['-o ControlPath=/a/s', 'controlpath'],
  ['-o ProxyJump=a,b', 'proxyjump'],
  ['-o UserKnownHostsFile=~/a'],
  ['-o UserKnownHostsFile=/a/%h'],
  ['-o UserKnownHostsFile=${HOME}/a'],
  [`-o 'UserKnownHostsFile="/a b"'`],
  [`-o 'UserKnownHostsFile=/a /b'`],
  ['-J a'],
  ['-A'],
  ['-S /a/s'],
  ['-To StrictHostKeyChecking=no'],
];

const client = findClient(undefined, process.env);
const run = client === undefined ? test.skip : test;

for (const [text, option] of cases) {
  run(`words for ssh: ${text}`, async (t) => {
    const words = shellWords(text);
    const told = toldOptions({ words, files: [] });
    if (option === undefined) return t.is(told, undefined);
    const effective = await effectiveOptions(client!, ['-F', 'none', ...words], 'h', process.env);
    t.deepEqual([...told!], [[option, effective.get(option)]]);
  });
}

test('options that need not be known, and files that set none', (t) => {
  const file = join(temporaryDirectory('kplay-ssh-config'), 'config');
  writeFileSync(file, 'Port 22\n');
  const words = shellWords('-o Compression=yes -i /a -p 22 -o StrictHostKeyChecking=no');
  t.deepEqual([...toldOptions({ words, files: [file] })!], [['stricthostkeychecking', 'no']]);
  writeFileSync(file, 'Host *\n  ControlPath ~/.ssh/%C\n');
  t.is(toldOptions({ words, files: [file] }), undefined);
});
