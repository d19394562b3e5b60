import { spawn } from 'node:child_process';
import { copyFileSync, existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { quote } from '../../modules/shared/shell-quote.ts';
import type { CommandResult } from '../../runner/connection/connection.ts';
import { FileChanged } from '../../runner/connection/connection.ts';
import { changedMeanwhile, withSystemTools } from '../../runner/connection/host-functions.ts';
import { textFunctions } from '../../runner/connection/probe-functions.ts';
import { receiveScript } from '../../runner/connection/transfer.ts';
import { applyState } from '../../runner/module/apply.ts';
import type { Controller, FileToSend, Host, Module, ModuleResult, RunOptions } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { validateArguments } from '../../runner/module/validate.ts';
import type { Mapping, Value } from '../../runner/value.ts';
import { isMapping, mapping } from '../../runner/value.ts';
import { temporaryDirectory } from '../temporary.ts';

/** What a run may be given beside its arguments. */
export interface Options {
  readonly facts?: Mapping;
  readonly check?: boolean;
  readonly diff?: boolean;
  /** Files that findFile finds, by name; otherwise names are paths. */
  readonly files?: Readonly<Record<string, string>>;
  /** Variables of templates: `{{ name }}` is replaced, nothing more. */
  readonly variables?: Mapping;
  /** The shell that runs the scripts, e.g. `busybox sh` (default sh). */
  readonly shell?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly playbookFolder?: string;
  /** The host's name (testhost). */
  readonly name?: string | undefined;
}

/** How a module's run ended: its result, or the failure's message. */
export interface Outcome {
  readonly changed: boolean;
  readonly failed: boolean;
  readonly skipped: boolean;
  readonly msg: Value | undefined;
  readonly fields: Mapping;
  readonly warnings: readonly string[];
  /** The diffs as text. */
  readonly diff: string;
  /** Scripts that ran on the host, in order. */
  readonly scripts: readonly string[];
  readonly sent: readonly string[];
}

/** The arguments as the engine would hand them to the module. Throws ModuleFailure for those it would refuse. */
export function argumentsOf(module: Module, args: Mapping): Record<string, unknown> {
  const given = mapping(Object.entries(args));
  const checked = validateArguments(module.args, module.rules, given, module.name, {
    extraArguments: module.extraArguments,
  });
  if (checked.problems.length > 0) throw new ModuleFailure(checked.problems.map(({ message }) => message).join('\n'));
  return checked.args;
}

/** Runs a module for real on this machine: its probes and commands by a real shell. */
export async function runModule(module: Module, args: Mapping, options: Options = {}): Promise<Outcome> {
  return execute(module, args, new LocalHost(options));
}

/** Runs a module with the host's answers given, in the order of its round trips. The commands that it would run are in `scripts`. */
export async function runWithAnswers(
  module: Module,
  args: Mapping,
  answers: readonly (string | Partial<CommandResult>)[],
  options: Options = {},
): Promise<Outcome> {
  return execute(module, args, new AnsweringHost(answers, options));
}

async function execute(module: Module, args: Mapping, host: RecordingHost): Promise<Outcome> {
  try {
    const result = await start(module, argumentsOf(module, args), host);
    return outcome(result, host);
  } catch (error) {
    if (!(error instanceof ModuleFailure)) throw error;
    return outcome({ failed: true, msg: error.message, fields: error.result }, host);
  }
}

async function start(module: Module, args: Record<string, unknown>, host: RecordingHost): Promise<ModuleResult> {
  if (module.kind === 'state') return applyState(module, args, host);
  if (module.kind === 'command' && host.checkMode && module.inCheckMode === 'skip') return { skipped: true };
  return module.run(args as never, host);
}

function outcome(result: ModuleResult, host: RecordingHost): Outcome {
  const shown = (result.diff ?? []).filter((diff) => diff.before !== diff.after);
  return {
    changed: result.changed ?? false,
    failed: result.failed ?? false,
    skipped: result.skipped ?? false,
    msg: result.msg ?? result.fields?.msg,
    fields: result.fields ?? {},
    warnings: result.warnings ?? [],
    diff: shown
      .map((diff) => `--- ${diff.beforeHeader ?? '(nothing)'}\n${diff.before}+++ ${diff.afterHeader}\n${diff.after}`)
      .join(''),
    scripts: host.scripts,
    sent: host.sent,
  };
}

abstract class RecordingHost implements Host {
  readonly name: string;
  readonly become = undefined;
  readonly facts: Mapping;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly controller: Controller;
  readonly scripts: string[] = [];
  readonly sent: string[] = [];

  constructor(options: Options) {
    this.name = options.name ?? 'testhost';
    this.facts = options.facts ?? {};
    this.checkMode = options.check ?? false;
    this.diffMode = options.diff ?? false;
    this.controller = new TestController(options);
  }

  abstract run(script: string, options?: RunOptions): Promise<CommandResult>;
  abstract fetch(source: string, destination: string): Promise<void>;
  abstract send(file: FileToSend): Promise<void>;

  reset(): Promise<void> {
    return Promise.resolve();
  }
}

class AnsweringHost extends RecordingHost {
  readonly #answers: (string | Partial<CommandResult>)[];

  constructor(answers: readonly (string | Partial<CommandResult>)[], options: Options) {
    super(options);
    this.#answers = [...answers];
  }

  run(script: string): Promise<CommandResult> {
    this.scripts.push(script);
    const answer = this.#answers.shift() ?? '';
    return Promise.resolve({
      rc: 0,
      stdout: '',
      stderr: '',
      ...(typeof answer === 'string' ? { stdout: answer } : answer),
    });
  }

  fetch(): Promise<void> {
    return Promise.resolve();
  }

  send(file: FileToSend): Promise<void> {
    this.sent.push(file.destination);
    return Promise.resolve();
  }
}

class LocalHost extends RecordingHost {
  readonly #options: Options;

  constructor(options: Options) {
    super(options);
    this.#options = options;
  }

  run(script: string, options: RunOptions = {}): Promise<CommandResult> {
    this.scripts.push(script);
    const [shell, ...flags] = this.#options.shell ?? ['sh'];
    // A bash whose input is a socket, as Node's pipes are, reads ~/.bashrc unless it is told that it is not the first one.
    const environment = { ...process.env, SHLVL: '2', ...this.#options.environment, ...options.environment };
    return new Promise((resolve, reject) => {
      // What is kept from one text to the next belongs to a process that lives as long, or other runs take it for left over.
      const tools = options.userPath ? '' : withSystemTools;
      const text = `kplay_keeper=${process.pid}\n${textFunctions}\n${tools}${script}`;
      const child = spawn(shell!, [...flags, '-c', text], { env: environment, stdio: 'pipe' });
      const parts: { stdout: Buffer[]; stderr: Buffer[] } = { stdout: [], stderr: [] };
      child.stdout.on('data', (part: Buffer) => parts.stdout.push(part));
      child.stderr.on('data', (part: Buffer) => parts.stderr.push(part));
      child.stdin.on('error', () => {});
      child.stdin.end(options.stdin ?? '');
      child.on('error', reject);
      child.on('close', (code) => {
        const text = (from: Buffer[]): string => Buffer.concat(from).toString('utf8');
        resolve({ rc: code ?? 129, stdout: text(parts.stdout), stderr: text(parts.stderr) });
      });
    });
  }

  fetch(source: string, destination: string): Promise<void> {
    copyFileSync(source, destination);
    return Promise.resolve();
  }

  async send(file: FileToSend): Promise<void> {
    this.sent.push(file.destination);
    const bytes = Buffer.isBuffer(file.source) ? file.source : readFileSync(file.source.path);
    if (file.validate) await this.#validate(bytes, file.validate);
    const { attributes, replaces, backup } = file;
    const script = receiveScript(file.destination, bytes.length, { ...attributes, replaces, backup });
    const { rc, stderr } = await this.run(script, { stdin: bytes });
    if (rc === changedMeanwhile) throw new FileChanged(stderr);
    if (rc !== 0) throw new ModuleFailure(`send failed: rc:${rc} error:${stderr}`);
  }

  async #validate(bytes: Buffer, command: string): Promise<void> {
    const copy = path.join(temporaryFolder(), 'file');
    writeFileSync(copy, bytes);
    const { rc, stderr } = await this.run(command.replaceAll('%s', quote(copy)));
    if (rc !== 0) throw new ModuleFailure(`failed to validate: rc:${rc} error:${stderr}`);
  }
}

class TestController implements Controller {
  readonly templateRules = '2.18';
  readonly playHosts = ['testhost'];
  readonly verbosity = 0;
  readonly playbookFolder: string;
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
    this.playbookFolder = options.playbookFolder ?? tmpdir();
  }

  findFile(name: string): string {
    const found = this.#options.files?.[name] ?? name;
    if (!existsSync(found)) throw new ModuleFailure(`Could not find or access '${name}'`);
    return found;
  }

  renderFile(file: string, _options?: unknown, extra: Mapping = {}): string {
    const variables = { ...this.#options.variables, ...extra };
    return readFileSync(file, 'utf8').replace(/\{\{ (\w+) \}\}/g, (_, name: string) => {
      if (!(name in variables)) throw new ModuleFailure(`'${name}' is undefined`);
      return String(variables[name]);
    });
  }

  hideSecrets(): void {}

  readVariables(file: string): Mapping {
    const value = JSON.parse(readFileSync(file, 'utf8')) as Value;
    return isMapping(value) ? value : {};
  }

  variable(name: string): Value | undefined {
    return this.#options.variables?.[name];
  }

  writtenVariable(name: string): Value | undefined {
    return this.variable(name);
  }

  test(): boolean {
    throw new Error('not in the tests of modules');
  }

  render(value: Value): Value {
    return value;
  }

  prompt(): Promise<undefined> {
    return Promise.resolve(undefined);
  }
}

/** {@link temporaryDirectory} for the test of a module. */
export function temporaryFolder(): string {
  return temporaryDirectory('kplay-module');
}

/** The permission bits of a file, `0644`. */
export function modeOf(file: string): string {
  return (statSync(file).mode & 0o7777).toString(8).padStart(4, '0');
}

/** Whether this machine has a program. */
export function isInstalled(name: string): boolean {
  return ['/bin', '/usr/bin'].some((folder) => existsSync(path.join(folder, name)));
}

/** The command lines of all that runs on this machine, which everybody on a host can see. */
export function commandLines(): string {
  const read = (id: string): string => {
    try {
      return readFileSync(`/proc/${id}/cmdline`, 'utf8');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(read)
    .join('\n');
}

/** Shells that scripts must work with and that this machine has. */
export const shells: readonly (readonly string[])[] = [['sh'], ['bash'], ['busybox', 'sh']].filter(([name]) =>
  isInstalled(name!),
);
