import { createInterface } from 'node:readline';
import { Writable } from 'node:stream';
import { printable } from '../printable.ts';
import { later, type Timer, wait } from '../wait.ts';

/**
 * Asks for a line at the terminal. Returns undefined when standard input is no terminal, when the time is over, or when
 * the signal is aborted.
 * Without `echo`, what is typed is not shown.
 */
export async function ask(
  text: string,
  options: { readonly echo: boolean; readonly timeoutSeconds?: number | undefined },
  signal?: AbortSignal,
): Promise<string | undefined> {
  if (!process.stdin.isTTY) {
    if (options.timeoutSeconds !== undefined) await wait(options.timeoutSeconds * 1000, signal);
    return undefined;
  }
  process.stderr.write(printable(text));
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const reader = createInterface({
    input: process.stdin,
    output: options.echo ? process.stderr : silent,
    terminal: true,
  });
  let timer: Timer | undefined;
  const close = (): void => reader.close();
  signal?.addEventListener('abort', close);
  try {
    return await new Promise<string | undefined>((resolve) => {
      reader.on('line', resolve);
      reader.on('close', () => resolve(undefined));
      reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
      if (options.timeoutSeconds !== undefined) timer = later(options.timeoutSeconds * 1000, () => resolve(undefined));
    });
  } finally {
    timer?.cancel();
    signal?.removeEventListener('abort', close);
    reader.close();
    if (!options.echo) process.stderr.write('\n');
  }
}

/** Asks for a password; reads a line of standard input when that is no terminal. */
export async function askPassword(text: string): Promise<string> {
  const typed = await ask(text, { echo: false });
  if (typed !== undefined) return typed;
  return readLine();
}

let pipedLines: AsyncIterator<string> | undefined;

/** The next line of standard input; '' when there is none. One reader for all, so that no line is lost between two. */
async function readLine(): Promise<string> {
  pipedLines ??= createInterface({ input: process.stdin })[Symbol.asyncIterator]();
  const { value, done } = await pipedLines.next();
  // A pipe that stays open must not keep kplay from ending.
  (process.stdin as { unref?: () => void }).unref?.();
  return done ? '' : value;
}
