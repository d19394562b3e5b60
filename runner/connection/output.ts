import { decode, StreamDecoder } from '../python/bytes.ts';
import type { OutputSink } from './shell.ts';

type Stream = 'stdout' | 'stderr';

/** Collects what a command prints, as text, up to a limit per stream, and hands it on as it comes. */
export class OutputCollector implements OutputSink {
  readonly #limit: number;
  readonly #streams: Record<Stream, StreamBytes | StreamText>;

  /** @param limit bytes kept of each stream; what comes after is counted and thrown away */
  constructor(limit: number, onOutput?: (stream: Stream, text: string) => void) {
    this.#limit = limit;
    const collect = (stream: Stream): StreamBytes | StreamText =>
      onOutput ? new StreamText((text) => onOutput(stream, text)) : new StreamBytes();
    this.#streams = { stdout: collect('stdout'), stderr: collect('stderr') };
  }

  stdout(bytes: Buffer): void {
    this.#streams.stdout.take(bytes, this.#limit);
  }

  stderr(bytes: Buffer): void {
    this.#streams.stderr.take(bytes, this.#limit);
  }

  /** The finished texts; where something was thrown away a last line says so. */
  result(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#streams.stdout.finish(), stderr: this.#streams.stderr.finish() };
  }
}

/** One stream up to a limit. */
abstract class LimitedStream {
  #kept = 0;
  #dropped = 0;

  take(bytes: Buffer, limit: number): void {
    const room = Math.max(0, limit - this.#kept);
    const taken = bytes.length <= room ? bytes : bytes.subarray(0, room);
    this.#kept += taken.length;
    this.#dropped += bytes.length - taken.length;
    if (taken.length > 0) this.keep(taken);
  }

  finish(): string {
    const text = this.text();
    if (this.#dropped === 0) return text;
    return `${text}\n[kplay: cut here, ${this.#dropped} further bytes were thrown away]\n`;
  }

  protected abstract keep(bytes: Buffer): void;
  protected abstract text(): string;
}

/** A stream that nobody watches: it is decoded once, at its end. */
class StreamBytes extends LimitedStream {
  readonly #parts: Buffer[] = [];

  protected override keep(bytes: Buffer): void {
    this.#parts.push(bytes);
  }

  protected override text(): string {
    return decode(this.#parts.length === 1 ? this.#parts[0]! : Buffer.concat(this.#parts));
  }
}

/** A stream that is watched while it comes. */
class StreamText extends LimitedStream {
  readonly #decoder = new StreamDecoder();
  readonly #parts: string[] = [];
  readonly #onText: (text: string) => void;

  constructor(onText: (text: string) => void) {
    super();
    this.#onText = onText;
  }

  protected override keep(bytes: Buffer): void {
    const text = this.#decoder.write(bytes);
    if (text === '') return;
    this.#parts.push(text);
    this.#onText(text);
  }

  protected override text(): string {
    return this.#parts.join('') + this.#decoder.end();
  }
}
