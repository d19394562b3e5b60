import type { Reporter } from '../events.ts';

import { visible } from '../python/bytes.ts';

/** What decides how a run is reported. */
export interface ReportOptions {
  readonly json: boolean;
  /** Ansible's text even on a terminal. */
  readonly plain: boolean;
  readonly verbosity: number;
}

/** Makes the reporters of a run: events as JSON, the live view on a terminal, or Ansible's text. */
export async function createReporters(options: ReportOptions): Promise<Reporter[]> {
  const write = (text: string): void => {
    process.stdout.write(visible(text));
  };
  if (options.json) {
    const { JsonReporter } = await import('./json.ts');
    return [new JsonReporter(write)];
  }
  const live = process.stdout.isTTY && !options.plain && process.env.TERM !== 'dumb';
  if (live) {
    const { LiveReporter } = await import('./live.ts');
    return [new LiveReporter({ verbosity: options.verbosity })];
  }
  const { PlainReporter } = await import('./plain.ts');
  return [
    new PlainReporter({
      write,
      writeError: (text) => {
        process.stderr.write(visible(text));
      },
      verbosity: options.verbosity,
      color: process.stdout.isTTY && process.env.NO_COLOR === undefined,
    }),
  ];
}
