import type { Become, CommandResult, FileAttributes } from '../connection/connection.ts';
import type { TemplateRules } from '../template/rules.ts';
import type { FileTemplateOptions } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import type { ArgumentRules, ArgumentSchema, Arguments } from './arguments.ts';

/** One file's (or other text's) content before and after, for --diff. */
export interface Diff {
  readonly before: string;
  readonly after: string;
  readonly beforeHeader?: string | undefined;
  readonly afterHeader?: string | undefined;
}

/** A file to be put in place, by the connection's atomic transfer. */
export interface FileToSend {
  /** Bytes, or a path on this machine that is streamed. */
  readonly source: Buffer | { readonly path: string };
  readonly destination: string;
  readonly attributes: FileAttributes;
  /** The identity of the file that is to be replaced, as a probe of it said: when it is another by then, the plan is made anew. */
  readonly replaces?: string | undefined;
  /** A name in the same directory under which the replaced file is kept. */
  readonly backup?: string | undefined;
  /** sh text that checks the file before it is put in place; `%s` stands for its temporary path (`validate` of copy and template). */
  readonly validate?: string | undefined;
}

/** One thing that a state module would change. */
export interface Change {
  /** What changes, in a few words: "mode", "package nginx", "line 3". */
  readonly what: string;
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  /** The text shown by --diff; without it one is made of before and after. */
  readonly diff?: Diff | undefined;
  /** sh text that makes the change. Commands of one plan are sent together and stop at the first that fails. */
  readonly command?: string | undefined;
  /** Whether `command` ends with `changedMeanwhile` when a file is not what it was when it was read; the plan is then made anew. */
  readonly guarded?: boolean | undefined;
  /** Standard input of `command`, for what must not be in its text. Binary safe. */
  readonly stdin?: Buffer | string | undefined;
  /** A file to send in place of a command. */
  readonly send?: FileToSend | undefined;
}

/** What a state module would do, decided without touching the host. */
export interface Plan {
  readonly changes: readonly Change[];
  /** Fields of the task's result beside changed, diff, rc, stdout and stderr. */
  readonly result?: Mapping | undefined;
  /** Whether probe and plan are asked again after the changes were made, because a later step needs their effect. At most 5 times. */
  readonly again?: boolean | undefined;
  readonly warnings?: readonly string[] | undefined;
}

/** A failure of a task as the module's own clear sentence, with further fields of the result. Never a crash. */
export class ModuleFailure extends Error {
  readonly result: Mapping;
  constructor(message: string, result: Mapping = {}) {
    super(message);
    this.name = 'ModuleFailure';
    this.result = result;
  }
}

/** Text that a module must never let into an error, a diff or output is an argument with `noLog`; the engine masks it. */

/** What a module knows of the host that it works on, and its way to it. */
export interface Host {
  readonly name: string;
  /** Facts gathered so far (`ansible_facts` without the prefix), empty when not gathered. Modules that need more probe for it. */
  readonly facts: Mapping;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly become: Become | undefined;
  /** Runs sh text as the task's user, with the task's environment. One round trip. */
  run(script: string, options?: RunOptions): Promise<CommandResult>;
  /** Fetches a file of the host to a path here. */
  fetch(source: string, destination: string): Promise<void>;
  /** Sends a file; plans do this by a change with `send`, only command modules call it. */
  send(file: FileToSend): Promise<void>;
  /** Drops the connection; the next run makes a new one (reboot). */
  reset(): Promise<void>;
  readonly controller: Controller;
}

export interface RunOptions {
  readonly stdin?: Buffer | string | undefined;
  readonly timeoutSeconds?: number | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Shows the output live to the reporters (long commands). */
  readonly stream?: boolean | undefined;
  /** Whether the script only reads, so that it can be run again after a connection that broke. */
  readonly reads?: boolean | undefined;
  /**
   * Whether PATH stays the user's: for what users wrote. A module's own texts find system tools (groupadd, sysctl …) also where
   * it does not lead to them.
   */
  readonly userPath?: boolean | undefined;
  /** Runs as the user that logged in, whatever the task's become. */
  readonly withoutBecome?: boolean | undefined;
}

