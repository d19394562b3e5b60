import type { Reporter, RunEvent } from '../events.ts';
import { printableJson } from '../printable.ts';
import { isoText, shownKey } from '../python/json.ts';
import { shownEntry } from '../shared-values.ts';
import { Float, isTemporal, UnsafeText, type Value } from '../value.ts';

/** `--json`: every event as one line of JSON on standard output, as it happens. */
export class JsonReporter implements Reporter {
  readonly showsOutput = true;
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  handle(event: RunEvent): void {
    this.#write(`${printableJson(eventText(event))}\n`);
  }
}

/** An event as JSON. Keys that are no plain strings are written out one by one. */
function eventText(event: RunEvent): string {
  const text = JSON.stringify(event, plainValue);
  return text.includes('"\\u0000') ? withKeys(JSON.parse(text)) : text;
}

function withKeys(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(withKeys).join(',')}]`;
  const entries = Object.entries(value).map(([name, entry]) => `${JSON.stringify(shownKey(name))}:${withKeys(entry)}`);
  return `{${entries.join(',')}}`;
}

function plainValue(this: object, _key: string, value: unknown): unknown {
  if (value instanceof Float) return value.value;
  if (value instanceof UnsafeText) return value.text;
  if (isTemporal(value)) return isoText(value);
  if (typeof value === 'bigint') return value.toString();
  return typeof value === 'object' && value !== null ? shownEntry(this, value as Value) : value;
}
