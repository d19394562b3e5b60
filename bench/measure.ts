import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/** What a command took. */
export interface Measured {
  readonly code: number | null;
  /** Seconds from start to end. */
  readonly seconds: number;
  /** Seconds of processor time of the command and of all that it waited for. */
  readonly cpu: number;
  /** The most memory that it and its descendants had together, MiB; only with `memory`. */
  readonly memory: number | undefined;
  /** The most memory that its biggest process had, with what that shares with others, MiB; only with `memory`. */
  readonly resident: number | undefined;
  /** The most open files of the command's own process; only with `memory`. */
  readonly files: number | undefined;
  readonly output: string;
}

export interface MeasureOptions {
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** Looks at memory and open files all the time, which costs time itself. */
  readonly memory?: boolean;
}

/** Runs a command to its end and measures it. */
export async function measure(words: readonly string[], options: MeasureOptions = {}): Promise<Measured> {
  // bash tells the processor time of a command with all its children.
  const script = 'TIMEFORMAT="%R %U %S"; { time "$@" 1>&3 2>&3; } 3>&1';
  const child = spawn('bash', ['-c', script, 'bash', ...words], {
    cwd: options.folder,
    // Node reads this file at every start, if a machine names one: a cost of the machine, of kplay alone.
    env: { ...process.env, NODE_EXTRA_CA_CERTS: undefined, ...options.environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  let times = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output = (output + text).slice(-1_000_000);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    times += text;
  });
  const watch = options.memory && child.pid !== undefined ? new Watch(child.pid) : undefined;
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  watch?.stop();
  const [seconds = 0, user = 0, system = 0] = times.trim().split('\n').at(-1)!.split(' ').map(Number);
  const { memory, resident, files } = watch ?? {};
  return { code, seconds, cpu: user + system, memory, resident, files, output };
}

/** Looks at a process and its descendants again and again. */
class Watch {
  memory = 0;
  resident = 0;
  files = 0;
  readonly #root: number;
  readonly #timer: NodeJS.Timeout;

  constructor(root: number) {
    this.#root = root;
    this.#timer = setInterval(() => this.#look(), 50);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const processes = descendants(this.#root);
    // Proportional shares: memory that processes have in common counts once.
    const memory = processes.reduce((sum, id) => sum + kibibytes(id, 'smaps_rollup', 'Pss'), 0) / 1024;
    const files = Math.max(0, ...processes.map(openFiles));
    this.memory = Math.max(this.memory, memory);
    this.resident = Math.max(this.resident, ...processes.map((id) => kibibytes(id, 'status', 'VmHWM') / 1024));
    this.files = Math.max(this.files, files);
  }
}

function descendants(root: number): number[] {
  const found: number[] = [];
  const visit = (id: number): void => {
    try {
      for (const child of readFileSync(`/proc/${id}/task/${id}/children`, 'utf8').split(' ').filter(Boolean)) {
        found.push(Number(child));
        visit(Number(child));
      }
    } catch {
      // It has ended.
    }
  };
  visit(root);
  return found;
}

/** A number that the kernel tells of a process, 0 when that has ended. */
function kibibytes(id: number, file: 'smaps_rollup' | 'status', name: 'Pss' | 'VmHWM'): number {
  try {
    return Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${id}/${file}`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function openFiles(id: number): number {
  try {
    return readdirSync(`/proc/${id}/fd`).length;
  } catch {
    return 0;
  }
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length === 0) return Number.NaN;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
