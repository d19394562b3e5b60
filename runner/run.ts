import path from 'node:path';
import { ConnectionPool } from './connection/pool.ts';
import type { HashBehaviour } from './dicts.ts';
import { ExitCode, exitCodeFor, KplayError, type Warn } from './errors.ts';
import type { Reporter, RunEvent } from './events.ts';
import type { Engine, Prompter } from './execute/engine.ts';
import { selectHosts } from './execute/play-hosts.ts';
import { runPlay } from './execute/play-runner.ts';
import { RunState } from './execute/run-state.ts';
import { checkShard } from './execute/shard-check.ts';
import type { Inventory } from './inventory/inventory.ts';
import { loadInventory } from './inventory/load-inventory.ts';
import type { Loaded } from './language/load.ts';
import { loadPlaybooks } from './language/loader.ts';
import { createCatalog } from './module/catalog.ts';
import { maskEvents } from './report/masked-events.ts';
import { packageRoot } from './root.ts';
import type { SecretRegister } from './secrets/register.ts';
import { Shard } from './strategy/shard.ts';
import type { TagSelection } from './strategy/tags.ts';
import { createTemplar } from './template/create.ts';
import type { TemplateRules } from './template/rules.ts';
import type { Mapping } from './value.ts';
import type { ConnectionFlags } from './variables/connection-variables.ts';
import { parseExtraVars } from './variables/extra-vars.ts';
import { learnVariables } from './variables/secret-variables.ts';
import { createVariableStore } from './variables/store.ts';
import { version } from './version.ts';

/** What `kplay run` was asked for. */
export interface RunOptions {
  readonly playbooks: readonly string[];
  /** Inventory sources; empty for the implicit localhost. */
  readonly inventory: readonly string[];
  /** Folders of roles, after those beside the playbook. */
  readonly rolePath?: readonly string[] | undefined;
  /** Folders of collections, after collections/ beside the playbook. */
  readonly collectionPath?: readonly string[] | undefined;
  /** What is to be said before anything else. */
  readonly warnings?: readonly string[] | undefined;
  readonly limit: string | undefined;
  /** Which part of the hosts to take: 2 of 5. */
  readonly shard: { readonly index: number; readonly count: number } | undefined;
  /** -e values as given. */
  readonly extraVars: readonly string[];
  readonly hashBehaviour?: HashBehaviour | undefined;
  /** The rules of templates in plays that choose none. */
  readonly templateRules?: TemplateRules | undefined;
  /** Ansible's setting ALLOW_BROKEN_CONDITIONALS. */
  readonly brokenConditionals?: boolean | undefined;
  readonly forks: number;
  readonly checkMode: boolean;
  readonly diffMode: boolean;
  readonly verbosity: number;
  /** Whether a reporter shows what commands print while they run. */
  readonly showsOutput?: boolean | undefined;
  readonly selection: TagSelection;
  readonly startAtTask: string | undefined;
  readonly forceHandlers: boolean;
  readonly connectionFlags: ConnectionFlags;
  /** Whether what is wrong in a part that may never be reached is an error, too. */
  readonly strict?: boolean | undefined;
  readonly prompt: Prompter;
  /** Empty at first; knows all secrets of the run at its end, for whoever prints anything beside the events. */
  readonly secrets: SecretRegister;
  /** `--step`: asks before every task. */
  confirm(taskName: string): Promise<boolean>;
  /** Aborted to stop the run at once. */
  readonly signal: AbortSignal;
  /** Aborted, with a KplayError, when what is reported cannot be written any more. */
  readonly outputLost: AbortSignal;
}

/** Everything that is known before the first host is contacted. */
export interface Prepared {
  readonly loaded: Loaded;
  readonly inventory: Inventory;
  readonly engine: Engine;
  readonly options: RunOptions;
}

/**
 * Reads the inventory and the playbooks and checks all that can be known now. Contacts no host.
 * Throws KplayError with every problem found. `outlineOnly` leaves out the checks that a listing has no need of.
 */
