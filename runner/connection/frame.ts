import { isUtf8 } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { decode, encode } from '../python/bytes.ts';
import { RequestError } from './connection.ts';
import { temporaryToken, withSystemTools } from './host-functions.ts';
import { quote } from './quote.ts';

/** What is written to a shell for one command, and after it the raw bytes that the command's text reads itself. */
export interface Frame {
  /** The words of the frame's first line but the nonce and the number (PROTOCOL.md). */
  readonly words: string;
  readonly text: Buffer;
  readonly input: FrameInput;
}

/**
 * What a command's text finds as its standard input: nothing; raw bytes that follow the frame and that it reads itself, so that
 * any failure may leave some of them unread; or raw bytes that are stored first, when only code 255 or a signal may.
 */
export type FrameInput = 'nothing' | 'raw' | 'stored';

/** Whether raw bytes may have been left unread by a command that ended with code `rc`. */
export function leavesInput(frame: Frame, rc: number): boolean {
  return frame.input === 'raw' ? rc !== 0 : frame.input === 'stored' && rc >= 128;
}

/** What goes into a frame. */
export interface FrameContent {
  readonly script: string;
  readonly stdin?: Buffer | string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  readonly systemTools?: boolean | undefined;
}

/** A sh that is not bash reads lines byte by byte (0.3 µs each), dd costs a process (about 1 ms). */
const lineReadingLimit = 4096;
/** Up to this size standard input travels as a shell word, when it is text; else by way of a file without a name. */
const inlineStdinLimit = 32 * 1024;
/** Up to this size the file without a name is better in memory. */
const memoryFileLimit = 8 * 1024 * 1024;

/** Up to this size dd reads all at once. */
const largestBlock = 4 * 1024 * 1024;
const usualBlock = 256 * 1024;

/** Builds the frame of a command. Throws {@link RequestError} for what no shell can take (NUL bytes, bad variable names). */
export function commandFrame(content: FrameContent): Frame {
  const script = commandText(content);
  const { stdin } = content;
  if (stdin === undefined || stdin.length === 0) return frameOf(script, 'nothing');
  const text = inlineText(stdin);
  if (text !== undefined) {
    return frameOf(`kplay_print ${quote(text)} | { eval ${quote(script)}; exit; }; exit $?`, 'nothing');
  }
  const bytes = typeof stdin === 'string' ? encode(stdin) : stdin;
  const frame = frameOf(spool(bytes.length, script), 'stored');
  return { ...frame, text: Buffer.concat([frame.text, bytes]) };
}

/** Builds the frame of a command whose text reads exactly `size` raw bytes from its standard input, which are written after it. */
export function rawFrame(script: string): Frame {
  return frameOf(script, 'raw');
}

/**
 * sh text that copies exactly `size` bytes of its standard input to its standard output, in one or two processes. `operands` are
 * the last one's: what is flushed at the end has been read whole by then, so that the end of the input is not held up.
 */
export function readExactly(size: number, operands = ''): string {
  const dd = (bs: number, count: number, more = '') => `dd bs=${bs} count=${count} iflag=fullblock ${more}`.trim();
  if (size <= largestBlock) return dd(Math.max(size, 1), size === 0 ? 0 : 1, operands);
  const rest = size % usualBlock;
  const whole = dd(usualBlock, Math.floor(size / usualBlock), operands);
  return rest === 0 ? whole : `{ ${dd(rest, 1)} && ${whole}; }`;
}

/** A command's whole text: its environment is put up before it. Throws {@link RequestError} for what no shell can take. */
export function commandText({ script, environment, systemTools }: FrameContent): string {
  if (script.includes('\0')) throw new RequestError('the script holds a NUL byte, which a shell cannot take');
  return exports(environment) + (systemTools ? withSystemTools : '') + script;
}

/** sh text that puts variables into the environment. Throws {@link RequestError} for what no shell can take. */
function exports(environment: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(environment ?? {});
  if (entries.length === 0) return '';
  const words = entries.map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new RequestError(`"${name}" cannot be the name of an environment variable`);
    if (value.includes('\0')) throw new RequestError(`the environment variable ${name} holds a NUL byte`);
    return `${name}=${quote(value)}`;
  });
  return `export ${words.join(' ')}; `;
}

/** The text, when the standard input is short and can be a shell word. */
function inlineText(stdin: Buffer | string): string | undefined {
  if (stdin.length > inlineStdinLimit) return undefined;
  // Not every sh takes a word that is not UTF-8.
  if (typeof stdin === 'string' ? !stdin.isWellFormed() : !isUtf8(stdin)) return undefined;
  const text = typeof stdin === 'string' ? stdin : decode(stdin);
  return text.includes('\0') ? undefined : text;
}

function frameOf(script: string, input: FrameInput): Frame {
  const text = encode(`${script}\n`);
  const word = input[0]!;
  if (text.length <= lineReadingLimit) {
    return { words: `${text.length} ${script.split('\n').length} ${word}`, text, input };
  }
  const sentinel = `#${randomBytes(8).toString('hex')}`;
  const marked = Buffer.concat([text, Buffer.from(`${sentinel}\n`)]);
  return { words: `${marked.length} 0 ${word} ${sentinel}`, text: marked, input };
}

/** Takes raw standard input into a file that has no name any more when the script starts. */
function spool(size: number, script: string): string {
  const places = size <= memoryFileLimit ? '/dev/shm "${TMPDIR:-/tmp}" .' : '"${TMPDIR:-/tmp}" . /dev/shm';
  const name = `.kplay-${temporaryToken()}.tmp`;
  return [
    `for kplay_d in ${places}; do [ -d "$kplay_d" ] && [ -w "$kplay_d" ] && break; done`,
    `kplay_f=$kplay_d/${name}`,
    `trap 'rm -f "$kplay_f"' 0; trap 'exit 143' 1 2 15`,
    'case $kplay_f in /*) kplay_note "$kplay_f";; *) kplay_note "$PWD/$kplay_f";; esac; kplay_m=$(umask); umask 077; set -C',
    `if { kplay_e=$( { ${readExactly(size)} >"$kplay_f"; } 2>&1 ); } && exec <"$kplay_f"; then rm -f "$kplay_f"; kplay_done; trap - 0 1 2 15; set +C; umask $kplay_m; unset kplay_d kplay_e kplay_f kplay_m`,
    `else printf '%s\\n' "the standard input could not be stored: $kplay_e" >&2; exit 255; fi`,
    `eval ${quote(script)}`,
  ].join('\n');
}
