/** What the processes on the host report on one stream of a shell (PROTOCOL.md). */
export type Report =
  /** The keeper has started. */
  | { readonly kind: 'ready' }
  /** How a frame's command ended; `rest` when a report of the keeper's about what it left follows. */
  | { readonly kind: 'result'; readonly number: number; readonly rc: number; readonly rest: boolean }
  /** Whether processes of the last command still run. */
  | { readonly kind: 'rest'; readonly left: boolean }
  /** The keeper ended, with this code. Nothing that was sent is run from here on. */
  | { readonly kind: 'dead'; readonly code: number };

const empty = Buffer.alloc(0);

/**
 * Splits one stream of a shell into what commands print and the reports between. A report's mark holds a nonce that only we
 * and the host's shells know, so that nothing a command prints can be taken for it.
 */
export class FrameReader {
  readonly #mark: Buffer;
  readonly #onData: (bytes: Buffer) => void;
  readonly #onReport: (report: Report) => void;
  #kept: Buffer = empty;

  constructor(nonce: string, onData: (bytes: Buffer) => void, onReport: (report: Report) => void) {
    this.#mark = Buffer.from(`\x1e${nonce} `);
    this.#onData = onData;
    this.#onReport = onReport;
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
      this.#onReport(reportOf(rest.subarray(at + this.#mark.length, newline).toString('latin1')));
      rest = rest.subarray(newline + 1);
    }
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

function reportOf(text: string): Report {
  const first = text.indexOf(' ');
  if (first < 0) return text === 'ready' ? { kind: 'ready' } : { kind: 'rest', left: text === 'left' };
  if (text.startsWith('dead ')) return { kind: 'dead', code: exitCode(text.slice(first + 1)) };
  const second = text.indexOf(' ', first + 1);
  return {
    kind: 'result',
    number: Number(text.slice(0, first)),
    rc: exitCode(text.slice(first + 1, second < 0 ? undefined : second)),
    rest: text.endsWith(' more'),
  };
}

/** Some shells tell of a signal otherwise: ksh93 as 256 + n, yash as 384 + n. */
function exitCode(text: string): number {
  const code = Number(text);
  return code > 255 ? 128 + (code % 128) : code;
}