export async function prepare(
  options: RunOptions,
  report: (event: RunEvent) => void,
  outlineOnly = false,
): Promise<Prepared> {
  const { secrets, hashBehaviour } = options;
  const emit = maskEvents(secrets, report);
  learnFlags(options.connectionFlags, secrets);
  const extraVars = parseExtraVars(options.extraVars, hashBehaviour);
  learnVariables(extraVars, secrets);
  const warn: Warn = (text, position) => emit({ type: 'message', time: Date.now(), level: 'warning', text, position });
  for (const text of options.warnings ?? []) warn(text);
  const inventory = await loadInventory(options.inventory, { warn, hashBehaviour });
  const templar = createTemplar({ rules: options.templateRules, brokenConditionals: options.brokenConditionals });
  const catalog = createCatalog();
  const playbookFolder = path.dirname(path.resolve(options.playbooks[0] ?? '.'));
  const loaded = await loadPlaybooks(options.playbooks, {
    catalog,
    templar,
    rolePath: [
      path.join(playbookFolder, 'roles'),
      path.join(playbookFolder, '..', 'roles'),
      ...(options.rolePath ?? []),
    ],
    collectionPath: options.collectionPath,
    playbookFolder,
    own: { playbooks: path.join(packageRoot, 'playbooks'), roles: path.join(packageRoot, 'roles') },
    extraVars,
    hashBehaviour,
    outlineOnly,
    strict: options.strict,
    warn,
  });
  if (options.limit !== undefined) checkLimit(inventory, options.limit, warn);
  const store = createVariableStore({
    inventory,
    templar,
    extraVars,
    hashBehaviour,
    playbookFolder,
    run: runVariables(options, inventory),
    connectionFlags: options.connectionFlags,
    warn,
    secrets,
  });
  const engine: Engine = {
    inventory,
    store,
    templar,
    catalog,
    includes: loaded.includes,
    pool: new ConnectionPool({ onSecret: (text) => secrets.add(text), warn }),
    connectionFlags: options.connectionFlags,
    checkMode: options.checkMode,
    diffMode: options.diffMode,
    verbosity: options.verbosity,
    showsOutput: options.showsOutput ?? false,
    extraVars,
    customStats: {},
    prompt: maskedPrompter(options.prompt, secrets),
    secrets,
    shard: options.shard && new Shard(options.shard.index, options.shard.count, inventory.hosts.keys()),
    emit,
  };
  if (engine.shard) checkPlays(engine, loaded, options, engine.shard, warn);
  return { loaded, inventory, engine, options };
}

function learnFlags(flags: ConnectionFlags, secrets: SecretRegister): void {
  secrets.add(flags.password);
  secrets.add(flags.becomePassword);
  for (const args of [flags.sshCommonArgs, flags.sshExtraArgs]) if (args !== undefined) secrets.addNamed(args);
}

/** A prompter whose questions show no secrets, and whose answers are secret when they are not echoed. */
function maskedPrompter(prompt: Prompter, secrets: SecretRegister): Prompter {
  return async (text, how) => {
    const answer = await prompt(secrets.maskText(text), how);
    if (!how.echo) secrets.add(answer);
    return answer;
  };
}

/** Refuses what a run in shards cannot keep, before any host is contacted. */
function checkPlays(engine: Engine, loaded: Loaded, options: RunOptions, shard: Shard, warn: Warn): void {
  const whole = { ...engine, shard: undefined };
  const problems = loaded.playbooks
    .flatMap((playbook) => playbook.plays)
    .flatMap((play) => checkShard(play, selectHosts(whole, play, options.limit).hosts, shard, warn));
  if (problems.length > 0) throw new KplayError(problems);
}

function checkLimit(inventory: Inventory, limit: string, warn: Warn): void {
  if (inventory.match('all', { limit, warn }).length > 0 || inventory.match('localhost', { limit, warn }).length > 0)
    return;
  throw new KplayError({
    code: 'inventory',
    message: `Specified inventory, host pattern and/or --limit leaves us with no hosts to target: --limit ${limit}`,
  });
}

