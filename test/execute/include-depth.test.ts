import path from 'node:path';
import test from 'ava';
import { directoryWith, start } from '../cli/kplay-process.ts';

const endless: Record<string, { files: Record<string, string>; message: RegExp }> = {
  'include_tasks of itself': {
    files: { 'tasks.yml': '- include_tasks: "{{ \'tasks.yml\' }}"\n' },
    message:
      /include_tasks: 1000 includes are inside of each other, the innermost of them in tasks\.yml, which is included by tasks\.yml\..*tasks\.yml:1:3/,
  },
  'include_tasks of what includes it, in a loop': {
    files: {
      'tasks.yml': '- include_tasks: other.yml\n  loop: [1, 2, 3]\n',
      'other.yml': '- include_tasks: tasks.yml\n',
    },
    message: /the innermost of them in other\.yml, which is included by tasks\.yml, which is included by other\.yml\./,
  },
};

for (const [what, { files, message }] of Object.entries(endless)) {
  test(`${what} fails with the place and the files`, async (t) => {
    const play = '- hosts: all\n  gather_facts: false\n  tasks:\n    - include_tasks: tasks.yml\n';
    const directory = directoryWith(t, { 'play.yml': play, ...files });
    const { code, stdout } = await start(['run', path.join(directory, 'play.yml'), '-i', 'a,', '-c', 'local']).end;
    t.is(code, 2);
    t.regex(stdout.split('\n').find((line) => line.startsWith('fatal:')) ?? '', message);
  });
}
