import type { Become, CommandResult, Connection, Placement } from '../connection/connection.ts';
import { quote } from '../connection/quote.ts';
import type { Controller, FileToSend, Host, RunOptions } from '../module/contract.ts';
import { ModuleFailure } from '../module/contract.ts';
import { temporaryToken } from '../module/host-files.ts';
import type { Mapping } from '../value.ts';

/** What a {@link TaskHost} is made of. */
export interface TaskHostOptions {
  readonly name: string;
  readonly connection: Connection;
  readonly become: Become | undefined;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number | undefined;
  /** Seconds for which what runs is found again after a connection that broke. */
  readonly reattachSeconds?: number | undefined;
  /** Few modules ask for them. */
  readonly facts: () => Mapping;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly controller: Controller;
  /** Takes what commands print while they run; undefined where nobody looks. */
  readonly onOutput: ((stream: 'stdout' | 'stderr', text: string) => void) | undefined;
}

/** A module's view of the host that one task works on: the connection with the task's user, environment and time limit. */
export class TaskHost implements Host {
  readonly name: string;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly become: Become | undefined;
  readonly controller: Controller;
  readonly #options: TaskHostOptions;
  #reattachSeconds: number | undefined;

  constructor(options: TaskHostOptions) {
    this.#options = options;
    this.#reattachSeconds = options.reattachSeconds;
    this.name = options.name;
    this.checkMode = options.checkMode;
    this.diffMode = options.diffMode;
    this.become = options.become;
    this.controller = options.controller;
  }

  get facts(): Mapping {
    return this.#options.facts();
  }

  run(script: string, options: RunOptions = {}): Promise<CommandResult> {
    const { connection, environment, timeoutSeconds, onOutput } = this.#options;
    return connection.run({
      script,
      stdin: options.stdin,
      environment: options.environment ? { ...environment, ...options.environment } : environment,
      systemTools: !options.userPath,
      become: options.withoutBecome ? undefined : this.become,
      timeoutSeconds: options.timeoutSeconds ?? timeoutSeconds,
      reattachSeconds: this.#reattachSeconds,
      repeatable: options.reads,
      onOutput: options.stream ? onOutput : undefined,
    });
  }

  fetch(source: string, destination: string): Promise<void> {
    return this.#options.connection.fetch(source, destination, this.become, this.#reattachSeconds);
  }

  async send(file: FileToSend): Promise<void> {
    if (file.validate !== undefined) await this.#validate(file, file.validate);
    const placement = { ...file.attributes, replaces: file.replaces, backup: file.backup };
    await this.#send(file, file.destination, placement);
  }

  /** A module that drops the connection (a reboot) waits for the host itself. */
  reset(): Promise<void> {
    this.#reattachSeconds = undefined;
    return this.#options.connection.reset();
  }

  #send(file: FileToSend, destination: string, placement: Placement): Promise<void> {
    return this.#options.connection.send(sourceOf(file), destination, placement, this.become, this.#reattachSeconds);
  }

  /** The check runs on a copy in a private folder of its own, so that nothing unchecked ever stands beside the destination. */
  async #validate(file: FileToSend, command: string): Promise<void> {
    if (!command.includes('%s')) throw new ModuleFailure(`validate must contain %s: ${command}`);
    const made = await this.run(`kplay_scratch ${temporaryToken()} && printf %s "$kplay_d"`);
    const folder = made.stdout;
    if (made.rc !== 0 || folder === '') throw new ModuleFailure(`failed to validate: ${made.stderr.trim()}`);
    try {
      const copy = `${folder}/${file.destination.split('/').at(-1) ?? 'file'}`;
      await this.#send(file, copy, { mode: '0600' });
      const checked = await this.run(command.replaceAll('%s', () => quote(copy)));
      if (checked.rc !== 0) {
        throw new ModuleFailure(
          `failed to validate: rc:${checked.rc} error:${(checked.stderr || checked.stdout).trim()}`,
          {
            rc: checked.rc,
            stdout: checked.stdout,
            stderr: checked.stderr,
          },
        );
      }
    } finally {
      await this.run(`rm -rf ${quote(folder)}`);
    }
  }
}

function sourceOf(file: FileToSend): string | Buffer {
  return Buffer.isBuffer(file.source) ? file.source : file.source.path;
}
