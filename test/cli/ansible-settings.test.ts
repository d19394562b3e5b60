import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { readAnsibleSettings, type SettingsSource } from '../../runner/cli/ansible-settings.ts';
import { packageRoot } from '../../runner/root.ts';
import { temporaryDirectory } from '../temporary.ts';
import { start } from './kplay-process.ts';

const folder = temporaryDirectory('kplay-settings');

/** A folder of its own with these files. */
function place(name: string, files: Readonly<Record<string, string>>): string {
  const target = path.join(folder, name);
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(target, file)), { recursive: true });
    writeFileSync(path.join(target, file), text);
  }
  return target;
}

function source(own: string, environment: SettingsSource['environment'] = {}): SettingsSource {
  return { environment, folder: own, home: path.join(folder, 'home') };
}

test('ansible.cfg in the working folder is read, names of files relative to it', (t) => {
  const own = place('read', {
    'ansible.cfg': `# a comment
[defaults]
inventory = hosts/site.ini ; another comment
roles_path = shared:~/roles:\${PLACE}/roles
forks: 7
remote_user=deploy
host_key_checking = False
[privilege_escalation]
become = yes
become_user = app
`,
    'hosts/site.ini': 'a\n',
  });
  const settings = readAnsibleSettings(source(own, { PLACE: '/srv' }));
  t.like(settings, {
    inventory: [path.join(own, 'hosts/site.ini')],
    rolePath: [path.join(own, 'shared'), path.join(folder, 'home/roles'), '/srv/roles'],
    forks: 7,
    user: 'deploy',
    hostKeyChecking: false,
    become: true,
    becomeUser: 'app',
    timeoutSeconds: undefined,
    warnings: [],
  });
});

test('variables of the environment go before the file', (t) => {
  const own = place('before', { 'ansible.cfg': '[defaults]\nforks = 7\ntimeout = 3\n' });
  const settings = readAnsibleSettings(
    source(own, { ANSIBLE_FORKS: '9', ANSIBLE_INVENTORY: 'a,b', ANSIBLE_BECOME: '' }),
  );
  t.like(settings, { forks: 9, timeoutSeconds: 3, inventory: ['a,', 'b,'], become: undefined });
});

test('what is said of ssh goes before what is said in general, at the same place', (t) => {
  const own = place('ssh', {
    'ansible.cfg':
      '[defaults]\ntimeout = 3\nhost_key_checking = True\n[ssh_connection]\ntimeout = 4\nhost_key_checking = False\n',
  });
  t.like(readAnsibleSettings(source(own)), { timeoutSeconds: 4, hostKeyChecking: false, warnings: [] });
  t.is(readAnsibleSettings(source(own, { ANSIBLE_TIMEOUT: '5' })).timeoutSeconds, 5);
  t.is(readAnsibleSettings(source(own, { ANSIBLE_TIMEOUT: '5', ANSIBLE_SSH_TIMEOUT: '6' })).timeoutSeconds, 6);
  const before = place('ssh-first', { 'ansible.cfg': '[ssh_connection]\ntimeout = 4\n[defaults]\ntimeout = 3\n' });
  t.is(readAnsibleSettings(source(before)).timeoutSeconds, 4);
});

test('flags and program for becoming another user', (t) => {
  const own = place('become', { 'ansible.cfg': '[privilege_escalation]\nbecome_flags = -i\nbecome_exe = /opt/sudo\n' });
  t.like(readAnsibleSettings(source(own)), { becomeFlags: '-i', becomeExe: '/opt/sudo', warnings: [] });
  t.is(readAnsibleSettings(source(own, { ANSIBLE_BECOME_FLAGS: '-H' })).becomeFlags, '-H');
});

test('what has no effect is named with its place, and what means nothing here is not', (t) => {
  const own = place('idle', {
    'ansible.cfg':
      '[defaults]\nretry_files_enabled = False\ngathering = smart\n[ssh_connection]\npipelining = True\nretries=3\n',
  });
  const { warnings } = readAnsibleSettings(
    source(own, { ANSIBLE_GATHERING: 'smart', ANSIBLE_NOCOWS: '1', OTHER: 'x' }),
  );
  t.deepEqual(warnings, [
    'Settings of Ansible that kplay does not heed: ANSIBLE_GATHERING (environment), ' +
      `gathering ([defaults], ${own}/ansible.cfg:3), retries ([ssh_connection], ${own}/ansible.cfg:6).`,
  ]);
});

test('dicts are joined where hash_behaviour says so', async (t) => {
  const own = place('merge', {
    'ansible.cfg': '[defaults]\nhash_behaviour = merge\n',
    'play.yml':
      '- hosts: localhost\n  gather_facts: false\n  vars: {d: {a: 1}}\n  tasks: [{debug: {var: d}, vars: {d: {b: 2}}}]\n',
  });
  t.is(readAnsibleSettings(source(own)).hashBehaviour, 'merge');
  t.is(readAnsibleSettings(source(own, { ANSIBLE_HASH_BEHAVIOUR: 'replace' })).hashBehaviour, 'replace');
  t.throws(() => readAnsibleSettings(source(own, { ANSIBLE_HASH_BEHAVIOUR: 'join' })), {
    message: 'ANSIBLE_HASH_BEHAVIOUR (environment) must be replace or merge.',
  });
  const play = path.join(own, 'play.yml');
  const merged = await start(['run', play], { ANSIBLE_HASH_BEHAVIOUR: 'merge' }).end;
  t.regex(merged.stdout, /"a": 1,\n\s+"b": 2/);
  t.notRegex((await start(['run', play]).end).stdout, /"a": 1/);
});

