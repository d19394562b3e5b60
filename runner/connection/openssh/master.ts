import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, type FSWatcher, watch as fileWatch, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { decode, StreamDecoder } from '../../python/bytes.ts';
import type { Environment } from '../../python/process.ts';
import { later } from '../../wait.ts';
import { withoutChatter } from './words.ts';

/**
 * Starts the client, says its process id, and ends it when standard input ends, so that it does not outlive a controller that is killed.
 * $1 is the folder that goes with it.
 */
const watch = [
  'd=$1; shift; exec 3<&0; "$@" </dev/null 3<&- & p=$!; echo "$p"; exec >/dev/null 2>&1',
  '{ IFS= read -r l <&3; kill "$p"; } & q=$!; exec 3<&-',
  ' wait "$p"; r=$?; kill "$q"; rm -rf -- "$d"; exit "$r"',
].join('; ');

/** Milliseconds for the last words of a client that has ended, and for one to end that was told to. */
const lastWordsMilliseconds = 300;
const endMilliseconds = 1000;
const lookMilliseconds = 100;
const kept = 16 * 1024;

/** An OpenSSH client that has logged in to a host, or is about to, and lets others use its connection. */
export class Master {
  /** The client's process id. */
  readonly pid: Promise<number>;
  /** Settles with true once it is logged in, with false when it has ended before; never rejects. */
  readonly ready: Promise<boolean>;
  /** Settles once it has ended and its last words are there; never rejects. */
  readonly ended: Promise<void>;
  readonly #child: ChildProcess;
  readonly #folder: string;
  #said = '';

  /**
   * @param words the client and its words
   * @param path the socket that it is to listen at, in a folder of its own, which is removed when it has ended
   */
  constructor(words: readonly string[], path: string, environment: Environment) {
    const folder = dirname(path);
    this.#folder = folder;
    const child = spawn('/bin/sh', ['-c', watch, 'kplay-ssh', folder, ...words], {
      stdio: 'pipe',
      detached: true,
      env: { ...environment },
    });
    this.#child = child;
    child.stdin.on('error', () => {});
    const decoder = new StreamDecoder();
    child.stderr.on('data', (chunk: Buffer) => {
      this.#said = withoutChatter(this.#said + decoder.write(chunk)).slice(-kept);
    });
    this.pid = pidOf(child);
    const over = new AbortController();
    this.ended = this.#whenEnded(child).finally(() => over.abort());
    this.ready = Promise.race([listens(path, over.signal).then(() => true), this.ended.then(() => false)]);
  }

  /** What it wrote on standard error up to now, without its chatter. */
  get said(): string {
    return this.#said;
  }

  /** Forgets what it wrote: why a login tried one way after another says nothing of what comes later. */
  forgetSaid(): void {
    this.#said = '';
  }

  /** Ends it, and waits for that, but not for long. */
  async close(): Promise<void> {
    this.#child.stdin?.end();
    const timer = later(endMilliseconds, () => this.#kill());
    await this.ended;
    timer.cancel();
  }

  #kill(): void {
    try {
      if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    } catch {} // It has just ended.
    rmSync(this.#folder, { recursive: true, force: true });
  }

  async #whenEnded(child: ChildProcess): Promise<void> {
    const closed = new Promise<void>((resolve) => child.once('close', () => resolve()));
    const exited = new Promise<void>((resolve) => {
      child.once('exit', () => resolve());
      child.once('error', (error) => {
        this.#said += error.message;
        resolve();
      });
    });
    await exited;
    // What a ProxyCommand has started may keep standard error open.
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => {
      // After other work that took as long, what has arrived is still to be read: timers come before that.
      timer = setTimeout(() => setImmediate(resolve), lastWordsMilliseconds);
    });
    await Promise.race([closed, late]);
    clearTimeout(timer);
    child.stderr?.destroy();
  }
}

function pidOf(child: ChildProcess): Promise<number> {
  return new Promise((resolve) => {
    let text = '';
    child.stdout?.on('data', (chunk: Buffer) => {
      text += decode(chunk);
      if (text.includes('\n')) resolve(Number.parseInt(text, 10));
    });
    child.once('exit', () => resolve(Number.NaN));
    child.once('error', () => resolve(Number.NaN));
  });
}

/** Settles once the client listens at its socket, which it does when it has logged in. */
function listens(path: string, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const look = () => {
      if (signal.aborted || !existsSync(path)) return;
      stop();
      resolve();
    };
    // Not every file system tells what happens in it.
    const timer = setInterval(look, lookMilliseconds);
    let watcher: FSWatcher | undefined;
    try {
      watcher = fileWatch(dirname(path), look);
      watcher.on('error', () => {});
    } catch {}
    const stop = () => {
      clearInterval(timer);
      watcher?.close();
    };
    signal.addEventListener('abort', stop, { once: true });
    look();
  });
}
