import { decode, StreamDecoder } from '../python/bytes.ts';
import type { OutputSink } from './shell.ts';

type Stream = 'stdout' | 'stderr';

/** Collects what a command prints, as text, up to a limit per stream, and hands it on as it comes. */
export class OutputCollector implements OutputSink {
  readonly #streams: Record<Stream, LimitedStream>;

  /** @param limit bytes kept of each stream; what comes after is counted and thrown away */
  constructor(limit: number, onOutput?: (stream: Stream, text: string) => void) {
    const collect = (stream: Stream): LimitedStream =>
      new LimitedStream(limit, onOutput && ((text) => onOutput(stream, text)));
    this.#streams = { stdout: collect('stdout'), stderr: collect('stderr') };
  }

  stdout(bytes: Buffer): void {
    this.#streams.stdout.take(bytes);
  }

  stderr(bytes: Buffer): void {
    this.#streams.stderr.take(bytes);
  }

  /** The finished texts, to be asked for once; where something was thrown away a last line says so. */
  result(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#streams.stdout.finish(), stderr: this.#streams.stderr.finish() };
  }
}

/** From so many bytes on a stream has one place for all of them. */
const muchOutput = 1024 * 1024;
/** The size of that place; when it is full another is taken, that holds as much as a stream may have. */
const firstPlace = 8 * 1024 * 1024;

/**
 * One stream up to a limit. Its bytes are kept once and made a text at its end, so that a command that prints much takes twice as
 * much memory for a moment, and not longer. Of the place for all only what was written to is taken from the machine.
 */
class LimitedStream {
  readonly #limit: number;
  readonly #watch: StreamWatch | undefined;
  #parts: Buffer[] = [];
  #kept = 0;
  #dropped = 0;

  constructor(limit: number, onText: ((text: string) => void) | undefined) {
    this.#limit = limit;
    this.#watch = onText && new StreamWatch(onText);
  }

  take(bytes: Buffer): void {
    const room = Math.max(0, this.#limit - this.#kept);
    const taken = bytes.length <= room ? bytes : bytes.subarray(0, room);
    this.#dropped += bytes.length - taken.length;
    if (taken.length === 0) return;
    this.#keep(taken);
    this.#watch?.take(taken);
  }

  #keep(bytes: Buffer): void {
    const before = this.#kept;
    this.#kept += bytes.length;
    if (this.#kept <= muchOutput) {
      this.#parts.push(bytes);
      return;
    }
    if (before <= muchOutput || this.#kept > this.#parts[0]!.length) this.#grow();
    bytes.copy(this.#parts[0]!, before);
  }

  #grow(): void {
    const all = Buffer.allocUnsafeSlow(Math.min(this.#limit, this.#kept <= firstPlace ? firstPlace : this.#limit));
    let at = 0;
    for (const part of this.#parts) at += part.copy(all, at);
    this.#parts = [all];
  }

  finish(): string {
    const [first, ...others] = this.#parts;
    const bytes = first && others.length === 0 ? first.subarray(0, this.#kept) : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#kept = 0;
    const text = decode(bytes);
    if (this.#dropped === 0) return text;
    return `${text}\n[kplay: cut here, ${this.#dropped} further bytes were thrown away]\n`;
  }
}

/** Hands on what comes of a stream, as text. */
class StreamWatch {
  readonly #decoder = new StreamDecoder();
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void) {
    this.#onText = onText;
  }

  take(bytes: Buffer): void {
    const text = this.#decoder.write(bytes);
    if (text !== '') this.#onText(text);
  }
}
