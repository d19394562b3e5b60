import { isUtf8 } from 'node:buffer';

/**
 * Text of bytes and bytes of text, as Python's `surrogateescape` has it: a byte that is not UTF-8 is the lone surrogate
 * U+DC00 + byte in a text, and that byte again when the text is written. So no byte is lost or changed on its way.
 * Everything that reads or writes text beyond this process does it by these functions: `toString` and `Buffer.from`
 * put U+FFFD in the place of such bytes.
 */

/** A character that an encoding has no bytes for. Told as Python does, which counts characters and not UTF-16's units. */
export class EncodeError extends Error {
  /** @param at the place of the character in UTF-16's units */
  constructor(encoding: string, text: string, at: number, reason = 'surrogates not allowed') {
    const code = text.codePointAt(at)!;
    const shown =
      code < 0x100
        ? `\\x${hexadecimal(code, 2)}`
        : code < 0x10000
          ? `\\u${hexadecimal(code, 4)}`
          : `\\U${hexadecimal(code, 8)}`;
    const position = Array.from(text.slice(0, at)).length;
    super(`'${encoding}' codec can't encode character '${shown}' in position ${position}: ${reason}`);
    this.name = 'EncodeError';
  }
}

function hexadecimal(code: number, digits: number): string {
  return code.toString(16).padStart(digits, '0');
}

/** The text of bytes, each byte that is not UTF-8 as a lone surrogate. Takes any bytes. */
export function decode(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  // A text that holds no U+FFFD lost nothing; one that does may have held it before.
  return !text.includes('\ufffd') || isUtf8(bytes) ? text : decodeEscaping(bytes);
}

/**
 * The bytes of a text, lone surrogates of {@link decode} as the bytes that they stand for. Throws {@link EncodeError}
 * for any other half of a surrogate pair, which no bytes stand for.
 */
export function encode(text: string): Buffer {
  return text.isWellFormed() ? Buffer.from(text, 'utf8') : encodeEscaped(text);
}

/** The number of bytes that {@link encode} gives. */
export function byteLength(text: string): number {
  return text.isWellFormed() ? Buffer.byteLength(text, 'utf8') : encodedSize(text);
}

/** The bytes of a text where Python allows no byte that is not UTF-8. Throws as {@link refuseEscapes}. */
export function encodeStrictly(text: string): Buffer {
  refuseEscapes(text);
  return Buffer.from(text, 'utf8');
}

/** Throws {@link EncodeError} for a text with a lone surrogate, whether it stands for a byte or not. */
export function refuseEscapes(text: string, encoding = 'utf-8'): void {
  if (!text.isWellFormed()) throw new EncodeError(encoding, text, text.search(loneSurrogate));
}

/** The place of the first byte that is not UTF-8, -1 when there is none. */
export function firstInvalid(bytes: Buffer): number {
  if (isUtf8(bytes)) return -1;
  let at = 0;
  for (let size = sequenceAt(bytes, at); size > 0; size = sequenceAt(bytes, at)) at += size;
  return at;
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
/** Bytes that are decoded at once, and may have to be decoded one by one. */
const blockBytes = 64 * 1024;

function isEscape(unit: number): boolean {
  return unit >= escapeBase + 0x80 && unit <= escapeBase + 0xff;
}

function decodeEscaping(bytes: Buffer): string {
  const units = Buffer.allocUnsafe(2 * Math.min(bytes.length, blockBytes));
  let text = '';
  for (let start = 0; start < bytes.length; ) {
    const end = start + blockBytes;
    const block =
      end < bytes.length
        ? bytes.subarray(start, start + wholeCharacters(bytes.subarray(start, end)))
        : bytes.subarray(start);
    text += isUtf8(block) ? block.toString('utf8') : units.toString('utf16le', 0, decodeBlock(block, units));
    start += block.length;
  }
  return text;
}

/** Writes the text of bytes as UTF-16, which takes no more than twice as many bytes; returns how many. */
function decodeBlock(bytes: Buffer, units: Buffer): number {
  let used = 0;
  for (let at = 0; at < bytes.length; ) {
    const lead = bytes[at]!;
    if (lead < 0x80) {
      units[used] = lead;
      units[used + 1] = 0;
      used += 2;
      at++;
      continue;
    }
    const size = sequenceAt(bytes, at);
    let code = size > 0 ? codePoint(bytes, at, size) : escapeBase + lead;
    at += size > 0 ? size : 1;
    if (code > 0xffff) {
      const high = 0xd800 + ((code - 0x10000) >> 10);
      units[used++] = high & 0xff;
      units[used++] = high >> 8;
      code = 0xdc00 + ((code - 0x10000) & 0x3ff);
    }
    units[used++] = code & 0xff;
    units[used++] = code >> 8;
  }
  return used;
}

/** The character that begins there, of two bytes or more. */
function codePoint(bytes: Buffer, at: number, size: number): number {
  let code = bytes[at]! & (0x7f >> size);
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
  const bytes = Buffer.allocUnsafe(encodedSize(text));
  let used = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80) bytes[used++] = unit;
    else if (isEscape(unit)) bytes[used++] = unit - escapeBase;
    else if (unit < 0x800) {
      bytes[used++] = 0xc0 | (unit >> 6);
      bytes[used++] = 0x80 | (unit & 0x3f);
    } else if (!isSurrogate(unit)) {
      bytes[used++] = 0xe0 | (unit >> 12);
      bytes[used++] = 0x80 | ((unit >> 6) & 0x3f);
      bytes[used++] = 0x80 | (unit & 0x3f);
    } else {
      used += bytes.write(text.slice(at, at + 2), used, 'utf8');
      at++;
    }
  }
  return bytes;
}

/** The number of bytes that a text with lone surrogates takes. */
function encodedSize(text: string): number {
  let size = 0;
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit < 0x80 || isEscape(unit)) size += 1;
    else if (unit < 0x800) size += 2;
    else if (!isSurrogate(unit)) size += 3;
    else if (unit < escapeBase && isLow(text.charCodeAt(at + 1))) {
      size += 4;
      at++;
    } else throw new EncodeError('utf-8', text, at);
  }
  return size;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

function isLow(unit: number): boolean {
  return unit >= 0xdc00 && unit <= 0xdfff;
}
