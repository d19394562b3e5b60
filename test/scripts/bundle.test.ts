import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { loadBundle } from '../../runner/cli/bundle.ts';
import { SshHosts } from '../scale/ssh-hosts.ts';

const output = fileURLToPath(new URL('../../', import.meta.url));

test('the bundle is of what was compiled last, and does what the files do', (t) => {
  t.truthy(loadBundle(), 'there is no bundle of what was compiled last: npm run build');
  const run = (file: string, call: string) =>
    execFileSync(process.execPath, ['--input-type=module', '-e', `${call}; await program(['doc', 'copy'])`], {
      cwd: path.join(output, file),
      encoding: 'utf8',
    });
  const bundled = run('runner/cli', "import { loadBundle } from './bundle.js'; const { program } = loadBundle()");
  t.is(bundled, run('runner/cli', "import { program } from './program.js'"));
});

test('every module is in it', (t) => {
  const text = readFileSync(path.join(output, 'bundle/kplay.js'), 'utf8');
  for (const file of readdirSync(path.join(output, 'modules')).filter((name) => name.endsWith('.js')))
    t.true(text.includes(`"../../modules/${file.replace(/js$/, 'ts')}"`), file);
});

test('it speaks every sort of cipher, that whose machine is made late too', async (t) => {
  const server = await SshHosts.start({ shell: 'real' });
  t.teardown(() => server.stop());
  const folder = mkdtempSync(path.join(tmpdir(), 'kplay-bundle-test-'));
  writeFileSync(path.join(folder, 'hosts.yml'), server.inventory(2));
  // More than one packet each way.
  const text = 'text of a line\\n'.repeat(10_000);
  const task = `ansible.builtin.command: {cmd: wc -c, stdin: "${text}", stdin_add_newline: false}`;
  writeFileSync(
    path.join(folder, 'play.yml'),
    `- {hosts: all, gather_facts: false, tasks: [{${task}, register: r}, {ansible.builtin.debug: {msg: "{{ r.stdout }}"}}]}\n`,
  );
  for (const cipher of ['chacha20-poly1305@openssh.com', 'aes128-gcm@openssh.com', 'aes128-ctr']) {
    const options = `ansible_ssh_args='-F none -o IdentityAgent=none -o Ciphers=${cipher}'`;
    const words = [path.join(output, 'runner/cli/main.cjs'), 'run', 'play.yml', '-i', 'hosts.yml', '-e', options];
    const { stdout } = await promisify(execFile)(process.execPath, words, { cwd: folder });
    t.is(stdout.match(/"msg": "150000"/g)?.length, 2, stdout);
  }
});
