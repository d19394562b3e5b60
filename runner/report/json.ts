import type { Reporter, RunEvent } from '../events.ts';
import { shownJson } from '../python/json.ts';
import type { Mapping } from '../value.ts';

const compact = { itemSeparator: ',', keySeparator: ':', strict: true };

/** `--json`: every event as one line of JSON on standard output, as it happens. */
export class JsonReporter implements Reporter {
  readonly showsOutput = true;
  readonly #write: (text: string) => void;

  constructor(write: (text: string) => void) {
    this.#write = write;
  }

  handle(event: RunEvent): void {
    // What events are made of prints as dicts do.
    this.#write(`${shownJson(event as unknown as Mapping, compact)}\n`);
  }
}
