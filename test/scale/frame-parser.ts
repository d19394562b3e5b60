/** A command as it was written to a shell, and the raw bytes that followed it. */
export interface ReceivedFrame {
  readonly number: string;
  readonly script: string;
  readonly rawBytes: number;
}

/**
 * Takes apart what the connection writes to a shell (runner/connection/frame.ts): an empty line and four lines of programs first, then
 * frames. It stands in for a host's sh where thousands of hosts are simulated.
 */
export class FrameParser {
  #buffer: Buffer = Buffer.alloc(0);
  #programs = 0;
  #skip = 0;
  #pending: ReceivedFrame | undefined;
  readonly #onNonce: (nonce: string) => void;
  readonly #onFrame: (frame: ReceivedFrame) => void;

  constructor(onNonce: (nonce: string) => void, onFrame: (frame: ReceivedFrame) => void) {
    this.#onNonce = onNonce;
    this.#onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    if (this.#skip > 0) {
      const taken = Math.min(this.#skip, chunk.length);
      this.#skip -= taken;
      chunk = chunk.subarray(taken);
      if (this.#skip > 0) return;
      this.#deliver();
    }
    this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    while (this.#take());
  }

  /** Takes one thing off the buffer; false when it does not hold all of it yet. */
  #take(): boolean {
    const end = this.#buffer.indexOf(10);
    if (end < 0) return false;
    const line = this.#buffer.subarray(0, end).toString('utf8');
    if (this.#programs < 5) {
      this.#programs += 1;
      this.#buffer = this.#buffer.subarray(end + 1);
      if (this.#programs === 2) this.#onNonce(/; N=(\w+);/.exec(line)![1]!);
      return true;
    }
    const start = end + 1;
    const [, number = '', bytes, , input] = line.split(' ');
    const next = start + Number(bytes);
    if (!Number.isInteger(next)) throw new Error(`not the beginning of a frame: ${line.slice(0, 100)}`);
    if (this.#buffer.length < next) return false;
    const script = this.#buffer.subarray(start, next).toString('utf8');
    const rawBytes = input === 'n' ? 0 : ddBytes(script);
    const rest = this.#buffer.subarray(next);
    this.#pending = { number, script, rawBytes };
    this.#skip = Math.max(0, rawBytes - rest.length);
    this.#buffer = this.#skip > 0 ? Buffer.alloc(0) : Buffer.from(rest.subarray(rawBytes));
    if (this.#skip > 0) return false;
    this.#deliver();
    return true;
  }

  #deliver(): void {
    const frame = this.#pending;
    this.#pending = undefined;
    if (frame) this.#onFrame(frame);
  }
}

/** Bytes that the `dd` commands of a text read. */
function ddBytes(text: string): number {
  let sum = 0;
  for (const [, size, count] of text.matchAll(/\bdd bs=(\d+) count=(\d+) iflag=fullblock/g)) {
    sum += Number(size) * Number(count);
  }
  return sum;
}
