import type { Reporter } from '../events.ts';

/** What decides how a run is reported. */
export interface ReportOptions {
  readonly json: boolean;
  /** Ansible's text even on a terminal. */
  readonly plain: boolean;
  readonly verbosity: number;
}

/** Columns that the live view needs; terminals of containers may say that they have none. */
const fewestColumns = 20;

function isWide(terminal: { readonly columns?: number | undefined }): boolean {
  return (terminal.columns ?? 0) >= fewestColumns;
}

/** Makes the reporters of a run: events as JSON, the live view on a terminal, or Ansible's text. */
export async function createReporters(options: ReportOptions): Promise<Reporter[]> {
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  if (options.json) {
    const { JsonReporter } = await import('./json.ts');
    return [new JsonReporter(write)];
  }
  const live = process.stdout.isTTY && !options.plain && process.env.TERM !== 'dumb' && isWide(process.stdout);
  if (live) {
    const { LiveReporter } = await import('./live.ts');
    return [new LiveReporter({ verbosity: options.verbosity })];
  }
  const { PlainReporter } = await import('./plain.ts');
  return [
    new PlainReporter({
      write,
      writeError: (text) => {
        process.stderr.write(text);
      },
      verbosity: options.verbosity,
      color: process.stdout.isTTY && process.env.NO_COLOR === undefined,
    }),
  ];
}
