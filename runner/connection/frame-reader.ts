/** The end of a result on one stream, as the keeper wrote it. */
export interface FrameEnd {
  /** The exit code; `ready` when the keeper starts, `dead` when it ended. */
  readonly rc: number | 'ready' | 'dead';
  /** The keeper's own exit code, when it is dead. */
  readonly keeper?: number | undefined;
  /** Whether processes of the command still run. */
  readonly left: boolean;
}

const empty = Buffer.alloc(0);

/**
 * Splits one stream of a shell into what commands print and the ends of their results. The end mark holds a nonce that
 * only we and the keeper know, so that nothing a command prints can be taken for it.
 */
export class FrameReader {
  readonly #mark: Buffer;
  readonly #onData: (bytes: Buffer) => void;
  readonly #onEnd: (end: FrameEnd) => void;
  #kept: Buffer = empty;

  constructor(nonce: string, onData: (bytes: Buffer) => void, onEnd: (end: FrameEnd) => void) {
    this.#mark = Buffer.from(`\x1e${nonce} `);
    this.#onData = onData;
    this.#onEnd = onEnd;
  }

  /** Takes what arrived next. */
  push(chunk: Buffer): void {
    let rest = this.#kept.length === 0 ? chunk : Buffer.concat([this.#kept, chunk]);
    this.#kept = empty;
    while (rest.length > 0) {
      const at = rest.indexOf(this.#mark);
      if (at < 0) return this.#keepPartialMark(rest);
      if (at > 0) this.#onData(rest.subarray(0, at));
      const newline = rest.indexOf(10, at);
      if (newline < 0) {
        this.#kept = rest.subarray(at);
        return;
      }
      this.#end(rest.subarray(at + this.#mark.length, newline).toString('latin1'));
      rest = rest.subarray(newline + 1);
    }
  }

  #end(text: string): void {
    const [rc, flag] = text.split(' ');
    if (rc === 'dead') this.#onEnd({ rc, keeper: Number(flag), left: false });
    else this.#onEnd({ rc: rc === 'ready' ? rc : Number(rc), left: flag === 'left' });
  }

  /** Holds back what may be the beginning of a mark. */
  #keepPartialMark(bytes: Buffer): void {
    let from = Math.max(0, bytes.length - this.#mark.length + 1);
    while (from < bytes.length) {
      from = bytes.indexOf(0x1e, from);
      if (from < 0) break;
      if (bytes.subarray(from).equals(this.#mark.subarray(0, bytes.length - from))) break;
      from += 1;
    }
    const cut = from < 0 ? bytes.length : Math.min(from, bytes.length);
    if (cut > 0) this.#onData(bytes.subarray(0, cut));
    this.#kept = bytes.subarray(cut);
  }
}
