import type { Reporter, RunEvent } from '../events.ts';
import { printableJson } from '../printable.ts';
import { shownEntry } from '../shared-values.ts';
import { Float, UnsafeText, type Value } from '../value.ts';

/** `--json`: every event as one line of JSON on standard output, as it happens. */
export class JsonReporter implements Reporter {
  readonly showsOutput = true;
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  handle(event: RunEvent): void {
    this.#write(`${printableJson(JSON.stringify(event, plainValue))}\n`);
  }
}

function plainValue(this: object, _key: string, value: unknown): unknown {
  if (value instanceof Float) return value.value;
  if (value instanceof UnsafeText) return value.text;
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'object' && value !== null ? shownEntry(this, value as Value) : value;
}
