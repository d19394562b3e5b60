import type { Host, RunOptions } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';

const start = '--';

/**
 * sh functions with which a probe of files answers, whatever a name or a content holds:
 * `r` begins a record, `k NAME TEXT` prints a field, `h` and `b` turn their input into a field's text.
 */
export const recordPrelude = `LC_ALL=C LANGUAGE=C PATH="$PATH:/usr/local/sbin:/usr/sbin:/sbin"; export LC_ALL LANGUAGE PATH
r() { echo ${start}; }
h() { od -An -v -tx1 | tr -d ' \\n'; echo; }
k() { case $2 in *[!\\ -~]*) printf '%s:' "$1"; printf %s "$2" | h;; *) printf '%s=%s\\n' "$1" "$2";; esac; }
if command -v base64 >/dev/null 2>&1; then b() { printf '%s@' "$1"; base64 | tr -d '\\n'; echo; }
else b() { printf '%s:' "$1"; h; }; fi
`;

/** What a probe said of one thing: fields by name. */
export class ProbeRecord {
  readonly #fields = new Map<string, Buffer>();

  set(name: string, value: Buffer): void {
    this.#fields.set(name, value);
  }

  has(name: string): boolean {
    return this.#fields.has(name);
  }

  bytes(name: string): Buffer | undefined {
    return this.#fields.get(name);
  }

  text(name: string): string | undefined {
    return this.#fields.get(name)?.toString('utf8');
  }
}

/** Reads what the functions of {@link recordPrelude} printed. Throws {@link ModuleFailure} for anything else. */
export function parseRecords(output: string): ProbeRecord[] {
  const records: ProbeRecord[] = [];
  for (const line of output.split('\n')) {
    if (line === '') continue;
    if (line === start) {
      records.push(new ProbeRecord());
      continue;
    }
    const field = /^(\w+)([=:@])(.*)$/.exec(line);
    const record = records.at(-1);
    if (!field || !record) throw new ModuleFailure(`the host answered something unexpected: ${line.slice(0, 200)}`);
    record.set(field[1]!, Buffer.from(field[3]!, encodings[field[2] as keyof typeof encodings]));
  }
  return records;
}

const encodings = { '=': 'utf8', ':': 'hex', '@': 'base64' } as const;

/** Runs a probe made of records. Throws {@link ModuleFailure} with the host's words when its shell fails. */
export async function runRecords(host: Host, script: string, options?: RunOptions): Promise<ProbeRecord[]> {
  const result = await host.run(`${recordPrelude}${script}\nexit 0`, options);
  if (result.rc !== 0) {
    throw new ModuleFailure(`could not look at the host's files: ${result.stderr.trim() || `rc ${result.rc}`}`, {
      rc: result.rc,
      stderr: result.stderr,
    });
  }
  return parseRecords(result.stdout);
}
