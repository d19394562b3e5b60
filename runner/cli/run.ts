import { becomeMethodOf, becomeMethodsHint, unknownBecomeMethod } from '../become-methods.ts';
import { ExitCode, KplayError } from '../errors.ts';
import type { Reporter, RunEvent } from '../events.ts';
import { readText } from '../python/file-names.ts';
import { createReporters } from '../report/create.ts';
import type { RunOptions } from '../run.ts';
import { prepare, runPlaybooks } from '../run.ts';
import { SecretRegister } from '../secrets/register.ts';
import { parseShard } from '../strategy/shard.ts';
import { readRules, rulesWanted, type TemplateRules } from '../template/rules.ts';
import type { ConnectionFlags } from '../variables/connection-variables.ts';
import { type AnsibleSettings, readAnsibleSettings } from './ansible-settings.ts';
import { runHelp } from './help.ts';
import { withInterrupt } from './interrupt.ts';
import { showLists } from './lists.ts';
import type { ParsedOptions } from './options.ts';
import { parseOptions } from './options.ts';
import { outputLoss } from './output.ts';
import { reportError } from './report-error.ts';
import { ansibleOptions, runOptions } from './run-options.ts';
import { ask, askPassword } from './terminal.ts';
import { handleUncaught } from './uncaught.ts';

const defaultForks = 50;
const defaultConnectTimeout = 10;

/** `kplay lint`: reads playbooks as `kplay run` does, all that may be reached or not, and contacts no host. Returns the exit code. */
export function lintCommand(args: readonly string[]): Promise<number> {
  return runCommand(['--syntax-check', '--strict', ...args]);
}

/** `kplay run`. Returns the exit code. */
export async function runCommand(args: readonly string[]): Promise<number> {
  const parsed = parseOptions(args, runOptions, ansibleOptions);
  if (parsed.flag('help')) {
    process.stdout.write(runHelp());
    return ExitCode.ok;
  }
  if (parsed.words.length === 0) {
    throw new KplayError({
      code: 'options',
      message: 'kplay run needs a playbook',
      hint: 'kplay run PLAYBOOK -i INVENTORY',
    });
  }
  const abort = new AbortController();
  const options = await readOptions(parsed, abort.signal);
  return withOrderlyEnd(abort, options, () => execute(parsed, options, abort));
}

async function execute(parsed: ParsedOptions, options: RunOptions, abort: AbortController): Promise<number> {
  const listing = ['syntax-check', 'list-hosts', 'list-tasks', 'list-tags'].some((name) => parsed.flag(name));
  const reporters: Reporter[] = await createReporters({
    json: parsed.flag('json'),
    plain: parsed.flag('plain') || listing,
    verbosity: options.verbosity,
  });
  const emit = (event: RunEvent): void => {
    for (const reporter of reporters) reporter.handle(event);
  };
  try {
    const showsOutput = reporters.some((reporter) => reporter.showsOutput);
    const prepared = await prepare({ ...options, showsOutput }, emit, listing && !parsed.flag('syntax-check'));
    if (parsed.flag('syntax-check') || !listing) {
      const plays = prepared.loaded.playbooks.flatMap((playbook) => playbook.plays);
      prepared.engine.store.readFiles(listing, plays);
    }
    if (listing) return showLists(prepared, parsed);
    // Until here no host has been contacted, so that a signal may end kplay as it ends any other program.
    return await withInterrupt(abort, () => runPlaybooks(prepared, reporters));
  } catch (error) {
    return reportError(error, options.verbosity, options.secrets);
  }
}

/** Milliseconds that hosts and reporters have for the orderly end. */
const endLimit = 10_000;

/** An error that nobody caught ends the run as an interruption does: what runs on hosts is stopped, and the recap is shown. */
async function withOrderlyEnd(
  abort: AbortController,
  { verbosity, secrets }: RunOptions,
  action: () => Promise<number>,
): Promise<number> {
  let crashed: number | undefined;
  let limit: NodeJS.Timeout | undefined;
  const release = handleUncaught((error) => {
    // What else goes wrong while all is being ended follows from the first error.
    if (crashed !== undefined) return;
    crashed = reportError(error, verbosity, secrets);
    // The run may wait for what will never come now, and then Node would leave as if all were well.
    process.exitCode = crashed;
    limit = setTimeout(() => process.exit(crashed), endLimit);
    abort.abort(error);
  });
  try {
    const code = await action();
    return crashed ?? code;
  } catch (error) {
    if (crashed === undefined) throw error;
    return crashed;
  } finally {
    clearTimeout(limit);
    release();
  }
}

