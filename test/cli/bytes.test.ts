import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { quote } from '../../runner/connection/quote.ts';
import { shellCommand } from '../../runner/python/process.ts';

const main = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));
const root = mkdtempSync(path.join(tmpdir(), 'kplay-bytes-'));
test.after.always(() => rmSync(root, { recursive: true, force: true }));

/** Every byte that a shell can take, twice; no white space at the ends, which results lose. */
const all = Buffer.from([...range(33, 255), 0xc3, ...range(1, 255), 0x2e]);
const latin = Buffer.from([0x63, 0x61, 0x66, 0xe9]);

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Writes files into a folder of their own. */
function folderOf(files: Readonly<Record<string, string | Buffer>>): string {
  const folder = mkdtempSync(path.join(root, 'play-'));
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), content, { mode: 0o755 });
  }
  return folder;
}

/** Runs a playbook; its words and the environment may hold bytes that are not UTF-8, as lone surrogates. */
async function run(folder: string, words: readonly string[], environment: Readonly<Record<string, string>> = {}) {
  const call = [process.execPath, main, 'run', 'play.yml', '-c', 'local', ...words].map(quote).join(' ');
  const command = shellCommand(`exec ${call}`, { ...process.env, NO_COLOR: '1', LC_ALL: 'C.UTF-8', ...environment });
  const kplay = spawn(command.file, command.args, { cwd: folder, env: command.env, stdio: ['ignore', 'pipe', 'pipe'] });
  const ended = new Promise<number | null>((resolve) => kplay.once('exit', resolve));
  const [stdout, stderr] = await Promise.all([buffer(kplay.stdout), buffer(kplay.stderr)]);
  return { code: await ended, stdout, stderr: stderr.toString(), text: stdout.toString() };
}

/** Files of the host are in out/. */
function made(folder: string, name: string): Buffer {
  return readFileSync(path.join(folder, 'out', name));
}

function playOf(tasks: string): string {
  const vars = `  vars: {out: "{{ playbook_dir }}/out", latin: "{{ 'Y2Fm6Q==' | b64decode }}"}\n`;
  return `- hosts: all\n  gather_facts: false\n${vars}  tasks:\n${tasks.trim().replace(/^/gm, '    ')}\n`;
}

test('all bytes go through results, variables, templates and modules unchanged', async (t) => {
  const folder = folderOf({
    'play.yml': playOf(`
- command: cat {{ playbook_dir }}/files/all
  register: printed
- slurp: {src: "{{ playbook_dir }}/files/all"}
  register: slurped
- assert:
    that:
      - slurped.content | b64decode == printed.stdout
      - printed.stdout | b64encode == slurped.content
      - lookup('file', 'all') == printed.stdout
      - lookup('pipe', 'cat ' ~ playbook_dir ~ '/files/all') == printed.stdout
      - lookup('pipe', 'printf %s ' ~ (printed.stdout | quote)) == printed.stdout
      - (printed.stdout | to_json | from_json) == printed.stdout
- set_fact: {fact: "{{ printed.stdout }}"}
- copy: {content: "{{ fact }}", dest: "{{ out }}/content"}
- template: {src: text.j2, dest: "{{ out }}/template"}
- command: {cmd: cat, stdin: "{{ fact }}", stdin_add_newline: false}
  register: echoed
- copy: {content: "{{ echoed.stdout }}", dest: "{{ out }}/stdin"}
- shell: printf %s {{ fact | quote }} >{{ out }}/argument; printf %s "$ALL" >{{ out }}/environment
  environment: {ALL: "{{ fact }}"}
- lineinfile: {path: "{{ out }}/line", line: "{{ latin }}", create: true}
- lineinfile: {path: "{{ out }}/line", regexp: "^{{ latin }}$", line: "x{{ latin }}é"}
- lineinfile: {path: "{{ out }}/line", line: plain, insertbefore: BOF}
- blockinfile: {path: "{{ out }}/block", block: "{{ latin }}", create: true, marker: "#{mark}", marker_begin: a, marker_end: z}
- copy: {content: "a\\n", dest: "{{ out }}/replaced"}
- replace: {path: "{{ out }}/replaced", regexp: a, replace: "{{ latin }}"}
- ini_file: {path: "{{ out }}/ini", section: s, option: o, value: "{{ latin }}", no_extra_spaces: true}
- stat: {path: "{{ out }}/content"}
  register: content
- assert: {that: content.stat.checksum == (fact | sha1)}
`),
    'files/all': all,
    'templates/text.j2': Buffer.concat([Buffer.from('{{ fact }}|'), latin, Buffer.from("{% include 'part.j2' %}")]),
    'templates/part.j2': latin,
    'out/.keep': '',
  });
  const { code, text, stderr } = await run(folder, ['-i', 'h,']);
  t.is(code, 0, text + stderr);
  for (const name of ['content', 'stdin', 'argument', 'environment']) t.true(made(folder, name).equals(all), name);
  t.true(made(folder, 'template').equals(Buffer.concat([all, Buffer.from('|'), latin, latin])));
  t.is(made(folder, 'line').toString('latin1'), 'plain\nxcaf\xe9\xc3\xa9\n');
  t.is(made(folder, 'block').toString('latin1'), '#a\ncaf\xe9\n#z\n');
  t.is(made(folder, 'replaced').toString('latin1'), 'caf\xe9\n');
  t.is(made(folder, 'ini').toString('latin1').trim(), '[s]\no=caf\xe9');
});

