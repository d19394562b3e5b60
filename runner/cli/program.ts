import { ExitCode } from '../errors.ts';
import { table } from '../table.ts';

/** A command of kplay: takes its words, returns the exit code. */
type Command = (args: readonly string[]) => Promise<number>;

const commands: Readonly<Record<string, () => Promise<Command>>> = table<() => Promise<Command>>({
  run: async () => (await import('./run.ts')).runCommand,
  report: async () => (await import('./report.ts')).reportCommand,
  doc: async () => (await import('./doc.ts')).docCommand,
});

/** Does what the words of the command line ask for; every error is reported. Returns the exit code. */
export async function program(args: readonly string[]): Promise<number> {
  try {
    return await choose(args);
  } catch (error) {
    const { reportError } = await import('./report-error.ts');
    return reportError(error);
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
  if (command) return (await command())(rest);
  const { overview } = await import('./help.ts');
  if (first === undefined || first === 'help' || first === '--help' || first === '-h') {
    process.stdout.write(overview);
    return first === undefined ? ExitCode.options : ExitCode.ok;
  }
  const { didYouMean } = await import('../errors.ts');
  const hint = didYouMean(first, Object.keys(commands));
  process.stderr.write(`kplay: there is no command "${first}".${hint ? ` ${hint}` : ''}\n\n${overview}`);
  return ExitCode.options;
}
