import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import test from 'ava';
import type { Channel, Transport } from '../../runner/connection/channel.ts';
import { Shell } from '../../runner/connection/shell.ts';

/** A stand-in for a host: whoever holds the streams says what arrives, and in which order the two streams are read. */
function heldHost() {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const transport: Transport = {
    openChannel: () => Promise.resolve(channel),
    lost: undefined,
    whenLost: new Promise(() => {}),
    close: () => Promise.resolve(),
  };
  const channel: Channel = {
    ...{ transport, stdin, stdout, stderr },
    ended: new Promise(() => {}),
    closed: new Promise(() => {}),
    kill: () => {},
    destroy: () => {},
  };
  return { transport, stdin, stdout, stderr };
}

test('a keeper that started, and ended at its first command, is known though one stream is read to its end first', async (t) => {
  const host = heldHost();
  const shell = await Shell.start(host.transport, { shell: '/bin/sh', timeoutSeconds: 60 });
  let sent = '';
  host.stdin.on('data', (bytes: Buffer) => {
    sent += bytes.toString('latin1');
  });
  const done = shell.run(
    { words: 'c', text: Buffer.from('false'), input: 'nothing' },
    { stdout: () => {}, stderr: () => {} },
  );
  await once(host.stdin, 'data');
  const nonce = /N=([0-9a-f]{36})/.exec(sent)![1]!;
  const told = ['ready', '1 7 -', 'dead 0'].map((words) => `\x1e${nonce} ${words}\n`).join('');
  host.stdout.write(told);
  await new Promise((resolve) => setImmediate(resolve));
  host.stderr.write(told);
  t.like(await done, { rc: 7 });
  t.false(shell.usable);
});
