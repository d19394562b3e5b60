import { execFile, execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import test from 'ava';
import { loadBundle } from '../../runner/cli/bundle.ts';
import { SshHosts } from '../scale/ssh-hosts.ts';
import { temporaryDirectory } from '../temporary.ts';

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
  const folder = temporaryDirectory('kplay-bundle-test');
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

test('the code beside it is of it, and Node takes it', (t) => {
  // In a process of its own: V8 refuses code that was made with other flags, and tests may set some.
  const program = `
    const read = (ending) => require('fs').readFileSync(process.argv[1] + '/bundle/kplay.' + ending);
    const { Script } = require('vm');
    console.log(new Script(read('js').toString('latin1'), { cachedData: read('code') }).cachedDataRejected);`;
  t.is(execFileSync(process.execPath, ['-e', program, output], { encoding: 'utf8' }), 'false\n');
});

test('a run over SSH loads nothing for HTTP, no performance hooks and no WebAssembly', async (t) => {
  const server = await SshHosts.start({ shell: 'scripted' });
  t.teardown(() => server.stop());
  const folder = temporaryDirectory('kplay-bundle-test');
  writeFileSync(path.join(folder, 'hosts.yml'), server.inventory(1));
  writeFileSync(path.join(folder, 'play.yml'), '- {hosts: all, gather_facts: false, tasks: [{command: "true"}]}\n');
  writeFileSync(
    path.join(folder, 'watch.cjs'),
    `let machines = 0;
for (const name of ['Module', 'instantiate']) {
  const own = WebAssembly[name];
  WebAssembly[name] = function (...words) { machines += 1; return new.target ? new own(...words) : own(...words); };
}
process.on('exit', () => {
  const loaded = ['http', 'https', 'tls', 'perf_hooks'].filter((name) => process.moduleLoadList.includes('NativeModule ' + name));
  process.stderr.write(JSON.stringify({ loaded, machines }));
});
`,
  );
  const main = path.join(output, 'runner/cli/main.cjs');
  const words = ['-r', './watch.cjs', main, 'run', 'play.yml', '-i', 'hosts.yml'];
  const { stderr } = await promisify(execFile)(process.execPath, words, { cwd: folder });
  t.deepEqual(JSON.parse(stderr), { loaded: [], machines: 0 });
  t.is(server.counts.roundTrips, 1);
});
