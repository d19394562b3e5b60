import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { KplayError } from '../../runner/errors.ts';
import type { RunEvent } from '../../runner/events.ts';
import { formatProblem } from '../../runner/language/snippet.ts';
import { prepare, type RunOptions } from '../../runner/run.ts';
import { SecretRegister } from '../../runner/secrets/register.ts';
import { temporaryDirectory } from '../temporary.ts';

interface Broken {
  readonly files: Readonly<Record<string, string>>;
  readonly inventory?: string;
  readonly extra?: string;
}

const play = '- hosts: all\n  tasks: [{debug: {msg: hi}}]\n';
const inventory = (text: string, name = 'hosts'): Broken => ({
  files: { [name]: text, 'play.yml': play },
  inventory: name,
});
const playbook = (text: string): Broken => ({ files: { 'play.yml': text } });
const tasks = (text: string): Broken => playbook(`- hosts: all\n  tasks:\n${text.replace(/^/gm, '    ')}\n`);

/** Files with a mistake beside a secret, which is EXAMPLE followed by a digit. */
const broken: Readonly<Record<string, Broken>> = {
  'quote of a host’s line': inventory('h1 ansible_password=EXAMPLE1 x="unclosed'),
  'quote of the password': inventory('h1 ansible_password="EXAMPLE1 EXAMPLE2'),
  'word without a value': inventory('h1 ansible_ssh_pass=EXAMPLE1 word'),
  'colon for a sign': inventory('h1 ansible_password:EXAMPLE1'),
  'blanks around the sign': inventory('h1 ansible_password = EXAMPLE1'),
  'no sign in a host’s line': inventory('h1 ansible_become_pass EXAMPLE1'),
  'no sign in a section of variables': inventory('h1\n[all:vars]\nansible_password EXAMPLE1'),
  'the line before': inventory('h1\n[all:vars]\nansible_password=EXAMPLE1 EXAMPLE2\nbroken'),
  section: inventory('h1\n[all:vars]\nansible_password=EXAMPLE1\n[x y token=EXAMPLE2]'),
  'flow mapping': inventory('all:\n  hosts:\n    h1: {ansible_host: 1, ansible_password: EXAMPLE1, x: [}', 'hosts.yml'),
  'flow mapping of several lines': inventory(
    'all:\n  hosts:\n    h1: {ansible_password:\n      EXAMPLE1, x: [}',
    'hosts.yml',
  ),
  JSON: inventory('{"all": {"hosts": {"h1": {"ansible_password": "EXAMPLE1" "x": 1}}}}', 'hosts.json'),
  'block text': inventory('all:\n  vars:\n    db_password: |\n      EXAMPLE1\n     EXAMPLE2: [', 'hosts.yml'),
  'quoted text of two lines': inventory(
    'all:\n  vars:\n    db_password: "EXAMPLE1\n      EXAMPLE2\n  x: y',
    'hosts.yml',
  ),
  'escape that is none': inventory('all:\n  vars:\n    db_password: "EXAMPLE1\\qEXAMPLE2"', 'hosts.yml'),
  'text behind a quote': inventory('all:\n  vars:\n    db_password: "EXAMPLE1" EXAMPLE2', 'hosts.yml'),
  'colon in a password': inventory('all:\n  vars:\n    db_password: EXAMPLE1: EXAMPLE2', 'hosts.yml'),
  tab: inventory('all:\n  vars:\n\tdb_password: EXAMPLE1', 'hosts.yml'),
  indentation: inventory('all:\n  vars:\n    db_password: EXAMPLE1\n   x: y', 'hosts.yml'),
  percent: inventory('all:\n  vars:\n    db_password: %EXAMPLE1', 'hosts.yml'),
  at: inventory('all:\n  vars:\n    db_password: @EXAMPLE1', 'hosts.yml'),
  alias: inventory('all:\n  vars:\n    db_password: *EXAMPLE1', 'hosts.yml'),
  tag: inventory('all:\n  vars:\n    db_password: !EXAMPLE1 x', 'hosts.yml'),
  'list for a dict': inventory('all:\n  hosts: [ansible_password=EXAMPLE1]', 'hosts.yml'),
  'file of variables': {
    files: { hosts: 'h1', 'group_vars/all.yml': 'db_password: EXAMPLE1\n x: [', 'play.yml': play },
    inventory: 'hosts',
  },
  'private key': inventory(
    `all:\n  vars:\n    ssh_key: |\n      -----BEGIN PRIVATE KEY-----\n      EXAMPLE1\n     EXAMPLE2`,
    'hosts.yml',
  ),
  play: playbook('- hosts: all\n  vars: {db_password: EXAMPLE1, x: [}\n'),
  keyword: playbook('- hosts: all\n  vars:\n    db_password: EXAMPLE1\n  nonsense: 1\n'),
  filter: playbook(`- hosts: all\n  vars:\n    db_password: "{{ 'EXAMPLE1' | nonsense }}"\n`),
  template: playbook(`- hosts: all\n  vars:\n    db_password: "{{ 'EXAMPLE1' | }}"\n`),
  'template beside a secret': tasks('- shell: mysql --password=EXAMPLE1 {{ x | nonsense }}'),
  'template in a URL': tasks('- get_url: {url: "http://u:EXAMPLE1@h/{{ x | }}", dest: /x}'),
  'unknown argument': tasks('- uri: {url: x, url_password: EXAMPLE1, nonsense: 1}'),
  'unknown argument as text': tasks('- uri: url=x url_password=EXAMPLE1 nonsense=1'),
  'quote in arguments as text': tasks(`- uri: url=x url_password="EXAMPLE1`),
  'wrong type beside a password': tasks('- uri: {url: x, url_password: [EXAMPLE1], force: nonsense}'),
  'unknown module': tasks('- nonsense: {token: EXAMPLE1}'),
  'unknown module in a line': tasks('- nonsense: name=x password=EXAMPLE1'),
  'extra variables': { files: { 'play.yml': play }, extra: '{db_password: EXAMPLE1, x: [}' },
  'extra variables as text': { files: { 'play.yml': play }, extra: 'db_password=EXAMPLE1 word' },
  'quote in extra variables': { files: { 'play.yml': play }, extra: `db_password='EXAMPLE1` },
  'file of extra variables': { files: { 'play.yml': play, 'e.yml': 'db_password: EXAMPLE1\nx: [' }, extra: '@e.yml' },
};

