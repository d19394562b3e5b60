import test from 'ava';
import { isMoreThan, splitIntoBatches } from '../../runner/strategy/batches.ts';

const hosts = ['a', 'b', 'c', 'd', 'e', 'f', 'g'];
const sizes = (serial: (number | string)[]): number[] => splitIntoBatches(hosts, serial).map((batch) => batch.length);

test('without serial all hosts are one batch', (t) => t.deepEqual(sizes([]), [7]));
test('the last value repeats', (t) => t.deepEqual(sizes([1, 2]), [1, 2, 2, 2]));
test('percentages are rounded down, but at least 1', (t) => t.deepEqual(sizes(['30%']), [2, 2, 2, 1]));
test('a small percentage is one host', (t) => t.deepEqual(sizes(['1%', '100%']), [1, 6]));
test('percentages are computed in the order of ansible-core 2.21.5', (t) => {
  const hundred = Array.from({ length: 100 }, (_, index) => index);
  t.deepEqual(
    ['29%', '57%', '58%', '59%'].map((size) => splitIntoBatches(hundred, [size])[0]!.length),
    [28, 56, 57, 59],
  );
});
test('a number in text counts', (t) => t.deepEqual(sizes(['3']), [3, 3, 1]));
test('0 means all that are left', (t) => t.deepEqual(sizes([2, 0]), [2, 5]));
test('no hosts are no batches', (t) => t.deepEqual(splitIntoBatches([], [2]), []));
test('anything else is refused', (t) => {
  t.throws(() => splitIntoBatches(hosts, ['many']), { instanceOf: RangeError, message: /"many"/ });
});
test('so many hosts are not more than their own percentage', (t) => {
  t.deepEqual(
    [isMoreThan(7, 25, 28), isMoreThan(8, 25, 28), isMoreThan(1, 3, 33), isMoreThan(0, 3, 0)],
    [false, true, true, false],
  );
});
