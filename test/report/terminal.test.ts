import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { ReportedResult, ReportedTask, RunEvent } from '../../runner/events.ts';
import { JsonReporter } from '../../runner/report/json.ts';
import { PlainReporter } from '../../runner/report/plain.ts';
import { textOf } from '../shown-text.ts';
import { temporaryDirectory } from '../temporary.ts';

/** Text that would steer a terminal if it got there: no part of what kplay itself writes. */
const hostile = 'A\u0001\u0007\u0090\u009b\u202e\u2066\u007f\rB';
const harmful = /[\0-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/;
const colors = /\u001b\[0(?:;\d+)?m/g;

const position = { file: hostile, line: 1, column: 1 };
const task: ReportedTask = {
  id: '1',
  name: hostile,
  action: 'debug',
  position,
  handler: false,
  tags: [hostile],
  checkMode: false,
};

function result(outcome: ReportedResult['outcome']): ReportedResult {
  return {
    outcome,
    ignored: true,
    fields: { [hostile]: hostile, msg: [hostile, { [hostile]: hostile }] },
    diffs: [{ before: `${hostile}\n`, after: `${hostile}${hostile}\n`, beforeHeader: hostile, afterHeader: hostile }],
    warnings: [hostile],
    delegatedTo: hostile,
    item: { [hostile]: [hostile] },
    duration: 1,
  };
}

const time = 1;
const host = hostile;
const numbers = { ok: 1, changed: 1, unreachable: 1, failed: 1, skipped: 1, rescued: 1, ignored: 1 };
const events: readonly RunEvent[] = [
  { type: 'play-start', time, name: hostile, strategy: 'linear', hosts: [host], position },
  { type: 'task-start', time, task, hosts: [host] },
  { type: 'host-output', time, task, host, stream: 'stdout', text: `${hostile}\n${hostile}` },
  { type: 'host-retry', time, task, host, attempt: 1, retriesLeft: 1, result: result('failed') },
  ...(['ok', 'changed', 'skipped', 'failed', 'unreachable'] as const).flatMap((outcome): RunEvent[] => [
    { type: 'host-item', time, task, host, result: { ...result(outcome), item: hostile } },
    { type: 'host-result', time, task, host, result: result(outcome), looped: false },
  ]),
  { type: 'included', time, file: hostile, hosts: [host], item: hostile },
  { type: 'handler-notified', time, handler: hostile, host },
  ...(['warning', 'deprecated', 'info', 'verbose'] as const).map(
    (level): RunEvent => ({ type: 'message', time, level, text: hostile, position }),
  ),
  {
    type: 'recap',
    time,
    hosts: { [host]: numbers },
    custom: { [hostile]: { [hostile]: hostile } },
    interrupted: false,
  },
];

for (const verbosity of [0, 1, 4]) {
  for (const color of [false, true]) {
    test(`nothing in Ansible’s text steers the terminal: verbosity ${verbosity}, ${color ? 'with' : 'without'} colours`, (t) => {
      const parts: string[] = [];
      const write = (part: string): void => void parts.push(part);
      const reporter = new PlainReporter({ write, writeError: write, verbosity, color });
      for (const event of events) reporter.handle(event);
      const text = parts.join('');
      t.is(colors.test(text), color);
      const rest = text.replaceAll(colors, '');
      t.notRegex(rest, harmful);
      t.notRegex(rest, /\u001b|\r/);
      t.regex(rest, /TASK \[A\\x01\\x07\\x90\\x9b\\u202e\\u2066\\x7f\\x0dB\] \*+\n/);
    });
  }
}

test('nothing in JSON steers the terminal, and it means the same', (t) => {
  for (const event of events) {
    const parts: string[] = [];
    new JsonReporter((part) => void parts.push(part)).handle(event);
    const text = parts.join('');
    t.notRegex(text, harmful);
    t.deepEqual(JSON.parse(text), JSON.parse(JSON.stringify(event)));
  }
});

test('a command’s lines end where they end, also with CR and LF', (t) => {
  const parts: string[] = [];
  const write = (part: string): void => void parts.push(part);
  const reporter = new PlainReporter({ write, writeError: write, verbosity: 2, color: false });
  reporter.handle({ type: 'host-output', time, task, host: 'h', stream: 'stdout', text: 'one\r\ntwo\r\n10%\r20%\n' });
  t.is(parts.join(''), '  h | one\n  h | two\n  h | 10%\\x0d20%\n');
});

const escaped = JSON.stringify(hostile).slice(1, -1).replaceAll('\u007f', '\\u007f');
const files = {
  'hosts.yml': `all: {hosts: {"h${escaped}": {ansible_connection: local, dirty: "${escaped}"}}}`,
  'play.yml': `
- name: "play ${escaped}"
  hosts: all
  gather_facts: false
  vars_prompt: [{name: asked, private: false, prompt: "prompt ${escaped}", default: "${escaped}"}]
  tasks:
    - {name: "task {{ dirty }}", debug: {msg: "{{ dirty }}"}, tags: ["${escaped}"]}
    - {name: output, shell: "printf 'out\\\\001\\\\033[31m\\\\302\\\\233\\\\n'; printf 'a\\\\377b\\\\n' >&2"}
    - {name: item, debug: {msg: x}, loop: ["{{ dirty }}"]}
    - {name: failure, fail: {msg: "{{ dirty }}"}, loop: ["{{ dirty }}"], ignore_errors: true}
    - {name: diff, copy: {content: "{{ dirty }}", dest: "PLACE/file"}}
    - {name: pause, pause: {prompt: "{{ dirty }}", seconds: 1}}
    - {name: statistics, set_stats: {data: {"a": "{{ dirty }}"}}}
    - {name: error, debug: {msg: "{{ dirty | from_json }}"}}
`,
  'broken.yml': '- hosts: all\n  vars: {a\u0001\u009b\u202e: [}\n',
};

interface Run {
  readonly name: string;
  readonly words: readonly string[];
  readonly live?: boolean;
  readonly shows: RegExp;
}

const runs: readonly Run[] = [
  { name: 'Ansible’s text', words: ['play.yml', '-vvvv', '--diff'], shows: /task A\\x01/ },
  { name: 'JSON', words: ['play.yml', '-vvvv', '--diff', '--json'], shows: /task A\\u0001/ },
  { name: 'live', words: ['play.yml', '-vvvv', '--diff'], live: true, shows: /task A\\x01.*hA\\x01/s },
  {
    name: 'lists',
    words: ['play.yml', '--list-hosts', '--list-tasks', '--list-tags'],
    shows: /hA\\x01.*TAGS: \[A\\x01/s,
  },
  { name: 'error', words: ['broken.yml'], shows: /vars: \{a\\x01\\x9b\\u202e/ },
  { name: 'unknown file', words: [`${hostile.replace('\0', '')}.yml`], shows: /A\\x01/ },
];

for (const { name, words, live, shows } of runs) {
  test(`nothing that a run prints steers the terminal: ${name}`, async (t) => {
    const folder = temporaryDirectory('kplay-terminal');
    for (const [file, text] of Object.entries(files)) {
      writeFileSync(path.join(folder, file), text.replace('PLACE', folder));
    }
    const command = ['run', '-i', 'hosts.yml', ...words];
    const text = await textOf(command, { cwd: folder, columns: live ? 200 : undefined });
    t.notRegex(text, harmful);
    t.regex(text, shows);
    if (!live) t.notRegex(text, /\u001b|\r/);
  });
}

test('a terminal without columns gets Ansible’s text', async (t) => {
  const folder = temporaryDirectory('kplay-narrow');
  writeFileSync(path.join(folder, 'play.yml'), '- {hosts: all, gather_facts: false, tasks: [{debug: {msg: hi}}]}\n');
  const command = ['run', '-i', 'h,', '-c', 'local', 'play.yml'];
  t.regex(await textOf(command, { cwd: folder, columns: 0 }), /TASK \[debug\] \*+/);
  t.notRegex(await textOf(command, { cwd: folder, columns: 80 }), /TASK \[debug\]/);
});
