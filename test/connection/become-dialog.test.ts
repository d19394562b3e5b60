import { PassThrough } from 'node:stream';
import test from 'ava';
import { BecomeError, waitForHello } from '../../runner/connection/become.ts';
import type { Channel } from '../../runner/connection/channel.ts';

/** Starts the dialog with su on streams of our own, and gives them, and what is written to the program. */
function dialog(password?: string) {
  const [stdin, stdout, stderr] = [new PassThrough(), new PassThrough(), new PassThrough()];
  const never = new Promise<never>(() => {});
  // Only what the dialog uses: the streams and the end, which does not come.
  const channel = { stdin, stdout, stderr, ended: never, closed: never } as unknown as Channel;
  const become = { method: 'su', user: 'root', password } as const;
  const ready = waitForHello(channel, { become, token: 'token', hello: 'hello', terminal: false, timeoutSeconds: 20 });
  return { ready, stdin, stdout, stderr };
}

/** Lets what was written arrive. */
const arrived = () => new Promise((resolve) => setImmediate(resolve));

test('a message that comes in pieces is no question, and gets no password', async (t) => {
  for (const password of [undefined, 'secret']) {
    const { ready, stdin, stdout, stderr } = dialog(password);
    stderr.write('bash: warning: ');
    await arrived();
    stderr.write('no such locale\n');
    await arrived();
    stdout.write('hello\n');
    await ready;
    t.is(stdin.read(), null);
  }
});

test('a question in any language is answered, or told where there is no password', async (t) => {
  for (const question of ['Password: ', 'Passwort: ', '密码：']) {
    const { ready, stdin, stdout, stderr } = dialog('secret');
    stderr.write(question);
    const [answer] = (await stdin.iterator({ destroyOnReturn: false }).next()).value.toString().split('\n');
    t.is(answer, 'secret');
    stdout.write('hello\n');
    await ready;
    const other = dialog();
    other.stderr.write(question);
    await t.throwsAsync(other.ready, { instanceOf: BecomeError, message: 'Missing su password' });
  }
});
