import { decode } from '../python/bytes.ts';
import { later, type Timer } from '../wait.ts';
import { Unreachable } from './connection.ts';

type Stream = 'stdout' | 'stderr';

/** Characters kept of what a login says on a stream. */
const saidLimit = 16 * 1024;
const lines = 5;

/** The last lines of what somebody said, for a message. */
export function lastWords(said: string): string {
  const words = said.split(/[\r\n]+/).map((line) => line.trim());
  return words
    .filter((line) => line !== '')
    .slice(-lines)
    .join('; ');
}

/** A limit of time that -T sets, in words that say so. */
export function withinLimit(seconds: number): string {
  return `within ${seconds} s (-T or ansible_timeout allows more)`;
}

/** The time between a login and the shell's word that it is ready, and what is said on both streams meanwhile. */
export class StartUp {
  readonly #said: Record<Stream, string> = { stdout: '', stderr: '' };
  readonly #ready: Record<Stream, boolean> = { stdout: false, stderr: false };
  readonly #ours: readonly string[];
  readonly #seconds: number;
  readonly #timer: Timer;

  /**
   * @param ours texts by which what we sent is known when it comes back: a login may print all of it
   * @param onLate called with the error when the shell is not ready in time
   */
  constructor(ours: readonly string[], seconds: number, onLate: (error: Unreachable) => void) {
    this.#ours = ours;
    this.#seconds = seconds;
    this.#timer = later(seconds * 1000, () => onLate(this.late()));
  }

  /** Whether the shell is ready on both streams, or on one. */
  ready(stream?: Stream): boolean {
    return stream ? this.#ready[stream] : this.#ready.stdout && this.#ready.stderr;
  }

  /**
   * Whether the keeper has started: its word on one stream is enough. It says so on both, but what came after it on one may be read before
   * the first of the other.
   */
  get hasStarted(): boolean {
    return this.#ready.stdout || this.#ready.stderr;
  }

  setReady(stream: Stream): void {
    this.#ready[stream] = true;
    if (this.ready()) this.#timer.cancel();
  }

  /** Takes what arrives before the shell is ready. */
  say(stream: Stream, bytes: Buffer): void {
    const said = this.#said[stream];
    if (said.length < saidLimit) this.#said[stream] = said + decode(bytes).slice(0, saidLimit - said.length);
  }

  /** The shell will not become ready: nothing is waited for any more. */
  over(): void {
    this.#timer.cancel();
  }

  late(): Unreachable {
    return new Unreachable(
      `the shell on the host did not start ${withinLimit(this.#seconds)}: ${loginWords(this.#words(), this.#cameBack())}`,
    );
  }

  /** The error for a shell that ended before it was ready. `code` is that of the process that was to become it. */
  failed(code: number | undefined): Unreachable {
    const ended = code ? `it ended at once with code ${code}${codeHint(code)}` : 'it ended at once';
    return new Unreachable(`the shell on the host did not start: ${this.#words() || ended}`);
  }

  #cameBack(): boolean {
    const [, ...program] = this.#ours;
    return program.some((text) => this.#said.stdout.includes(text) || this.#said.stderr.includes(text));
  }

  /** What was said before anything of ours came back, which may be secret. */
  #words(): string {
    const before = ({ stdout, stderr }: Record<Stream, string>) => [stdout, stderr].map((said) => this.#strange(said));
    return lastWords(before(this.#said).join('\n'));
  }

  #strange(said: string): string {
    const all = said.split('\n').filter((line) => line.trim() !== this.#ours[0]);
    const end = all.findIndex((line) => this.#ours.some((text) => line.includes(text)));
    return (end < 0 ? all : all.slice(0, end)).join('\n');
  }
}

/** What a login did in place of running our command. `cameBack`: it printed what it was sent. */
export function loginWords(said: string, cameBack = false): string {
  if (said !== '') return `the login said: ${said}`;
  return `the login did not run it, and ${cameBack ? 'printed what it was sent' : 'said nothing'}`;
}

/** What a shell's own exit code tells about the host: shells end so when they cannot start another process. */
export function codeHint(code: number): string {
  return code === 2 || code === 254 ? ', as shells do when no further process can be started there' : '';
}
