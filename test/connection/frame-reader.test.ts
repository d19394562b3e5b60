import test from 'ava';
import { FrameReader, type Report } from '../../runner/connection/frame-reader.ts';

/** Pushes a stream in pieces of a size; gives the data, with a bar for each report, and the reports. */
function read(stream: Buffer, size: number): { readonly data: string; readonly reports: readonly Report[] } {
  let data = '';
  const reports: Report[] = [];
  const reader = new FrameReader(
    'nonce',
    (bytes) => {
      data += bytes.toString();
    },
    (report) => {
      data += '|';
      reports.push(report);
    },
  );
  for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
  return { data, reports };
}

test('reports are found however the stream is cut up, and nothing of the data is lost', (t) => {
  const stream = Buffer.from(
    '\x1enonce ready\na\x1eb\x1enon\x1enonce 7 3 -\nnext\x1enonce 8 0 more\n\x1enonce left\n\x1enonce -\n\x1enonce dead 143\n',
  );
  for (let size = 1; size <= stream.length; size++) {
    const { data, reports } = read(stream, size);
    t.is(data, '|a\x1eb\x1enon|next||||', `pieces of ${size}`);
    t.deepEqual(reports, [
      { kind: 'ready' },
      { kind: 'result', number: 7, rc: 3, rest: false },
      { kind: 'result', number: 8, rc: 0, rest: true },
      { kind: 'rest', left: true },
      { kind: 'rest', left: false },
      { kind: 'dead', code: 143 },
    ]);
  }
});

test('signals as ksh93 and yash count them', (t) => {
  const { reports } = read(Buffer.from('\x1enonce 1 265 -\n\x1enonce 2 393 -\n\x1enonce 3 255 -\n'), 1000);
  t.deepEqual(
    reports.map((report) => report.kind === 'result' && report.rc),
    [137, 137, 255],
  );
});
