import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import test from 'ava';
import { aptPrelude } from '../../modules/shared/apt/run.ts';
import { hostFunctions } from '../../runner/connection/host-functions.ts';
import { temporaryFolder } from './harness.ts';

/** A text that begins as apt's do, with a policy-rc.d in a folder of its own. */
function script(folder: string, text: string): string {
  const prelude = aptPrelude({ lockTimeout: 1, dpkgOptions: '', policyRcD: 101 });
  return `HOME=${folder}\n${hostFunctions}\n${prelude.replaceAll('/usr/sbin/', `${folder}/`)}\n${text}`;
}

test('services are kept from being started while apt runs, and what was there comes back', (t) => {
  const folder = temporaryFolder();
  const policy = `${folder}/policy-rc.d`;
  writeFileSync(policy, '#!/bin/sh\nexit 7\n', { mode: 0o755 });
  t.is(spawnSync('sh', ['-c', script(folder, `${policy} ssh start; exit $?`)]).status, 101);
  t.is(readFileSync(policy, 'utf8'), '#!/bin/sh\nexit 7\n');
  t.false(existsSync(`${policy}.kplay`));
});

test('what a killed run leaves keeps no service from being started, and goes with the next run', async (t) => {
  const folder = temporaryFolder();
  const policy = `${folder}/policy-rc.d`;
  const killed = spawn('sh', ['-c', script(folder, 'echo started; read x')], { stdio: ['pipe', 'pipe', 'ignore'] });
  await once(killed.stdout, 'data');
  t.is(spawnSync(policy, ['ssh', 'start']).status, 101);
  killed.kill('SIGKILL');
  await once(killed, 'close');
  t.is(spawnSync(policy, ['ssh', 'start']).status, 0);
  t.is(spawnSync('sh', ['-c', script(folder, `${policy}; exit $?`)]).status, 101);
  t.false(existsSync(policy));
});
