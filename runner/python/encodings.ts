import { table } from '../table.ts';
import { decode, EncodeError, encode, refuseEscapes } from './bytes.ts';

/** An encoding of text that Python knows by many names. */
interface Encoding {
  decode(bytes: Buffer): string;
  /** Throws {@link EncodeError} for what it has no bytes for. */
  encode(text: string): Buffer;
}

const encodings: Readonly<Record<string, Encoding>> = table<Encoding>({
  'utf-8': { decode, encode },
  'latin-1': {
    decode: (bytes) => bytes.toString('latin1'),
    encode: (text) => encodeNarrow(text, 'latin-1', 256),
  },
  ascii: {
    // What is not ASCII is escaped as what is not UTF-8.
    decode: (bytes) =>
      bytes.toString('latin1').replace(/[\x80-\xff]/g, (c) => String.fromCharCode(0xdc00 + c.charCodeAt(0))),
    encode: (text) => encodeNarrow(text, 'ascii', 128),
  },
  'utf-16-le': {
    decode: (bytes) => bytes.toString('utf16le'),
    encode: (text) => {
      refuseEscapes(text, 'utf-16-le');
      return Buffer.from(text, 'utf16le');
    },
  },
});

const otherNames: Readonly<Record<string, string>> = table<string>({
  utf8: 'utf-8',
  'us-ascii': 'ascii',
  latin1: 'latin-1',
  'iso-8859-1': 'latin-1',
  'utf-16le': 'utf-16-le',
});

/** Names of the encodings, for messages. */
export const encodingNames = Object.keys(encodings);

/** Whether an encoding is known by that name. */
export function isEncoding(name: string): boolean {
  return find(name) !== undefined;
}

/** The text of bytes in an encoding, as Python's `decode(name, 'surrogateescape')`. Throws for an unknown encoding. */
export function decodeAs(bytes: Buffer, name: string): string {
  return known(name).decode(bytes);
}

/**
 * The bytes of a text in an encoding, as Python's `encode(name, 'surrogateescape')`. Throws for an unknown encoding, and
 * {@link EncodeError} for what it has no bytes for.
 */
export function encodeAs(text: string, name: string): Buffer {
  return known(name).encode(text);
}

function known(name: string): Encoding {
  const encoding = find(name);
  if (!encoding) throw new Error(`unknown encoding: ${name}`);
  return encoding;
}

function find(name: string): Encoding | undefined {
  const plain = name.toLowerCase().replaceAll('_', '-');
  return encodings[otherNames[plain] ?? plain];
}

/** One byte for each character below a limit, and for each byte that is kept in the text as it was. */
function encodeNarrow(text: string, name: string, limit: number): Buffer {
  const bytes = Buffer.alloc(text.length);
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit >= limit && !(unit >= 0xdc80 && unit <= 0xdcff)) {
      throw new EncodeError(name, text, at, `ordinal not in range(${limit})`);
    }
    bytes[at] = unit;
  }
  return bytes;
}
