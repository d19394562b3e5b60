import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { byteLength, decode, EncodeError, encode, firstInvalid, StreamDecoder } from '../../../runner/python/bytes.ts';
import { packageRoot } from '../../../runner/root.ts';

/** Bytes in hexadecimal, and the code points that Python made of them (record.py). */
const recorded = JSON.parse(readFileSync(path.join(packageRoot, 'test/conformance/bytes/recorded.json'), 'utf8')) as [
  string,
  number[],
][];

function codePoints(text: string): number[] {
  return Array.from(text, (character) => character.codePointAt(0)!);
}

test('bytes become the text that Python makes of them, and the same bytes again', (t) => {
  t.true(recorded.length > 700);
  for (const [hex, points] of recorded) {
    const bytes = Buffer.from(hex, 'hex');
    const text = decode(bytes);
    t.deepEqual(codePoints(text), points, hex);
    t.is(encode(text).toString('hex'), hex);
    t.is(byteLength(text), bytes.length);
  }
});

test('bytes that come in pieces become the same text, wherever they are cut', (t) => {
  for (const [hex, points] of recorded) {
    const bytes = Buffer.from(hex, 'hex');
    for (const size of [1, 2, 3]) {
      const decoder = new StreamDecoder();
      let text = '';
      for (let at = 0; at < bytes.length; at += size) text += decoder.write(bytes.subarray(at, at + size));
      t.deepEqual(codePoints(text + decoder.end()), points, `${hex} in pieces of ${size}`);
    }
  }
});

test('a piece is given out at once but for a character that is not whole', (t) => {
  const decoder = new StreamDecoder();
  t.is(decoder.write(Buffer.from('a€b')), 'a€b');
  t.is(decoder.write(Buffer.from([0x63, 0xe2, 0x82])), 'c');
  t.is(decoder.write(Buffer.from([0xac, 0xe9])), '€');
  t.is(decoder.write(Buffer.from('z')), '\udce9z');
  t.is(decoder.end(), '');
});

test('the place of the first byte that is not UTF-8', (t) => {
  for (const [hex, points] of recorded) {
    const first = points.findIndex((point) => point >= 0xdc80 && point <= 0xdcff);
    const before = String.fromCodePoint(...points.slice(0, Math.max(first, 0)));
    t.is(firstInvalid(Buffer.from(hex, 'hex')), first < 0 ? -1 : Buffer.byteLength(before), hex);
  }
});

test('long texts with such bytes stay whole', (t) => {
  const bytes = Buffer.alloc(100_003, Buffer.from([0x41, 0xe9, 0xf0, 0x9f, 0x98, 0x80, 0xc3, 0xa9]));
  t.true(encode(decode(bytes)).equals(bytes));
});

test('other halves of surrogate pairs stand for no bytes, and that is an error', (t) => {
  for (const text of ['ab\ud83d', '\udc00', '\udc7f', '\udd00', '\ud83dx', '\udce9\ud800']) {
    t.throws(() => encode(text), {
      instanceOf: EncodeError,
      message: /^'utf-8' codec can't encode character '\\ud[0-9a-f]{3}' in position \d/,
    });
    t.throws(() => byteLength(text), { message: /surrogates not allowed/ });
  }
});
