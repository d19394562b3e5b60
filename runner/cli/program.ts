import { ExitCode, KplayError } from '../errors.ts';
import { table } from '../table.ts';
import { reportError, verbosityIn } from './report-error.ts';
import { handleUncaught } from './uncaught.ts';

/** A command of kplay: takes its words, returns the exit code. */
type Command = (args: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, () => Promise<Command>>> = table<() => Promise<Command>>({
  run: async () => (await import('./run.ts')).runCommand,
  lint: async () => (await import('./run.ts')).lintCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  schema: async () => (await import('./schema.ts')).schemaCommand,
  doc: async () => (await import('./doc.ts')).docCommand,
});

/** Does what the words of the command line ask for; every error is reported. Returns the exit code. */
export async function program(args: readonly string[]): Promise<number> {
  const verbosity = verbosityIn(args);
  handleUncaught((error) => process.exit(reportError(error, verbosity)));
  try {
    return await choose(args);
  } catch (error) {
    return reportError(error, verbosity);
  }
}

async function choose(args: readonly string[]): Promise<number> {
  const [first, ...rest] = args;
  if (first === '--version' || first === 'version') {
    const { showVersion } = await import('./show-version.ts');
    showVersion();
    return ExitCode.ok;
  }
  const command = first === undefined ? undefined : commands[first];
  if (command) {
    needDirectory();
    return (await command())(rest);
  }
  const { overview } = await import('./help.ts');
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    process.stdout.write(overview);
    return first === undefined ? ExitCode.options : ExitCode.ok;
  }
  const { didYouMean } = await import('../errors.ts');
  const { printable } = await import('../printable.ts');
  const { substituteFor } = await import('./ansible-commands.ts');
  const hint = substituteFor(first) ?? didYouMean(first, Object.keys(commands));
  process.stderr.write(
    `kplay: there is no command "${printable(first)}".${hint ? ` ${printable(hint)}` : ''}\n\n${overview}`,
  );
  return ExitCode.options;
}

/** Paths are relative to the working directory, which may have been removed. Throws a {@link KplayError} then. */
function needDirectory(): void {
  try {
    process.cwd();
  } catch (error) {
    const message = 'the working directory is not there any more, or cannot be read';
    throw new KplayError({ code: 'options', message, hint: 'Change to a directory that exists.' }, { cause: error });
  }
}
