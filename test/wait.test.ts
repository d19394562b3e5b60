import test from 'ava';
import { later, wait } from '../runner/wait.ts';

test('a time longer than a timer of Node can take does not end at once, and can be called off', async (t) => {
  const seen: string[] = [];
  const timer = later(2 ** 32, () => seen.push('called'));
  const controller = new AbortController();
  const waiting = wait(2 ** 31, controller.signal).then(() => seen.push('over'));
  await wait(20);
  t.deepEqual(seen, []);
  timer.cancel();
  controller.abort();
  await waiting;
  await wait(2 ** 31, controller.signal);
  t.deepEqual(seen, ['over']);
});