/** What a module may use of this machine. */
export interface Controller {
  /** Finds a file as Ansible does: role's files/ (or templates/, vars/), role, playbook's … Throws ModuleFailure naming where it looked. */
  findFile(name: string, kind: 'files' | 'templates' | 'vars' | 'tasks'): string;
  /** Renders a template file with the task's variables. `extra` are added (ansible_managed, template_path …). */
  renderFile(path: string, options?: FileTemplateOptions, extra?: Mapping): string;
  /** Reads a YAML or JSON file of variables, positions remembered. */
  readVariables(path: string): Mapping;
  /** Whose rules the task's templates follow. */
  readonly templateRules: TemplateRules;
  /** A variable's finished value, undefined when there is none. */
  variable(name: string): Value | undefined;
  /** A variable as it was written, its templates not rendered, for what is to be rendered later; undefined when there is none. */
  writtenVariable(name: string): Value | undefined;
  /** Evaluates a bare conditional (assert's `that`, wait loops). */
  test(expression: string): boolean;
  /** Renders a value with the task's variables (only values from the playbook or trusted files, never a host's). */
  render(value: Value): Value;
  /** Hides from now on what is secret among values by a schema (its arguments with `noLog`), as the engine does with a task's arguments. */
  hideSecrets(schema: ArgumentSchema, values: Mapping): void;
  /** Reads a line from the terminal (pause, vars_prompt); undefined when there is no terminal. */
  prompt(
    text: string,
    options: { readonly echo: boolean; readonly timeoutSeconds?: number | undefined },
  ): Promise<string | undefined>;
  /** Names of the play's hosts, for modules that show or group them. */
  readonly playHosts: readonly string[];
  /** Working folder for relative paths that are not searched (fetch's dest, creates …). */
  readonly playbookFolder: string;
  readonly verbosity: number;
}

/** What controller modules ask the engine to do beside their result. */
export interface ControllerEffects {
  /** Variables for the host (set_fact, include_vars). `cacheable` ones are facts too. */
  readonly facts?: Mapping | undefined;
  /** Variables with include_vars' precedence. */
  readonly includedVariables?: Mapping | undefined;
  /** set_stats: shown after the recap. */
  readonly stats?: { readonly data: Mapping; readonly perHost: boolean; readonly aggregate: boolean } | undefined;
  /** add_host. */
  readonly addHost?:
    | { readonly name: string; readonly groups: readonly string[]; readonly variables: Mapping }
    | undefined;
  /** group_by: the group, and groups that it becomes a child of. */
  readonly groupBy?: { readonly group: string; readonly parents: readonly string[] } | undefined;
  /** Facts about the host, each named as the variable that it becomes (`ansible_hostname`). */
  readonly gatheredFacts?: Mapping | undefined;
}

/** The result of a command or controller module. `changed` is false when absent. */
export interface ModuleResult {
  readonly changed?: boolean | undefined;
  readonly failed?: boolean | undefined;
  readonly skipped?: boolean | undefined;
  readonly msg?: Value | undefined;
  readonly diff?: readonly Diff[] | undefined;
  /** Everything else that is registered: rc, stdout, stderr, stat, content … */
  readonly fields?: Mapping | undefined;
  readonly effects?: ControllerEffects | undefined;
  readonly warnings?: readonly string[] | undefined;
  /** Whether the result is shown with -v only, of a module whose results are always shown (assert). */
  readonly quiet?: boolean | undefined;
}

