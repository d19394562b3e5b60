import test from 'ava';
import { OutputCollector } from '../../runner/connection/output.ts';

const MiB = 1024 * 1024;

/** Bytes of all kinds in pieces of a size, characters of several bytes cut in two among them. */
function pieces(size: number, total: number): Buffer[] {
  const text = Buffer.from('aé€\u{1f600}\xff', 'utf8');
  const all = Buffer.alloc(total, text);
  all[total - 1] = 0xff;
  return Array.from({ length: Math.ceil(total / size) }, (_, index) => all.subarray(index * size, (index + 1) * size));
}

for (const [total, size] of [
  [0, 1],
  [10, 3],
  [MiB, 65_537],
  [MiB + 1, 65_537],
  [3 * MiB, 700_001],
  [20 * MiB, 65_536],
  [20 * MiB, 9 * MiB],
] as const) {
  test(`${total} bytes in pieces of ${size} are kept as they are, watched or not`, (t) => {
    const given = pieces(size, total);
    const seen: string[] = [];
    const plain = new OutputCollector(64 * MiB);
    const watched = new OutputCollector(64 * MiB, (_, text) => void seen.push(text));
    for (const piece of given) {
      plain.stdout(piece);
      watched.stdout(Buffer.from(piece));
    }
    const wanted =
      total === 0
        ? ''
        : `${Buffer.concat(given)
            .subarray(0, -1)
            .toString('utf8')
            .replace(/\ufffd+$/, '')}`;
    const { stdout, stderr } = plain.result();
    t.true(stdout.startsWith(wanted));
    t.is(stdout, watched.result().stdout);
    t.true(stdout.startsWith(seen.join('')));
    t.is(stderr, '');
  });
}

test('what comes after the limit is counted', (t) => {
  for (const limit of [10, 2 * MiB, 9 * MiB]) {
    const collector = new OutputCollector(limit);
    for (let piece = 0; piece < 10; piece++) collector.stderr(Buffer.alloc(MiB, 'x'));
    const cut = `\n[kplay: cut here, ${10 * MiB - limit} further bytes were thrown away]\n`;
    t.is(collector.result().stderr, 'x'.repeat(limit) + cut);
  }
});
