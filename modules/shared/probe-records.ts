import type { Host, RunOptions } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { recordStart } from '../../runner/module/host-files.ts';
import { decode, encode } from '../../runner/python/bytes.ts';

/** What begins a probe of files that answers with records, whatever a name or a content holds: runner/connection/probe-functions.ts. */
export const recordPrelude = 'kplay_records\n';

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
    const value = this.#fields.get(name);
    return value && decode(value);
  }
}

/** Reads what the functions of {@link recordPrelude} printed. Throws {@link ModuleFailure} for anything else. */
export function parseRecords(output: string): ProbeRecord[] {
  const records: ProbeRecord[] = [];
  const lines = output.split('\n');
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at]!;
    if (line === '') continue;
    if (line === recordStart) {
      records.push(new ProbeRecord());
      continue;
    }
    const field = /^(\w+)([=:@])(.*)$/.exec(line);
    const record = records.at(-1);
    if (!field || !record) throw new ModuleFailure(`the host answered something unexpected: ${line.slice(0, 200)}`);
    if (field[2] !== '@') {
      record.set(field[1]!, field[2] === ':' ? Buffer.from(field[3]!, 'hex') : encode(field[3]!));
      continue;
    }
    const end = lines.indexOf('.', at);
    // A part would be taken for the whole, and be written back.
    if (end < 0) throw new ModuleFailure('the answer of the host is cut off: what was to be read is too large');
    record.set(field[1]!, Buffer.from(lines.slice(at + 1, end).join(''), 'base64'));
    at = end;
  }
  return records;
}

/** Runs a probe made of records. Throws {@link ModuleFailure} with the host's words when its shell fails. */
export async function runRecords(host: Host, script: string, options?: RunOptions): Promise<ProbeRecord[]> {
  const result = await host.run(`${recordPrelude}${script}\nexit 0`, { ...options, reads: true });
  if (result.rc !== 0) {
    throw new ModuleFailure(`could not look at the host's files: ${result.stderr.trim() || `rc ${result.rc}`}`, {
      rc: result.rc,
      stderr: result.stderr,
    });
  }
  return parseRecords(result.stdout);
}
