import { isUtf8 } from 'node:buffer';
import { KplayError } from '../errors.ts';

/**
 * Text of bytes and bytes of text, as Python's `surrogateescape` has it: a byte that is not UTF-8 is the lone surrogate
 * U+DC00 + byte in a text, and that byte again when the text is written. So no byte is lost or changed on its way.
 * Everything that reads or writes text beyond this process does it by these functions: `toString` and `Buffer.from`
 * put U+FFFD in the place of such bytes.
 */

/** The text of bytes, each byte that is not UTF-8 as a lone surrogate. Takes any bytes. */
export function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // A text that holds no U+FFFD lost nothing; one that does may have held it before.
  return !text.includes('\ufffd') || isUtf8(bytes) ? text : decodeEscaping(bytes);
}

/**
 * The bytes of a text, lone surrogates of {@link decode} as the bytes that they stand for. Throws KplayError `argument`
 * for any other half of a surrogate pair, which no bytes stand for.
 */
export function encode(text: string): Buffer {
  return text.isWellFormed() ? Buffer.from(text, 'utf8') : encodeEscaped(text);
}

/** The number of bytes that {@link encode} gives. */
export function byteLength(text: string): number {
  return text.isWellFormed() ? Buffer.byteLength(text, 'utf8') : encodeEscaped(text).length;
}

/** The bytes of a text where Python allows no byte that is not UTF-8. Throws KplayError `argument` for lone surrogates. */
export function encodeStrictly(text: string): Buffer {
  if (!text.isWellFormed()) throw notEncodable(text, text.search(loneSurrogate));
  return Buffer.from(text, 'utf8');
}

/** The place of the first byte that is not UTF-8, -1 when there is none. */
export function firstInvalid(bytes: Buffer): number {
  if (isUtf8(bytes)) return -1;
  let at = 0;
  for (let size = sequenceAt(bytes, at); size > 0; size = sequenceAt(bytes, at)) at += size;
  return at;
}

/** A text for people: `\xe9` in the place of a byte that is not UTF-8, which a terminal might obey. */
export function visible(text: string): string {
  if (text.isWellFormed()) return text;
  return text.replace(loneSurrogates, (unit) => {
    const code = unit.charCodeAt(0);
    return isEscape(code) ? `\\x${(code - escapeBase).toString(16)}` : `\\u${code.toString(16)}`;
  });
}

/** {@link decode} for bytes that come in pieces, which may end within a character. */
export class StreamDecoder {
  #rest: Buffer | undefined;

  /** The text of the next piece, but for a character that is not whole yet. */
  write(bytes: Buffer): string {
    const all = this.#rest ? Buffer.concat([this.#rest, bytes]) : bytes;
    const end = wholeCharacters(all);
    this.#rest = end < all.length ? Buffer.from(all.subarray(end)) : undefined;
    return decode(end < all.length ? all.subarray(0, end) : all);
  }

  /** The text of what was held back, when no more pieces come. */
  end(): string {
    const rest = this.#rest;
    this.#rest = undefined;
    return rest ? decode(rest) : '';
  }
}

/** A byte that is not UTF-8 is 0x80 or more, so its surrogate is U+DC80 or more. */
const escapeBase = 0xdc00;
const loneSurrogate = /\p{Surrogate}/u;
const loneSurrogates = /\p{Surrogate}/gu;
/** Code units that are turned into text at once. */
const blockUnits = 8192;

function isEscape(unit: number): boolean {
  return unit >= escapeBase + 0x80 && unit <= escapeBase + 0xff;
}

function decodeEscaping(bytes: Buffer): string {
  const units = new Uint16Array(Math.min(bytes.length, blockUnits) + 1);
  let text = '';
  let used = 0;
  for (let at = 0; at < bytes.length; ) {
    const size = sequenceAt(bytes, at);
    const code = size > 0 ? codePoint(bytes, at, size) : escapeBase + bytes[at]!;
    if (code > 0xffff) {
      units[used++] = 0xd800 + ((code - 0x10000) >> 10);
      units[used++] = 0xdc00 + ((code - 0x10000) & 0x3ff);
    } else units[used++] = code;
    at += size > 0 ? size : 1;
    if (used >= blockUnits) {
      text += String.fromCharCode(...units.subarray(0, used));
      used = 0;
    }
  }
  return text + String.fromCharCode(...units.subarray(0, used));
}

function codePoint(bytes: Buffer, at: number, size: number): number {
  const lead = bytes[at]!;
  if (size === 1) return lead;
  let code = lead & (0x7f >> size);
  for (let next = 1; next < size; next++) code = (code << 6) | (bytes[at + next]! & 0x3f);
  return code;
}

/** Bytes of the character that begins there; 0 when it is none of UTF-8, less when the bytes end within it. */
function sequenceAt(bytes: Buffer, at: number): number {
  const lead = bytes[at];
  if (lead === undefined) return 0;
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  const size = lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
  for (let next = 1; next < size; next++) {
    const byte = bytes[at + next];
    if (byte === undefined) return -1;
    if (byte < lowest(lead, next) || byte > highest(lead, next)) return 0;
  }
  return size;
}

/** Overlong forms are not UTF-8 … */
function lowest(lead: number, next: number): number {
  if (next > 1) return 0x80;
  return lead === 0xe0 ? 0xa0 : lead === 0xf0 ? 0x90 : 0x80;
}

/** … nor are surrogates and what is beyond U+10FFFF. */
function highest(lead: number, next: number): number {
  if (next > 1) return 0xbf;
  return lead === 0xed ? 0x9f : lead === 0xf4 ? 0x8f : 0xbf;
}

/** Where a character begins that the next piece may complete; the end when there is none. */
function wholeCharacters(bytes: Buffer): number {
  const { length } = bytes;
  for (let at = length - 1; at >= 0 && at >= length - 3; at--) {
    const byte = bytes[at]!;
    if (byte < 0x80) return length;
    if (byte >= 0xc0) return sequenceAt(bytes, at) < 0 ? at : length;
  }
  return length;
}

function encodeEscaped(text: string): Buffer {
  // Most take one byte per unit; none takes more than three.
  const bytes = Buffer.allocUnsafe(text.length * 3);
  let size = 0;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0xd800 || unit > 0xdfff) continue;
    if (unit < escapeBase && isLow(text.charCodeAt(at + 1))) {
      at++;
      continue;
    }
    if (!isEscape(unit)) throw notEncodable(text, at);
    if (from < at) size += bytes.write(text.slice(from, at), size, 'utf8');
    bytes[size++] = unit - escapeBase;
    from = at + 1;
  }
  size += bytes.write(text.slice(from), size, 'utf8');
  return Buffer.from(bytes.subarray(0, size));
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/** Told as Python does, which numbers characters and not UTF-16's units. */
function notEncodable(text: string, at: number): KplayError {
  const unit = text.charCodeAt(at).toString(16);
  const position = Array.from(text.slice(0, at)).length;
  return new KplayError({
    code: 'argument',
    message: `'utf-8' codec can't encode character '\\u${unit}' in position ${position}: surrogates not allowed`,
  });
}
