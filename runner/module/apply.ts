import type { CommandResult } from '../connection/connection.ts';
import type { Mapping } from '../value.ts';
import type { Change, Diff, Host, ModuleResult, Plan, StateModule } from './contract.ts';
import { ModuleFailure } from './contract.ts';

/** How often a module may ask for probe and plan once more; more is a defect of the module. */
const maxRounds = 5;

const noOutput: CommandResult = { rc: 0, stdout: '', stderr: '' };

/**
 * Brings one host into a state module's state: probe, plan, and unless in check mode the plan's changes. `changed`, the
 * diffs and check mode are decided here, for every state module alike.
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
  let plan: Plan;
  let round = 0;
  do {
    current = await module.probe(args as never, host);
    plan = module.plan(args as never, current, host);
    changes.push(...plan.changes);
    warnings.push(...(plan.warnings ?? []));
    fields = { ...fields, ...plan.result };
    if (host.checkMode) break;
    output = joinOutput(output, await makeChanges(plan.changes, host));
    round++;
  } while (plan.again && plan.changes.length > 0 && round < maxRounds);
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

/** Makes changes in their order; commands that follow each other go over in one round trip. */
async function makeChanges(changes: readonly Change[], host: Host): Promise<CommandResult> {
  let output = noOutput;
  let batch: Change[] = [];
  const flush = async (): Promise<void> => {
    if (batch.length > 0) output = joinOutput(output, await runCommands(batch, host));
    batch = [];
  };
  for (const change of changes) {
    if (change.send) {
      await flush();
      await host.send(change.send);
      continue;
    }
    if (change.command === undefined) continue;
    if (change.stdin !== undefined) await flush();
    batch.push(change);
    if (change.stdin !== undefined) await flush();
  }
  await flush();
  return output;
}

async function runCommands(batch: readonly Change[], host: Host): Promise<CommandResult> {
  const stdin = batch.find((change) => change.stdin !== undefined)?.stdin;
  const marker = `kplay-step-${Math.random().toString(36).slice(2)}`;
  const script =
    batch.length === 1
      ? batch[0]!.command!
      : batch
          .map((change, index) => `(\n${change.command}\n) || { rc=$?; echo "${marker} ${index}" >&2; exit $rc; }`)
          .join('\n');
  const result = await host.run(script, stdin === undefined ? { stream: true } : { stdin, stream: true });
  if (result.rc === 0) return result;
  const failed = new RegExp(`${marker} (\\d+)\\n?`).exec(result.stderr);
  const change = batch[failed ? Number(failed[1]) : 0]!;
  const stderr = failed ? result.stderr.replace(failed[0], '') : result.stderr;
  throw new ModuleFailure(failureMessage(change, { ...result, stderr }), outputFields({ ...result, stderr }));
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