const options: Omit<RunOptions, 'playbooks' | 'inventory' | 'extraVars' | 'secrets'> = {
  limit: undefined,
  shard: undefined,
  forks: 1,
  checkMode: false,
  diffMode: false,
  verbosity: 4,
  selection: { only: [], skip: [] },
  startAtTask: undefined,
  forceHandlers: false,
  connectionFlags: { timeoutSeconds: 1, become: false },
  prompt: () => Promise.resolve(undefined),
  confirm: () => Promise.resolve(true),
  signal: new AbortController().signal,
  outputLost: new AbortController().signal,
};

for (const [name, { files, inventory: source, extra }] of Object.entries(broken)) {
  test(`an error or a warning beside a secret does not show it: ${name}`, async (t) => {
    const folder = temporaryDirectory('kplay-broken');
    for (const [file, text] of Object.entries(files)) {
      mkdirSync(path.dirname(path.join(folder, file)), { recursive: true });
      writeFileSync(path.join(folder, file), text);
    }
    const shown: string[] = [];
    const report = (event: RunEvent): unknown => shown.push(JSON.stringify(event));
    const asked = {
      ...options,
      playbooks: [path.join(folder, 'play.yml')],
      inventory: [source === undefined ? 'h1,' : path.join(folder, source)],
      extraVars: extra === undefined ? [] : [extra.replace('@', `@${folder}/`)],
    };
    // What may never be reached is warned of, and an error with `strict`.
    await prepare({ ...asked, secrets: new SecretRegister() }, report).catch(() => undefined);
    const prepared = prepare({ ...asked, strict: true, secrets: new SecretRegister() }, report);
    const error = await prepared
      .then(({ engine, loaded }) => {
        // Files of variables are read when a play begins.
        const prompted = {};
        engine.store.startPlay(loaded.playbooks[0]!.plays[0]!, {
          name: '',
          allHosts: ['h1'],
          hosts: () => [],
          batch: () => [],
          prompted,
        });
        return undefined;
      })
      .catch((reason: unknown) => reason);
    t.true(error instanceof KplayError, String(error));
    shown.push(...(error as KplayError).problems.map(formatProblem));
    t.notRegex(shown.join('\n'), /EXAMPLE\d/);
  });
}
