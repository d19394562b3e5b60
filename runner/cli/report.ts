import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { ExitCode, KplayError } from '../errors.ts';
import { printable } from '../printable.ts';
import { JsonReporter } from '../report/json.ts';
import { mergeRuns, type RunSummary, SummaryReader } from '../report/merge.ts';
import { PlainReporter } from '../report/plain.ts';
import { parseOptions } from './options.ts';

const options = {
  json: { type: 'boolean', group: 'Output', doc: 'The merged recap as an event, and the exit code as another.' },
  help: { short: 'h', type: 'boolean', group: 'Output', doc: 'This text.' },
} as const;

const help = `kplay report merge FILE… [--json]

Adds up the recaps of runs whose --json outputs are in files, e.g. those of all shards of a run. The exit code is
that of the worst of them; 1 when a shard is missing or did not come to its end.
`;

/** `kplay report merge FILE…`. Returns the worst exit code of the runs. */
export async function reportCommand(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args, options);
  const [action, ...files] = parsed.words;
  if (parsed.flag('help')) {
    process.stdout.write(help);
    return ExitCode.ok;
  }
  if (action !== 'merge' || files.length === 0) {
    throw new KplayError({
      code: 'options',
      message:
        action === undefined || action === 'merge'
          ? 'kplay report merge needs files'
          : `there is no report "${action}"`,
      hint: 'kplay report merge FILE…, with what runs with --json have printed',
    });
  }
  const runs: RunSummary[] = [];
  for (const file of files) runs.push(await readRun(file));
  const { recap, exitCode, problems } = mergeRuns(runs);
  const write = (text: string): void => {
    process.stdout.write(text);
  };
  if (parsed.flag('json')) {
    const reporter = new JsonReporter(write);
    reporter.handle(recap);
    reporter.handle({ type: 'run-end', time: recap.time, exitCode, duration: 0 });
  } else {
    const color = process.stdout.isTTY && process.env.NO_COLOR === undefined;
    new PlainReporter({ write, writeError: write, verbosity: 0, color }).handle(recap);
  }
  for (const problem of problems) process.stderr.write(`${printable(problem)}\n`);
  return exitCode;
}

async function readRun(file: string): Promise<RunSummary> {
  const reader = new SummaryReader(file);
  try {
    for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) reader.line(line);
  } catch (error) {
    throw new KplayError({ code: 'options', message: `cannot read ${file}: ${(error as Error).message}` });
  }
  return reader.summary();
}
