import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import type { HostStats, RunEvent } from '../../runner/events.ts';
import { packageRoot } from '../../runner/root.ts';
import { insideNamespace } from './shell.ts';

const program = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

/** What a run of kplay came to. */
export interface KplayRun {
  /** Null when it was killed. */
  readonly code: number | null;
  readonly events: readonly RunEvent[];
  readonly stderr: string;
  readonly stdout: string;
  /** Seconds. */
  readonly duration: number;
}

/** How {@link kplay} runs it. */
export interface KplayOptions {
  /** Sends kplay a signal (SIGKILL when not said) so many milliseconds after a task whose name matches has begun on a host. */
  readonly killAt?: { readonly task: RegExp; readonly delay: number; readonly signal?: NodeJS.Signals };
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Later ones stand above earlier ones. */
  readonly inventory?: string | readonly string[];
  /** Seconds after which it is asked to end, and killed when that does not help. */
  readonly limit?: number;
  /** Plain text in place of events. */
  readonly plain?: boolean;
}

/** Runs `kplay run` inside the lab's network, on the lab's inventory, and reads its events. */
export function kplay(args: readonly string[], options: KplayOptions = {}): Promise<KplayRun> {
  const start = Date.now();
  const words = [
    program,
    'run',
    ...args,
    ...[options.inventory ?? 'test/lab/inventory'].flat().flatMap((source) => ['-i', source]),
    ...(options.plain ? [] : ['--json']),
  ];
  const [enter, ...rest] = insideNamespace;
  const child = spawn(enter!, [...rest, process.execPath, ...words], {
    cwd: path.resolve(packageRoot),
    stdio: 'pipe',
    env: { ...process.env, ANSIBLE_ROLES_PATH: path.join(packageRoot, 'roles'), ...options.environment },
  });
  let stdout = '';
  let stderr = '';
  let line = '';
  let doomed = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    const { killAt } = options;
    if (killAt === undefined || doomed) return;
    // A chunk may end within a line.
    const lines = (line + text).split('\n');
    line = lines.pop()!;
    if (!startsTask(lines.join('\n'), killAt.task)) return;
    doomed = true;
    setTimeout(() => child.kill(killAt.signal ?? 'SIGKILL'), killAt.delay);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  child.stdin.end(options.input ?? '');
  const timers =
    options.limit === undefined
      ? []
      : (['SIGTERM', 'SIGKILL'] as const).map((signal, index) =>
          setTimeout(() => child.kill(signal), (options.limit! + index * 30) * 1000),
        );
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      for (const timer of timers) clearTimeout(timer);
      const events = options.plain ? [] : readEvents(stdout);
      resolve({ code, events, stdout, stderr, duration: (Date.now() - start) / 1000 });
    });
  });
}

function startsTask(text: string, task: RegExp): boolean {
  return readEvents(text).some((event) => event.type === 'host-start' && task.test(event.task.name));
}

function readEvents(text: string): RunEvent[] {
  const events: RunEvent[] = [];
  for (const line of text.split('\n')) {
    // A run that was killed may have left half a line.
    if (line.startsWith('{') && line.endsWith('}')) events.push(JSON.parse(line) as RunEvent);
  }
  return events;
}

/** The recap's numbers per host. */
export function recap(run: KplayRun): Readonly<Record<string, HostStats>> {
  const event = run.events.find((one) => one.type === 'recap');
  return event?.type === 'recap' ? event.hosts : {};
}

/** Failures and what stood on standard error, for a test's message. */
export function trouble(run: KplayRun): string {
  const failures = run.events.flatMap((event) =>
    event.type === 'host-result' &&
    (event.result.outcome === 'failed' || event.result.outcome === 'unreachable') &&
    !event.result.ignored
      ? [`${event.task.name} on ${event.host}: ${JSON.stringify(event.result.fields).slice(0, 2000)}`]
      : [],
  );
  return [...failures, run.stderr, run.events.length === 0 ? run.stdout.slice(-2000) : ''].join('\n');
}

/** Tasks that changed something, as "host: task". */
export function changes(run: KplayRun): string[] {
  return run.events.flatMap((event) =>
    event.type === 'host-result' && event.result.outcome === 'changed' ? [`${event.host}: ${event.task.name}`] : [],
  );
}