test('the file that ANSIBLE_CONFIG names goes before the one in the folder', (t) => {
  const own = place('named', { 'ansible.cfg': '[defaults]\nforks = 7\n', 'other.cfg': '[defaults]\nforks = 8\n' });
  t.is(readAnsibleSettings(source(own, { ANSIBLE_CONFIG: 'other.cfg' })).forks, 8);
  const { forks, warnings } = readAnsibleSettings(source(own, { ANSIBLE_CONFIG: 'absent.cfg' }));
  t.is(forks, 7);
  t.deepEqual(warnings, [`ANSIBLE_CONFIG names ${own}/absent.cfg, which is not there.`]);
});

test('a file in a folder that anybody may write to is passed over, with a warning', (t) => {
  const own = place('open', { 'ansible.cfg': '[defaults]\nforks = 7\n' });
  chmodSync(own, 0o777);
  const { forks, warnings } = readAnsibleSettings(source(own));
  t.is(forks, undefined);
  t.regex(warnings[0]!, /ansible\.cfg is passed over/);
});

test('a wrong value is named with its place', (t) => {
  const own = place('wrong', { 'ansible.cfg': '[defaults]\nforks = many\n' });
  t.throws(() => readAnsibleSettings(source(own)), {
    message: /forks \(\[defaults\], .*:2\) must be a whole number above 0/,
  });
});

test('roles of collections are found by their full name, beside the playbook and where collections_path says', async (t) => {
  const role = (name: string): string => `ansible_collections/acme/tools/roles/${name}/tasks/main.yml`;
  const own = place('collections', {
    'play.yml': '- hosts: localhost\n  gather_facts: false\n  roles: [acme.tools.near, acme.tools.far]\n',
    [`collections/${role('near')}`]: '- include_role: {name: helper}\n',
    [`collections/${role('helper')}`]: '- debug: {msg: from near}\n',
    [`elsewhere/${role('far')}`]: '- debug: {msg: from far}\n',
    'ansible.cfg': '[defaults]\ncollections_path = elsewhere\n',
  });
  t.deepEqual(readAnsibleSettings(source(own)).collectionPath, [path.join(own, 'elsewhere')]);
  const play = path.join(own, 'play.yml');
  const environment = { ANSIBLE_COLLECTIONS_PATH: path.join(own, 'elsewhere') };
  const { stdout } = await start(['run', play], environment).end;
  for (const title of ['acme.tools.helper : debug', 'acme.tools.far : debug'])
    t.true(stdout.includes(`[${title}]`), stdout);
  const missing = await start(['run', play], { ANSIBLE_COLLECTIONS_PATH: '/nonexistent' }).end;
  t.is(missing.code, 1);
  t.regex(
    missing.stderr,
    /no role "acme\.tools\.far"[\s\S]*were looked for in \S+\/collections, \/nonexistent\. .* found as "far"/,
  );
});

test('a role of the role path is found, and none of the package for playbooks of others', async (t) => {
  const own = place('roles', {
    'play.yml': '- hosts: localhost\n  gather_facts: false\n  roles: [containerd]\n',
    'company/containerd/tasks/main.yml': '- debug: {msg: our own}\n',
  });
  const missing = await start(['run', '--syntax-check', path.join(own, 'play.yml')]).end;
  t.is(missing.code, 1);
  t.regex(
    missing.stderr,
    /There is no role "containerd"\.[\s\S]*kplay's own role of that name is for kplay's own playbooks/,
  );
  const found = await start(['run', path.join(own, 'play.yml')], { ANSIBLE_ROLES_PATH: path.join(own, 'company') }).end;
  t.regex(found.stdout, /our own/);
  const shipped = path.join(packageRoot, 'playbooks/reset.yml');
  t.is((await start(['run', '--syntax-check', shipped]).end).code, 0);
});

test('an encrypted file of variables is found before the run and by --syntax-check', async (t) => {
  const own = place('vault', {
    'play.yml': '- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: ran}}]\n',
    inventory: 'a ansible_connection=local\n',
    'group_vars/all/secret.yml': '$ANSIBLE_VAULT;1.1;AES256\n6162\n',
  });
  const words = [path.join(own, 'play.yml'), '-i', path.join(own, 'inventory')];
  for (const more of [[], ['--syntax-check']]) {
    const run = await start(['run', ...words, ...more]).end;
    t.is(run.code, 4);
    t.is(run.stdout, '');
    t.regex(run.stderr, /encrypted with ansible-vault are not supported[\s\S]*secret\.yml:1:1/);
  }
});

test('an option of ansible-playbook that is missing here is told what stands for it', async (t) => {
  const run = await start(['run', 'play.yml', '--vault-password-file=x']).end;
  t.is(run.code, 5);
  t.regex(run.stderr, /there is no option --vault-password-file\n {2}hint: Files and values encrypted/);
});

test('an undefined variable in hosts is an error of the playbook', async (t) => {
  const own = place('undefined', { 'play.yml': '- hosts: "{{ nope }}"\n  tasks: []\n' });
  const run = await start(['run', path.join(own, 'play.yml')]).end;
  t.is(run.code, 4);
  t.regex(run.stderr, /'nope' is undefined\n {2}at .*play\.yml:1:11/);
});

test('the rules of templates', (t) => {
  const own = place('rules', { 'ansible.cfg': '[kplay]\ntemplate_rules = 2.21\n' });
  t.like(readAnsibleSettings(source(own)), { templateRules: '2.19', warnings: [] });
  const other = place('other-rules', { 'ansible.cfg': '[kplay]\ntemplate_rules = 3\n' });
  t.throws(() => readAnsibleSettings(source(other)), { message: /template_rules .* must be 2\.18, or a version/ });
});
