import { type CommandResult, FileChanged } from '../connection/connection.ts';
import type { Mapping } from '../value.ts';
import type { Change, Diff, Host, ModuleResult, StateModule } from './contract.ts';
import { ModuleFailure } from './contract.ts';
import { changedMeanwhile } from './host-files.ts';
import { Turns } from './turns.ts';

/** How often a module may ask for probe and plan once more; more is a defect of the module. */
const maxRounds = 5;

/** How often a plan is made anew because somebody else wrote to the file that it was made for. */
const maxConflicts = 20;

/** Who writes to a file that others write to: one after the other reads and writes, so that all get through. */
const turns = new Turns();

const noOutput: CommandResult = { rc: 0, stdout: '', stderr: '' };

/**
 * Brings one host into a state module's state: probe, plan, and unless in check mode the plan's changes. `changed`, the
 * diffs and check mode are decided here, for every state module alike. When a file was changed after it had been probed,
 * nothing is overwritten: probe and plan are asked again.
 * Throws {@link ModuleFailure} when the module refuses or a change's command fails.
 */
export async function applyState(
  module: StateModule,
  args: Record<string, unknown>,
  host: Host,
): Promise<ModuleResult> {
  const changes: Change[] = [];
  const warnings: string[] = [];
  let fields: Mapping = {};
  let output = noOutput;
  let current: unknown;
  let conflicts = 0;
  let round = 0;
  let leave: (() => void) | undefined;
  try {
    for (;;) {
      current = await module.probe(args as never, host);
      const plan = module.plan(args as never, current, host);
      const outcome: Outcome = host.checkMode
        ? { made: plan.changes.length, output: noOutput }
        : await makeChanges(plan.changes, host);
      changes.push(...plan.changes.slice(0, outcome.made));
      output = joinOutput(output, outcome.output);
      if (outcome.conflict) {
        if (++conflicts > maxConflicts) throw new ModuleFailure(`${outcome.conflict.message}, ${conflicts} times`);
        leave ??= await turns.take(outcome.conflict.what);
        continue;
      }
      warnings.push(...(plan.warnings ?? []));
      fields = { ...fields, ...plan.result };
      round++;
      if (host.checkMode || !plan.again || plan.changes.length === 0 || round >= maxRounds) break;
    }
  } finally {
    leave?.();
  }
  if (!host.checkMode && module.finish) fields = { ...fields, ...module.finish(args as never, current, output, host) };
  return {
    changed: changes.length > 0,
    diff: changes.map(diffOf),
    fields:
      changes.some((change) => change.command !== undefined) && !host.checkMode
        ? { ...outputFields(output), ...fields }
        : fields,
    warnings,
  };
}

/** How far the making of changes came. */
interface Outcome {
  /** How many of them were made. */
  readonly made: number;
  readonly output: CommandResult;
  /** The change that was not made, nor what follows it, because its file was changed meanwhile. */
  readonly conflict?: { readonly what: string; readonly message: string } | undefined;
}

/** Makes changes in their order; commands that follow each other go over in one round trip. */
async function makeChanges(changes: readonly Change[], host: Host): Promise<Outcome> {
  let output = noOutput;
  let made = 0;
  for (const part of parts(changes)) {
    const outcome = part[0]!.send ? await sendFile(part[0]!, host) : await runCommands(part, host);
    output = joinOutput(output, outcome.output);
    made += outcome.made;
    if (outcome.conflict) return { made, output, conflict: outcome.conflict };
  }
  return { made, output };
}

/** What goes over at once: a file, a command with standard input, or commands and what needs none. */
function parts(changes: readonly Change[]): Change[][] {
  const found: Change[][] = [];
  let open = false;
  for (const change of changes) {
    const alone = change.send !== undefined || change.stdin !== undefined;
    if (open && !alone) found.at(-1)!.push(change);
    else found.push([change]);
    open = !alone;
  }
  return found;
}

async function sendFile(change: Change, host: Host): Promise<Outcome> {
  const { send } = change;
  try {
    await host.send(send!);
    return { made: 1, output: noOutput };
  } catch (error) {
    if (!(error instanceof FileChanged)) throw error;
    return { made: 0, output: noOutput, conflict: { what: send!.destination, message: error.message } };
  }
}

async function runCommands(part: readonly Change[], host: Host): Promise<Outcome> {
  const batch = part.filter((change) => change.command !== undefined);
  if (batch.length === 0) return { made: part.length, output: noOutput };
  const { stdin } = batch[0]!;
  const marker = `kplay-step-${Math.random().toString(36).slice(2)}`;
  const script =
    batch.length === 1
      ? batch[0]!.command!
      : batch
          .map((change, index) => `(\n${change.command}\n) || { rc=$?; echo "${marker} ${index}" >&2; exit $rc; }`)
          .join('\n');
  const output = await host.run(script, stdin === undefined ? { stream: true } : { stdin, stream: true });
  if (output.rc === 0) return { made: part.length, output };
  const failed = new RegExp(`${marker} (\\d+)\\n?`).exec(output.stderr);
  const change = batch[failed ? Number(failed[1]) : 0]!;
  const stderr = failed ? output.stderr.replace(failed[0], '') : output.stderr;
  if (change.guarded && output.rc === changedMeanwhile) {
    const conflict = { what: change.what, message: stderr.trim() };
    return { made: part.indexOf(change), output: { ...output, rc: 0, stderr: '' }, conflict };
  }
  throw new ModuleFailure(failureMessage(change, { ...output, stderr }), outputFields({ ...output, stderr }));
}

function failureMessage(change: Change, result: CommandResult): string {
  const words = (result.stderr.trim() || result.stdout.trim()).split('\n').slice(-5).join('\n');
  return `${change.what}: ${words || `the command ended with ${result.rc}`}`;
}

function outputFields(output: CommandResult): Mapping {
  return { rc: output.rc, stdout: output.stdout, stderr: output.stderr };
}

function joinOutput(first: CommandResult, second: CommandResult): CommandResult {
  return { rc: second.rc, stdout: first.stdout + second.stdout, stderr: first.stderr + second.stderr };
}

function diffOf(change: Change): Diff {
  if (change.diff) return change.diff;
  return {
    before: change.before === undefined ? '' : `${change.before}\n`,
    after: change.after === undefined ? '' : `${change.after}\n`,
    beforeHeader: change.what,
    afterHeader: change.what,
  };
}
