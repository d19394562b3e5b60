import test from 'ava';
import { hideSpans } from '../../runner/secrets/hide.ts';
import { hideNamed } from '../../runner/secrets/named.ts';
import { secretsInSource } from '../../runner/secrets/source-lines.ts';

/** Lines of a file as they are shown when an error is about the last of them. */
const sources: readonly (readonly [string, string])[] = [
  ['db_password: hunter2', 'db_password: ********'],
  ['  - db_password: hunter2 and more # comment', '  - db_password: ********'],
  ['"db_password": "hunter2",', '"db_password": "********",'],
  ["'password': 'it''s'", "'password': '********'"],
  ['password: "not closed', 'password: ********'],
  ['password:hunter2', 'password:********'],
  ['# password: hunter2', '# password: ********'],
  ['ansible_become_pass: hunter2', 'ansible_become_pass: ********'],
  ['h1 ansible_host=1 ansible_password=hunter2 x=1', 'h1 ansible_host=1 ansible_password=******** x=1'],
  [`h1 ansible_ssh_pass='a b' x="unclosed`, `h1 ansible_ssh_pass='********' x="unclosed`],
  ['h1 ansible_ssh_pass="a b', 'h1 ansible_ssh_pass=********'],
  ['h1 ansible_ssh_pass=a\\ b x=1', 'h1 ansible_ssh_pass=******** x=1'],
  ['ansible_password=hunter2 with blanks', 'ansible_password=********'],
  ['ansible_password = hunter2', 'ansible_password = ********'],
  ['ansible_password hunter2', 'ansible_password ********'],
  ['password hunter2', 'password ********'],
  ['h1 ansible_password hunter2 x=1', 'h1 ansible_password ******** x=1'],
  ['db_password: "hunter2" more', 'db_password: ********'],
  ['  password is what to give', '  password is what to give'],
  ['h1: {ansible_host: 1, ansible_password: hunter2, x: [}', 'h1: {ansible_host: 1, ansible_password: ********, x: [}'],
  ['h1: {ansible_password: hun,ter}', 'h1: {ansible_password: ********}'],
  ['h1: {ansible_password: "hun, ter", x: 1}', 'h1: {ansible_password: "********", x: 1}'],
  ['h1: {ansible_password: hunter2', 'h1: {ansible_password: ********'],
  ['{"a":1,"token":"abc","b":2}', '{"a":1,"token":"********","b":2}'],
  ['{"a":1,"token":"abc', '{"a":1,"token":********'],
  ['  user: name=x password=hunter2 state=present', '  user: name=x password=******** state=present'],
  ['  shell: mysql --password=hunter2 --user root', '  shell: mysql --password=******** --user root'],
  ['  shell: tool --token hunter2 go', '  shell: tool --token ******** go'],
  ['  args: -o ProxyCommand="sshpass -p hunter2 ssh x"', '  args: -o ProxyCommand="sshpass -p ******** ssh x"'],
  ['  url: https://bob:hunter2@host/x', '  url: https://bob:********@host/x'],
  ['  url: https://bob:hun@ter/2@host/x y', '  url: https://bob:********@host/x y'],
  ['url: ftp://same1:same1@host', 'url: ftp://same1:********@host'],
  ['  headers: {Authorization: Bearer abc}', '  headers: {Authorization: ********}'],
  ['client-key-data: LS0tLS1C', 'client-key-data: ********'],
  [
    'key: "-----BEGIN RSA PRIVATE KEY-----\\nMIIE\\n-----END RSA PRIVATE KEY-----"',
    'key: "-----BEGIN RSA PRIVATE KEY-----********-----END RSA PRIVATE KEY-----"',
  ],
  ['password: "{{ vault_password }}"', 'password: "{{ vault_password }}"'],
  ['password: {{ vault_password }}', 'password: {{ vault_password }}'],
  [`password: "{{ x | default('hunter2') }}"`, `password: "{{ x | default('********') }}"`],
  [`when: db_password == 'hunter2' or x`, `when: db_password == '********' or x`],
  [`when: db_password!='hunter2'`, `when: db_password!='********'`],
  ['password: |', 'password: |'],
  ['password:', 'password:'],
  // Names that only tell where a secret is, and other words.
  ['private_key_file: /root/.ssh/id', 'private_key_file: /root/.ssh/id'],
  ['bypass: x', 'bypass: x'],
  ['update_password: on_create', 'update_password: on_create'],
  ['when: ansible_password is defined', 'when: ansible_password is defined'],
  ['that: "{{ db_password | length > 7 }}"', 'that: "{{ db_password | length > 7 }}"'],
  ['name: make a token', 'name: make a token'],
  ['url: http://host:80/a@b', 'url: http://host:80/a@b'],
  // Values of several lines.
  ['db_password: |\n  hunter2', '  ********'],
  ['db_password: >-\n  one\n\n  hunter2', '  ********'],
  ['- db_password: "one\n   hunter2"', '   ********'],
  ['db_password:\n  hunter2', '  ********'],
  ['db_passwords:\n  - hunter2', '  - ********'],
  ['db_passwords:\n- hunter2', '- ********'],
  ['secrets:\n  one: hunter2', '  one: ********'],
  ['secrets:\n  - name: one\n    value: hunter2', '    value: ********'],
  ['x: {password:\n  hunter2, y: 1}', '  ********'],
  ['db_password: x\nname: y', 'name: y'],
  ['a:\n  db_password: x\n  name: y', '  name: y'],
  ['db_password: |\n  x\nname: y', 'name: y'],
  ['key: |\n  -----BEGIN PRIVATE KEY-----\n  MIIE', '  ********'],
  ['-----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY-----\nname', 'name'],
];

for (const [source, shown] of sources) {
  test(`${JSON.stringify(source)} is shown without its secret`, (t) => {
    const lines = source.split('\n');
    const index = lines.length - 1;
    t.is(hideSpans(lines[index]!, secretsInSource(lines, index)), shown);
  });
}

const messages: readonly (readonly [string, string])[] = [
  [`Error parsing 'h ansible_password=x1 y="': no`, `Error parsing 'h ansible_password=******** y="': no`],
  ['got: {password: x1, a: 2}', 'got: {password: ********, a: 2}'],
  ['db_password: x1', 'db_password: ********'],
  ['a\npassword=x1\nb', 'a\npassword=********\nb'],
  // Sentences stay.
  ['Incorrect sudo password: try again', 'Incorrect sudo password: try again'],
  ['Give it with -e db_password=…', 'Give it with -e db_password=…'],
  ['Unexpected token: }', 'Unexpected token: }'],
  ['user: "password" must be text, not "x"', 'user: "password" must be text, not "x"'],
];

for (const [message, shown] of messages) {
  test(`the message ${JSON.stringify(message)} is shown without a secret`, (t) => {
    t.is(hideNamed(message), shown);
  });
}