/** What `kplay doc` prints and the generated reference holds, for every kind. */
export interface ModuleDescription<S extends ArgumentSchema> {
  readonly name: string;
  /** Other names that mean it, without collection: yum for dnf. */
  readonly aliases?: readonly string[] | undefined;
  /** Collections whose `collection.name` means it too, beside ansible.builtin and ansible.legacy: `ansible.posix`. */
  readonly collections?: readonly string[] | undefined;
  /** One line. */
  readonly summary: string;
  /** Differences from Ansible's module, limits, advice; paragraphs. */
  readonly notes?: readonly string[] | undefined;
  /** A short YAML example that is valid (a test parses it). */
  readonly examples?: string | undefined;
  /** Result fields and what they hold. */
  readonly returns?: Readonly<Record<string, string>> | undefined;
  readonly args: S;
  readonly rules?: ArgumentRules | undefined;
  /** The argument that takes free text: `command: ls -l` and `raw`, `shell`, `script`, `meta`, `include_vars`. */
  readonly freeForm?: string | undefined;
  /** Whether the free text is a command, of which only some options are taken out (command, raw, shell, script). */
  readonly takesCommand?: boolean | undefined;
  /** Whether keys that are not in the schema are accepted as values (set_fact, include_vars, add_host). */
  readonly extraArguments?: boolean | undefined;
  /** Whether the names of such keys, as the playbook has them, may hold templates (set_fact). */
  readonly templatedNames?: boolean | undefined;
}

/** A module that brings something into a state: probe, then plan; the engine applies. */
export interface StateModule<S extends ArgumentSchema = ArgumentSchema, Current = unknown>
  extends ModuleDescription<S> {
  readonly kind: 'state';
  /** Reads what is there; changes nothing. One round trip where it can be. */
  probe(args: Arguments<S>, host: Host): Promise<Current>;
  /** Decides what to change. Pure but for controller look-ups. Throws {@link ModuleFailure}. */
  plan(args: Arguments<S>, current: Current, host: Host): Plan;
  /** Further result fields once the changes were made (not in check mode); gets what the commands printed. */
  finish?(args: Arguments<S>, current: Current, output: CommandResult, host: Host): Mapping;
}

/** A module that runs something whose effect cannot be planned (command, reboot) or that only reads (stat, find). */
export interface CommandModule<S extends ArgumentSchema = ArgumentSchema> extends ModuleDescription<S> {
  readonly kind: 'command';
  /** In check mode: `run` it (it only reads, or looks at host.checkMode itself), or `skip` it with a result that says so. */
  readonly inCheckMode: 'run' | 'skip';
  run(args: Arguments<S>, host: Host): Promise<ModuleResult>;
}

/** A module that works on this machine only. It runs in check mode too. */
export interface ControllerModule<S extends ArgumentSchema = ArgumentSchema> extends ModuleDescription<S> {
  readonly kind: 'controller';
  /** Whether it runs once for all hosts of the batch instead of once per host (add_host, pause, and so in Ansible). */
  readonly oncePerBatch?: boolean | undefined;
  run(args: Arguments<S>, host: ControllerHost): Promise<ModuleResult>;
}

/** What a controller module knows: everything but the way to the host. */
export type ControllerHost = Pick<Host, 'name' | 'facts' | 'checkMode' | 'diffMode' | 'controller'>;

// biome-ignore lint/suspicious/noExplicitAny: a registry holds modules of every schema; each checks its own arguments.
export type Module = StateModule<any, any> | CommandModule<any> | ControllerModule<any>;

/** Declares a state module; the types of `args` follow from its schema. */
export function stateModule<const S extends ArgumentSchema, Current>(
  module: Omit<StateModule<S, Current>, 'kind'>,
): StateModule<S, Current> {
  return { kind: 'state', ...module };
}

/** Declares a command module. */
export function commandModule<const S extends ArgumentSchema>(
  module: Omit<CommandModule<S>, 'kind'>,
): CommandModule<S> {
  return { kind: 'command', ...module };
}

/** Declares a controller module. */
export function controllerModule<const S extends ArgumentSchema>(
  module: Omit<ControllerModule<S>, 'kind'>,
): ControllerModule<S> {
  return { kind: 'controller', ...module };
}
