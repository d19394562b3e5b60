import { rmSync } from 'node:fs';
import path from 'node:path';
import { BecomeError } from '../../../runner/connection/become.ts';
import { CommandTimeout, type Connection, TransferError, Unreachable } from '../../../runner/connection/connection.ts';
import { createConnection } from '../../../runner/connection/create.ts';
import { temporaryDirectory } from '../../temporary.ts';
import type { Finding } from '../finding.ts';
import { Random } from '../random.ts';
import { HostileServer } from './hostile-server.ts';

/** What {@link fuzzSsh} came to. */
export interface SshResult {
  readonly conversations: number;
  /** How often each kind of end was seen. */
  readonly ends: ReadonlyMap<string, number>;
  readonly findings: readonly Finding[];
  /** The most memory of this process, servers included, in MiB. */
  readonly memory: number;
}

const connectSeconds = 2;
const commandSeconds = 2;
/** More than logging in, starting a shell, the command's limit and its stopping take together. */
const patienceSeconds = 15;
const hangSeconds = 90;
const together = 25;

/** Holds `count` conversations with servers that answer wrongly. The same seed gives the same servers. */
export async function fuzzSsh(
  seed: number,
  count: number,
  tell: (text: string) => void,
  first = 0,
): Promise<SshResult> {
  const ends = new Map<string, number>();
  const findings: Finding[] = [];
  let next = first;
  let memory = 0;
  const strays = (error: unknown): void => {
    findings.push({
      index: next,
      what: `an error that nobody took, near here: ${(error as Error)?.stack ?? String(error)}`,
    });
  };
  process.on('unhandledRejection', strays);
  process.on('uncaughtException', strays);
  const directory = temporaryDirectory('kplay-hostile');
  const worker = async (): Promise<void> => {
    while (next < first + count) {
      const index = next++;
      const { end, finding } = await converse(seed, index, directory);
      for (const word of end) ends.set(word, (ends.get(word) ?? 0) + 1);
      if (finding !== undefined) findings.push({ index, what: finding });
      memory = Math.max(memory, Math.round(process.memoryUsage.rss() / 2 ** 20));
      if ((index - first + 1) % 100 === 0)
        tell(`${index - first + 1} of ${count}, ${findings.length} findings, ${memory} MiB`);
    }
  };
  await Promise.all(Array.from({ length: together }, worker));
  // What nobody awaits any more may still fail.
  await new Promise((resolve) => setTimeout(resolve, 500));
  process.off('unhandledRejection', strays);
  process.off('uncaughtException', strays);
  rmSync(directory, { recursive: true, force: true });
  return { conversations: count, ends, findings, memory };
}

async function converse(
  seed: number,
  index: number,
  directory: string,
): Promise<{ readonly end: readonly string[]; readonly finding: string | undefined }> {
  const random = new Random(seed, index);
  const server = new HostileServer(random);
  const port = await server.listen();
  const connection = createConnection(
    {
      kind: 'ssh',
      host: '127.0.0.1',
      port,
      user: 'anybody',
      password: 'example',
      connectTimeoutSeconds: connectSeconds,
      hostKeyChecking: false,
      sshArgs: '-F none -o IdentityAgent=none -o UserKnownHostsFile=/dev/null',
    },
    { outputLimit: 1024 * 1024 },
  );
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<'hang'>((resolve) => {
    timer = setTimeout(() => resolve('hang'), hangSeconds * 1000);
  });
  try {
    const end = await Promise.race([talk(connection, path.join(directory, String(index))), hang]);
    if (end === 'hang') return { end: ['hang'], finding: `hangs (${server.says})` };
    const wrong = end.find((word) => word.startsWith('!'));
    return { end, finding: wrong && `${wrong} (${server.says})` };
  } finally {
    clearTimeout(timer);
    await server.stop();
  }
}

/** A few commands and files. Each ends in its own way; an error of an unknown kind begins with `!`. */
async function talk(connection: Connection, file: string): Promise<string[]> {
  const ends: string[] = [];
  const step = async (action: () => Promise<unknown>): Promise<void> => {
    // A transfer takes as long as it takes; who waits no longer closes the connection.
    const timer = setTimeout(() => void connection.close(), patienceSeconds * 1000);
    ends.push(await action().then(() => 'done', nameOf));
    clearTimeout(timer);
  };
  await step(() => connection.run({ script: 'echo one; echo two >&2', timeoutSeconds: commandSeconds }));
  await step(() => connection.send(Buffer.alloc(70_000, 'x'), file, {}));
  await step(() => connection.run({ script: 'cat', stdin: 'text', timeoutSeconds: commandSeconds }));
  await step(() => connection.fetch(file, `${file}.back`));
  await step(() => connection.close());
  return ends;
}

function nameOf(error: unknown): string {
  for (const kind of [Unreachable, TransferError, CommandTimeout, BecomeError]) {
    if (error instanceof kind) return /\n\s+at /.test(error.message) ? `! trace in ${error.message}` : kind.name;
  }
  return `! ${(error as Error)?.stack ?? String(error)}`;
}
