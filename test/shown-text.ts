import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../runner/cli/main.cjs', import.meta.url));

/** Where a command runs. */
export interface Place {
  readonly cwd?: string;
  /** On a terminal of so many columns, made by script(1); what it then shows has the terminal's line ends. */
  readonly columns?: number | undefined;
}

/** Runs kplay with these words, an empty line for each question that it asks. Gives all that it prints, errors at the end. */
export function textOf(words: readonly string[], { cwd, columns }: Place = {}): Promise<string> {
  const command = [process.execPath, main, ...words];
  if (columns === undefined) return run(command, cwd);
  const quoted = command.map((word) => `'${word}'`).join(' ');
  return run(['script', '-qec', `stty cols ${columns}; TERM=xterm exec ${quoted}`, '/dev/null'], cwd);
}

function run([program, ...args]: readonly string[], cwd: string | undefined): Promise<string> {
  return new Promise((resolve) => {
    const child = execFile(program!, args, { cwd, maxBuffer: 1 << 28 }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
    child.stdin?.end('\n\n\n');
  });
}