function runVariables(options: RunOptions, inventory: Inventory): Mapping {
  return {
    ansible_check_mode: options.checkMode,
    ansible_diff_mode: options.diffMode,
    ansible_forks: options.forks,
    ansible_run_tags: options.selection.only.length > 0 ? [...options.selection.only] : ['all'],
    ansible_skip_tags: [...options.selection.skip],
    ansible_verbosity: options.verbosity,
    ansible_inventory_sources: [...inventory.sources],
    ansible_config_file: null,
    ...(options.limit === undefined ? {} : { ansible_limit: options.limit }),
    ansible_version: { full: '2.18.0', major: 2, minor: 18, revision: 0, string: '2.18.0' },
    kplay_version: version,
  };
}

/** Runs prepared playbooks on their hosts; returns Ansible's exit code. Throws KplayError and defects after reporting the recap. */
export async function runPlaybooks(prepared: Prepared, reporters: readonly Reporter[]): Promise<ExitCode> {
  const { engine, loaded, options } = prepared;
  const state = new RunState();
  const started = Date.now();
  const start = { found: options.startAtTask === undefined };
  engine.emit({
    type: 'run-start',
    time: started,
    playbooks: loaded.playbooks.map((playbook) => playbook.file),
    checkMode: options.checkMode,
    ...(options.shard ? { shard: options.shard } : {}),
  });
  // What runs on the hosts is ended at once; the steps that wait for it then see the interruption.
  options.signal.addEventListener('abort', () => void engine.pool.closeAll(), { once: true });
  let failure: unknown;
  try {
    await runAll(prepared, state, start);
    if (!start.found) warnUnmatchedStart(engine, options.startAtTask!);
    options.outputLost.throwIfAborted();
  } catch (error) {
    failure = error;
  }
  const interrupted = options.signal.aborted;
  await engine.pool.closeAll();
  const exitCode = interrupted
    ? endedBy(options.signal)
    : failure === undefined
      ? exitCodeOf(state)
      : exitCodeFor(failure);
  engine.emit({
    type: 'recap',
    time: Date.now(),
    hosts: Object.fromEntries(state.stats),
    custom: engine.customStats,
    interrupted,
  });
  engine.emit({ type: 'run-end', time: Date.now(), exitCode, duration: Date.now() - started });
  for (const reporter of reporters) await reporter.close?.();
  if (failure !== undefined && !interrupted) throw failure;
  return exitCode;
}

async function runAll(prepared: Prepared, state: RunState, start: { found: boolean }): Promise<void> {
  const { engine, loaded, options } = prepared;
  for (const playbook of loaded.playbooks) {
    for (const play of playbook.plays) {
      if (options.signal.aborted || options.outputLost.aborted) return;
      const goesOn = await runPlay(engine, play, state, start, {
        limit: options.limit,
        forks: options.forks,
        selection: options.selection,
        startAtTask: options.startAtTask,
        forceHandlers: options.forceHandlers,
        signal: options.signal,
        outputLost: options.outputLost,
        confirm: (taskName) => options.confirm(engine.secrets.maskText(taskName)),
      });
      if (!goesOn) return;
    }
    // As in Ansible, the next playbook is for hosts that all came through this one.
    if (exitCodeOf(state) !== ExitCode.ok) return;
  }
}

function warnUnmatchedStart(engine: Engine, name: string): void {
  engine.emit({
    type: 'message',
    time: Date.now(),
    level: 'warning',
    text: `--start-at-task "${name}" matches no task; nothing was run`,
  });
}

/** The exit code of a run that was aborted: by the user, or by an error that is the signal's reason. */
function endedBy({ reason }: AbortSignal): ExitCode {
  return reason instanceof DOMException && reason.name === 'AbortError' ? ExitCode.interrupted : exitCodeFor(reason);
}

function exitCodeOf(state: RunState): ExitCode {
  if (state.unreachable.size > 0) return ExitCode.unreachable;
  return state.failed.size > 0 ? ExitCode.hostFailed : ExitCode.ok;
}
