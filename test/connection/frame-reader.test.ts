import test from 'ava';
import { type FrameEnd, FrameReader } from '../../runner/connection/frame-reader.ts';

test('ends are found however the stream is cut up, and nothing of the data is lost', (t) => {
  const stream = Buffer.from('a\x1eb\x1enon\x1enonce 3 -\nnext\x1enonce 0 left\n\x1enonce dead 143\n');
  for (let size = 1; size <= stream.length; size++) {
    let data = '';
    const ends: FrameEnd[] = [];
    const reader = new FrameReader(
      'nonce',
      (bytes) => {
        data += bytes.toString();
      },
      (end) => {
        data += '|';
        ends.push(end);
      },
    );
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
    t.is(data, 'a\x1eb\x1enon|next||', `pieces of ${size}`);
    t.deepEqual(ends, [
      { rc: 3, left: false },
      { rc: 0, left: true },
      { rc: 'dead', keeper: 143, left: false },
    ]);
  }
});
