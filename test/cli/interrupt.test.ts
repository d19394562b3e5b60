import { existsSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { directoryWith, start } from './kplay-process.ts';

/** A play that computes something long; the file is there once that begins, when signals have been listened for since a while. */
function play(expression: string): string {
  return `
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: "{{ lookup('pipe', 'sleep 2; touch begun') }}${expression}"}
`;
}

/** Counts to ten thousand millions, step by step. */
const loops = '{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}done';

/** Waits until a file is there. */
async function there(file: string): Promise<void> {
  while (!existsSync(file)) await new Promise((resolve) => setTimeout(resolve, 20));
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  test(`${signal} is heard while a template computes, and the run ends in order`, async (t) => {
    const directory = directoryWith(t, { 'play.yml': play(loops) });
    const kplay = start(['run', path.join(directory, 'play.yml'), '-i', 'a,b,', '-c', 'local']);
    await there(path.join(directory, 'begun'));
    kplay.kill(signal);
    const { code, stdout, stderr } = await kplay.end;
    t.is(code, 99);
    t.regex(stderr, /Interrupted: stopping what runs on the hosts/);
    t.regex(stderr, /interrupted: \[debug\] was stopped on a, b/);
    t.regex(stdout, /PLAY RECAP/);
  });
}

test('what cannot be interrupted is ended with the process', async (t) => {
  const directory = directoryWith(t, { 'play.yml': play("{{ lookup('pipe', 'exec sleep 60') }}") });
  const kplay = start(['run', path.join(directory, 'play.yml'), '-i', 'a,', '-c', 'local']);
  await there(path.join(directory, 'begun'));
  kplay.kill('SIGINT');
  const { code, signal, stderr } = await kplay.end;
  t.is(code, null);
  t.is(signal, 'SIGKILL');
  t.is(stderr, 'kplay: ended in the middle of a computation that cannot be interrupted.\n');
});

test('Ctrl-C ends a loop that never waits for anything', async (t) => {
  const directory = directoryWith(t, {
    'play.yml': `
- hosts: all
  gather_facts: false
  tasks:
    - debug: {msg: "{{ item }}"}
      loop: "{{ range(300000) | list }}"
`,
  });
  const kplay = start(['run', path.join(directory, 'play.yml'), '-i', 'a,', '-c', 'local']);
  await kplay.line(/item=1000\)/);
  kplay.kill('SIGINT');
  const { code, stdout } = await kplay.end;
  t.is(code, 99);
  t.notRegex(stdout, /item=299999\)/);
});

const waits = {
  pause: '- pause: {seconds: 300}',
  wait_for: '- wait_for: {host: 127.0.0.1, port: 1, delay: 300}',
  'a pause between the turns of a loop': '- {debug: {msg: x}, loop: [1, 2], loop_control: {pause: 300}}',
  'a delay between tries': '- {command: "false", register: r, until: r.rc == 0, retries: 3, delay: 300}',
};

for (const [what, task] of Object.entries(waits)) {
  test(`Ctrl-C ends ${what}, though nothing else would for minutes`, async (t) => {
    const directory = directoryWith(t, {
      'play.yml': `- hosts: all\n  gather_facts: false\n  tasks:\n    - debug: {msg: first}\n    ${task}\n`,
    });
    const kplay = start(['run', path.join(directory, 'play.yml'), '-i', 'a,', '-c', 'local']);
    await kplay.line(/^ok: \[a\]/);
    kplay.kill('SIGINT');
    const { code, stdout } = await kplay.end;
    t.is(code, 99);
    t.regex(stdout, /PLAY RECAP/);
  });
}