async function readOptions(parsed: ParsedOptions, signal: AbortSignal): Promise<RunOptions> {
  const limits = parsed.texts('limit');
  const settings = readAnsibleSettings({ environment: process.env, folder: process.cwd(), home: process.env.HOME });
  const inventory = parsed.texts('inventory');
  return {
    playbooks: parsed.words,
    inventory: inventory.length > 0 ? inventory : (settings.inventory ?? []),
    rolePath: settings.rolePath,
    collectionPath: settings.collectionPath,
    warnings: settings.warnings,
    limit: limits.length > 0 ? limits.join(',') : undefined,
    shard: readShard(parsed),
    extraVars: parsed.texts('extra-vars'),
    hashBehaviour: settings.hashBehaviour,
    templateRules: templateRules(parsed) ?? settings.templateRules,
    brokenConditionals: settings.brokenConditionals,
    forks: wholeNumber(parsed, 'forks') ?? settings.forks ?? defaultForks,
    checkMode: parsed.flag('check'),
    strict: parsed.flag('strict'),
    diffMode: parsed.flag('diff'),
    verbosity: parsed.count('verbose'),
    selection: { only: commaList(parsed.texts('tags')), skip: commaList(parsed.texts('skip-tags')) },
    startAtTask: parsed.text('start-at-task'),
    forceHandlers: parsed.flag('force-handlers'),
    connectionFlags: await readConnectionFlags(parsed, settings),
    prompt: (text, question) => ask(text, question, signal),
    secrets: new SecretRegister(),
    confirm: parsed.flag('step') ? confirmStep(signal) : () => Promise.resolve(true),
    signal,
    outputLost: outputLoss(),
  };
}

function templateRules(parsed: ParsedOptions): TemplateRules | undefined {
  const version = parsed.text('template-rules');
  if (version === undefined) return undefined;
  const rules = readRules(version);
  if (rules !== undefined) return rules;
  throw new KplayError({ code: 'options', message: `--template-rules must be ${rulesWanted}.` });
}

async function readConnectionFlags(parsed: ParsedOptions, settings: AnsibleSettings): Promise<ConnectionFlags> {
  const password = await readPassword(parsed, 'ask-pass', 'connection-password-file', 'SSH password: ');
  const label = parsed.flag('ask-pass') ? 'BECOME password[defaults to SSH password]: ' : 'BECOME password: ';
  const becomePassword = await readPassword(parsed, 'ask-become-pass', 'become-password-file', label);
  const argsOf = (name: 'ssh-common-args' | 'ssh-extra-args') => parsed.texts(name).join(' ') || undefined;
  return {
    connection: parsed.text('connection'),
    user: parsed.text('user') ?? settings.user,
    privateKeyFile: parsed.text('private-key') ?? parsed.text('key-file') ?? settings.privateKeyFile,
    timeoutSeconds: wholeNumber(parsed, 'timeout') ?? settings.timeoutSeconds ?? defaultConnectTimeout,
    sshCommonArgs: argsOf('ssh-common-args'),
    sshExtraArgs: argsOf('ssh-extra-args'),
    become: parsed.flag('become') || (settings.become ?? false),
    becomeMethod: readBecomeMethod(parsed) ?? settings.becomeMethod,
    becomeUser: parsed.text('become-user') ?? settings.becomeUser,
    becomeFlags: settings.becomeFlags,
    becomeExe: settings.becomeExe,
    hostKeyChecking: settings.hostKeyChecking,
    password,
    becomePassword: becomePassword === '' ? password : becomePassword,
  };
}

/** A setting of Ansible's with another method is refused by the tasks that become somebody: a playbook may have none. */
function readBecomeMethod(parsed: ParsedOptions): string | undefined {
  const name = parsed.text('become-method');
  if (name === undefined || becomeMethodOf(name)) return name;
  throw new KplayError({
    code: 'options',
    message: `--become-method: ${unknownBecomeMethod(name)}`,
    hint: becomeMethodsHint,
  });
}

async function readPassword(
  parsed: ParsedOptions,
  flag: string,
  fileOption: string,
  text: string,
): Promise<string | undefined> {
  const file = parsed.text(fileOption);
  if (file !== undefined) return readPasswordFile(file, fileOption);
  return parsed.flag(flag) ? askPassword(text) : undefined;
}

function readPasswordFile(file: string, option: string): string {
  try {
    return readText(file).replace(/\r?\n$/, '');
  } catch (error) {
    throw new KplayError({ code: 'options', message: `--${option}: ${(error as Error).message}` });
  }
}

function wholeNumber(parsed: ParsedOptions, name: string): number | undefined {
  const text = parsed.text(name);
  if (text === undefined) return undefined;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new KplayError({ code: 'options', message: `--${name} must be a whole number above 0, not "${text}"` });
}

function readShard(parsed: ParsedOptions): RunOptions['shard'] {
  const text = parsed.text('shard');
  if (text === undefined) return undefined;
  const shard = parseShard(text);
  if (shard) return shard;
  throw new KplayError({
    code: 'options',
    message: `--shard must be PART/PARTS, not "${text}"`,
    hint: 'The first of five parts is --shard 1/5.',
  });
}

function commaList(texts: readonly string[]): string[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((text) => text.trim())
    .filter((text) => text !== '');
}

/** `--step`: y takes the task, n leaves it, c takes all that follow. */
function confirmStep(signal: AbortSignal): (taskName: string) => Promise<boolean> {
  let all = false;
  return async (taskName) => {
    if (all) return true;
    const answer = (await ask(`Perform task: ${taskName} (N)o/(y)es/(c)ontinue: `, { echo: true }, signal)) ?? 'n';
    all = /^c/i.test(answer);
    return all || /^y/i.test(answer);
  };
}
