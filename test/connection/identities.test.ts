import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { findIdentities } from '../../runner/connection/ssh/identities.ts';
import { resolveTarget } from '../../runner/connection/ssh/target.ts';
import { temporaryDirectory } from '../temporary.ts';

test('who masks secrets is told of the private keys that are read', async (t) => {
  const home = temporaryDirectory('kplay-identities');
  const file = path.join(home, 'key');
  const { privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'pkcs1', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs1', format: 'pem' },
  });
  writeFileSync(file, privateKey, { mode: 0o600 });
  const told: string[] = [];
  const target = resolveTarget(
    {
      kind: 'ssh',
      host: 'h',
      connectTimeoutSeconds: 1,
      hostKeyChecking: true,
      privateKeyFile: file,
      sshArgs: '-F none',
    },
    { environment: {}, home, onSecret: (text) => told.push(text) },
  );
  const { identities } = await findIdentities(target);
  t.deepEqual([identities.map(({ label }) => label), told], [[`key ${file}`], [privateKey]]);
});