test('such bytes count as one character each, and filters that Python refuses them fail with the place', async (t) => {
  const folder = folderOf({
    'play.yml': playOf(`
- assert:
    that:
      - latin | length == 4
      - (latin * 2)[3:5] == latin[-1] ~ 'c'
      - latin | upper == 'CAF' ~ latin[3]
      - latin | regex_replace('.', 'x') == 'xxxx'
      - latin | to_json == '"caf\\\\udce9"'
      - latin | list | last | b64encode == '6Q=='
      - ('%.1s' | format('😀a')) == '😀'
      - "'😁a😀'.strip('😀') == '😁a'"
      - ('6Q==' | b64decode(encoding='latin-1')) == 'é'
      - ('é' | b64encode(encoding='latin-1')) == '6Q=='
      - lookup('csvfile', 'k', file='t.csv', delimiter=',', encoding='latin-1') == 'café'
      - lookup('csvfile', 'k', file='t.csv', delimiter=',') == latin
- debug: {msg: "{{ latin | urlencode }}"}
  ignore_errors: true
- debug: {msg: "{{ latin | to_yaml }}"}
  ignore_errors: true
- copy: {content: "{{ '\\"\\\\ud83d\\"' | from_json }}", dest: "{{ out }}/half"}
  ignore_errors: true
- template: {src: euro.j2, dest: "{{ out }}/euro", output_encoding: latin-1}
  ignore_errors: true
- template: {src: latin.j2, dest: "{{ out }}/latin", output_encoding: latin-1}
`),
    'files/t.csv': Buffer.concat([Buffer.from('k,'), latin, Buffer.from('\n')]),
    'templates/euro.j2': '€',
    'templates/latin.j2': '{{ latin }}é',
    'out/.keep': '',
  });
  const { code, text, stderr } = await run(folder, ['-i', 'h,']);
  t.is(code, 0, text + stderr);
  t.is(
    text.match(/codec can't encode character '\\\\udce9' in position 3: surrogates not allowed\\nat \S+play.yml:\d/g)
      ?.length,
    2,
  );
  t.regex(text, /'utf-8' codec can't encode character '\\\\ud83d' in position 0/);
  t.regex(text, /'latin-1' codec can't encode character '\\\\u20ac' in position 0: ordinal not in range\(256\)/);
  t.deepEqual(readdirSync(path.join(folder, 'out')).sort(), ['.keep', 'latin']);
  t.is(made(folder, 'latin').toString('latin1'), 'caf\xe9\xe9');
});

test('INI inventories, words of -e and the environment keep them', async (t) => {
  const folder = folderOf({
    'play.yml': playOf(`
- copy: {content: "{{ i }} {{ e }} {{ lookup('env', 'LATIN') }}", dest: "{{ out }}/all"}
- shell: printf %s "$LATIN" >{{ out }}/environment
- shell: printf %s "$LATIN" >{{ out }}/pipe{{ lookup('pipe', 'printf %s "$LATIN"') | length }}
`),
    inventory: Buffer.concat([Buffer.from('h i='), latin, Buffer.from('\n')]),
    'out/.keep': '',
  });
  const { code, text, stderr } = await run(folder, ['-i', 'inventory', '-e', 'e=caf\udce9'], { LATIN: 'caf\udce9' });
  t.is(code, 0, text + stderr);
  t.is(made(folder, 'all').toString('latin1'), 'caf\xe9 caf\xe9 caf\xe9');
  t.is(made(folder, 'environment').toString('latin1'), 'caf\xe9');
  t.is(made(folder, 'pipe4').toString('latin1'), 'caf\xe9');
});

test('files whose names hold such bytes are found and copied under their names', async (t) => {
  const folder = folderOf({
    'play.yml': playOf(`
- copy: {src: tree, dest: "{{ out }}"}
- copy: {src: "{{ item }}", dest: "{{ out }}/one"}
  with_fileglob: tree/*
- find: {paths: "{{ out }}/tree"}
  register: found
- fetch: {src: "{{ found.files[0].path }}", dest: "{{ out }}/fetched/", flat: true}
`),
    'files/tree/.keep': '',
    'out/.keep': '',
  });
  writeFileSync(Buffer.from(`${folder}/files/tree/n\xe9`, 'latin1'), 'x');
  const { code, text, stderr } = await run(folder, ['-i', 'h,']);
  t.is(code, 0, text + stderr);
  for (const name of ['tree', 'fetched']) {
    const names = readdirSync(path.join(folder, 'out', name), 'buffer').map((found) => found.toString('latin1'));
    t.true(names.includes('n\xe9'), name);
  }
  t.is(made(folder, 'one').toString(), 'x');
});

for (const [name, files, words] of [
  ['v.yml', {}, []],
  ['play.yml', { 'play.yml': Buffer.from('- hosts: h\n  vars:\n    y: é caf\xe9\n', 'latin1') }, []],
  ['group_vars/all.yml', {}, []],
  ['extra.json', {}, ['-e', '@extra.json']],
  ['inventory.yml', {}, ['-i', 'inventory.yml']],
] as const) {
  test(`a byte that is not UTF-8 in ${name} is an error with its place, before anything is done`, async (t) => {
    const content = Buffer.concat([Buffer.from('a: 1\ny: "ä'), latin, Buffer.from('"\n')]);
    const tasks = playOf('- copy: {content: "{{ y }}", dest: "{{ out }}/y"}');
    const folder = folderOf({
      'play.yml': name === 'v.yml' ? tasks.replace('  tasks:', '  vars_files: v.yml\n  tasks:') : tasks,
      'out/.keep': '',
      [name]: content,
      ...files,
    });
    const { code, text, stderr } = await run(folder, [...(name === 'inventory.yml' ? [] : ['-i', 'h,']), ...words]);
    t.not(code, 0);
    const place = name === 'play.yml' ? '3:8' : '2:9';
    t.regex(text + stderr, new RegExp(`byte 0xe9 is not UTF-8[\\s\\S]*${name.replaceAll('.', '\\.')}:${place}`));
    t.deepEqual(readdirSync(path.join(folder, 'out')), ['.keep']);
  });
}

test('an inventory script that prints such a byte is refused', async (t) => {
  const folder = folderOf({
    'play.yml': playOf('- ping:'),
    script: '#!/bin/sh\nprintf \'{"all":{"hosts":["h\\351"]}}\'\n',
  });
  const { code, stderr } = await run(folder, ['-i', 'script']);
  t.not(code, 0);
  t.regex(stderr, /printed the byte 0xe9 at place 19, which is not UTF-8/);
});

test('JSON reads back as the same text, and for people such bytes are escapes', async (t) => {
  const folder = folderOf({
    'play.yml': playOf(`
- name: "{{ latin }}"
  shell: printf '\\351\\2332J'
  register: r
- debug: {var: r.stdout}
`),
  });
  const json = await run(folder, ['-i', 'h,', '--json']);
  const results = json.text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as { type: string; result?: { fields: { stdout?: string } } });
  t.is(results.find((event) => event.result?.fields.stdout !== undefined)?.result?.fields.stdout, '\udce9\udc9b2J');
  const plain = await run(folder, ['-i', 'h,', '-vv']);
  t.regex(plain.text, /TASK \[caf\\xe9\]/);
  t.regex(plain.text, /\\xe9\\x9b2J/);
  t.regex(plain.text, /"r.stdout": "\\udce9\\udc9b2J"/);
  for (const output of [json, plain]) t.notRegex(output.stdout.toString('latin1'), /\xef\xbf\xbd|\x9b/);
});
