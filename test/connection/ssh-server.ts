import { generateKeyPairSync } from 'node:crypto';
import ssh2, { type AuthContext } from 'ssh2';
import type { ConnectionSettings } from '../../runner/connection/connection.ts';

/** A key for a server of ssh2's. */
export function makeHostKey(): string {
  const pair = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return pair.privateKey.export({ type: 'pkcs1', format: 'pem' }) as string;
}

/** A server of ssh2's that lets in who `accept` lets in, and notes what it was offered. */
export async function startServer(offers: string[], accept: (context: AuthContext) => boolean) {
  const hostKey = makeHostKey();
  const tried: string[] = [];
  const server = new ssh2.Server({ hostKeys: [hostKey] }, (client) => {
    client.on('error', () => {});
    client.on('authentication', (context) => {
      tried.push(context.method);
      if (context.method === 'keyboard-interactive' && offers.includes('keyboard-interactive')) {
        context.prompt([{ prompt: 'Password: ', echo: false }], (answers) => {
          if (answers[0] === 'secret') context.accept();
          else context.reject(offers as never);
        });
      } else if (context.method !== 'none' && offers.includes(context.method) && accept(context)) context.accept();
      else context.reject(offers as never);
    });
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  // A test that fails in the middle must not be kept from ending.
  server.unref();
  return { port, tried, hostKey };
}

/** Settings for a server of {@link startServer}'s. */
export function settings(port: number, more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  const basis = {
    kind: 'ssh',
    host: '127.0.0.1',
    port,
    user: 'someone',
    connectTimeoutSeconds: 120,
    hostKeyChecking: false,
  } as const;
  return { ...basis, sshArgs: '-F none', ...more };
}
