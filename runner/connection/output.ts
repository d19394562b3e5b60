import { StringDecoder } from 'node:string_decoder';
import type { OutputSink } from './shell.ts';

type Stream = 'stdout' | 'stderr';

/** Collects what a command prints, as text, up to a limit per stream, and hands it on as it comes. */
export class OutputCollector implements OutputSink {
  readonly #limit: number;
  readonly #onOutput: ((stream: Stream, text: string) => void) | undefined;
  readonly #streams = { stdout: new StreamText(), stderr: new StreamText() };

  /** @param limit bytes kept of each stream; what comes after is counted and thrown away */
  constructor(limit: number, onOutput?: (stream: Stream, text: string) => void) {
    this.#limit = limit;
    this.#onOutput = onOutput;
  }

  stdout(bytes: Buffer): void {
    this.#add('stdout', bytes);
  }

  stderr(bytes: Buffer): void {
    this.#add('stderr', bytes);
  }

  /** The finished texts; where something was thrown away a last line says so. */
  result(): { readonly stdout: string; readonly stderr: string } {
    return { stdout: this.#streams.stdout.finish(), stderr: this.#streams.stderr.finish() };
  }

  #add(stream: Stream, bytes: Buffer): void {
    const text = this.#streams[stream].add(bytes, this.#limit);
    if (text !== '') this.#onOutput?.(stream, text);
  }
}

class StreamText {
  readonly #decoder = new StringDecoder('utf8');
  readonly #parts: string[] = [];
  #kept = 0;
  #dropped = 0;

  add(bytes: Buffer, limit: number): string {
    const room = Math.max(0, limit - this.#kept);
    const taken = bytes.length <= room ? bytes : bytes.subarray(0, room);
    this.#kept += taken.length;
    this.#dropped += bytes.length - taken.length;
    const text = this.#decoder.write(taken);
    this.#parts.push(text);
    return text;
  }

  finish(): string {
    const text = this.#parts.join('') + this.#decoder.end();
    if (this.#dropped === 0) return text;
    return `${text}\n[kplay: cut here, ${this.#dropped} further bytes were thrown away]\n`;
  }
}
