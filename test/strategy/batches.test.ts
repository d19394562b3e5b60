import test from 'ava';
import { splitIntoBatches } from '../../runner/strategy/batches.ts';

const hosts = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const sizes = (serial: (number | string)[]): number[] => splitIntoBatches(hosts, serial).map((batch) => batch.length);

test('without serial all hosts are one batch', (t) => t.deepEqual(sizes([]), [7]));
test('the last value repeats', (t) => t.deepEqual(sizes([1, 2]), [1, 2, 2, 2]));
test('percentages are rounded down, but at least 1', (t) => t.deepEqual(sizes(['30%']), [2, 2, 2, 1]));
test('a small percentage is one host', (t) => t.deepEqual(sizes(['1%', '100%']), [1, 6]));
test('a number in text counts', (t) => t.deepEqual(sizes(['3']), [3, 3, 1]));
test('0 means all that are left', (t) => t.deepEqual(sizes([2, 0]), [2, 5]));
test('no hosts are no batches', (t) => t.deepEqual(splitIntoBatches([], [2]), []));
test('anything else is refused', (t) => {
  t.throws(() => splitIntoBatches(hosts, ['many']), { instanceOf: RangeError, message: /"many"/ });
});
