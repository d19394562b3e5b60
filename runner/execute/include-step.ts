import { isInterruption } from '../computing.ts';
import type { ReportedTask } from '../events.ts';
import type { IncludeNode, TaskTreeNode } from '../language/tree.ts';
import type { Position } from '../position.ts';
import { pythonText, repr } from '../python/text.ts';
import { booleanWord } from '../python/truth-words.ts';
import { checkWritable } from '../shared-values.ts';
import type { HostState, IncludedPart, Step, StepResult, StepResults } from '../strategy/step.ts';
import type { TemplateContext } from '../template/templar.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping } from '../value.ts';
import { compileTask } from './compiled-task.ts';
import { failureFields, faultOf, ignoresErrors } from './failure.ts';
import { checkDepth } from './include-depth.ts';
import { firstFalse, hidesResults } from './keywords.ts';
import { itemLabel, loopItems, loopTurns } from './loop.ts';
import type { TaskOutcome } from './outcome.ts';
import { censoredItem, outcomeWithoutModule, reported, skipOutcome } from './outcome.ts';
import type { PlayContext } from './play-context.ts';
import { reportedTask } from './reported-task.ts';

/** One include of one host and item, before its file is read. */
interface Wanted {
  readonly args: Mapping;
  readonly loopVars: Mapping;
  /** What is shown of the item, where the include loops. */
  readonly label: Value | undefined;
}

/** A file or role that was asked for with the same variables, and by whom. */
interface Part extends Wanted {
  readonly sequence: number;
  readonly hosts: string[];
}

/** Takes an include_tasks or include_role step: works out per host what is included, and reads each of it once. */
export async function runInclude(context: PlayContext, step: Step, hosts: readonly HostState[]): Promise<StepResults> {
  const node = step.node as IncludeNode;
  const { engine } = context;
  const task = compileTask(node, context.play);
  const report = reportedTask(context, task, hosts[0]!.name, step);
  engine.emit({ type: 'task-start', time: Date.now(), task: report, hosts: hosts.map((host) => host.name) });
  const parts = new Map<string, Part>();
  const results = new Map<string, StepResult>();
  const settle = (host: HostState, outcome: TaskOutcome, result: StepResult): void => {
    context.state.count(host.name, outcome, host.rescuable);
    engine.emit({
      type: 'host-result',
      time: Date.now(),
      task: report,
      host: host.name,
      result: reported(outcome),
      looped: false,
    });
    results.set(host.name, result);
  };
  for (const host of hosts) {
    try {
      checkDepth(node);
      const wanted = wantedBy(context, node, step, host.name, report);
      if (wanted === undefined) settle(host, skipOutcome(false), { kind: 'done', changed: false, ran: false });
      else for (const one of wanted) addPart(parts, one, host.name, node.position);
    } catch (error) {
      const noLog = hides(context, node, host.name, step.loopVars);
      const fields = settleFailure(
        error,
        engine.verbosity,
        host,
        noLog,
        settle,
        ignores(context, node, host.name, step),
      );
      if (node.register) engine.store.setHostVariables(host.name, { [node.register]: fields });
    }
  }
  const perHost = await readParts(context, node, parts, hosts, results, settle);
  for (const host of hosts) {
    if (results.has(host.name)) continue;
    const parts = perHost.get(host.name) ?? [];
    context.state.statsOf(host.name).ok += parts.length;
    results.set(host.name, { kind: 'included', parts });
  }
  engine.emit({ type: 'task-end', time: Date.now(), task: report });
  return { hosts: results };
}

/** What a host is to include; undefined for nothing. Items that are skipped are told of. */
function wantedBy(
  context: PlayContext,
  node: IncludeNode,
  step: Step,
  host: string,
  report: ReportedTask,
): Wanted[] | undefined {
  const { engine, play } = context;
  const scopeWith = (loopVars: Mapping): TemplateContext => engine.store.context({ host, play, node, loopVars });
  const when = compileTask(node, play).when;
  if (!node.loop) {
    const scope = scopeWith(step.loopVars);
    if (firstFalse(engine, when, scope) !== undefined) return undefined;
    return [{ args: renderArgs(context, node, scope), loopVars: step.loopVars, label: undefined }];
  }
  const outer = scopeWith(step.loopVars);
  const turns = loopTurns(engine, loopItems(engine, node.loop, outer), node.loopControl, outer);
  const wanted: Wanted[] = [];
  for (const turn of turns) {
    const loopVars = { ...step.loopVars, ...turn.variables };
    const scope = scopeWith(loopVars);
    const condition = firstFalse(engine, when, scope);
    const noLog = hides(context, node, host, loopVars);
    const label = noLog ? censoredItem : itemLabel(engine, node, scope, turn.item);
    if (condition !== undefined) {
      const result = reported({ ...skipOutcome(condition), noLog, item: { label } });
      engine.emit({ type: 'host-item', time: Date.now(), task: report, host, result });
      continue;
    }
    wanted.push({ args: renderArgs(context, node, scope), loopVars, label });
  }
  return wanted.length > 0 ? wanted : undefined;
}

function renderArgs(context: PlayContext, node: IncludeNode, scope: TemplateContext): Mapping {
  const rendered = context.engine.templar.render(node.args, scope, node.position);
  return isMapping(rendered) ? rendered : {};
}

function addPart(parts: Map<string, Part>, wanted: Wanted, host: string, position: Position): void {
  checkWritable(wanted.args, 'The include', position);
  checkWritable(wanted.loopVars, 'The item of the include', position);
  const key = repr([wanted.args, wanted.loopVars, wanted.label ?? null]);
  const part = parts.get(key);
  if (part) part.hosts.push(host);
  else parts.set(key, { ...wanted, sequence: parts.size, hosts: [host] });
}

async function readParts(
  context: PlayContext,
  node: IncludeNode,
  parts: ReadonlyMap<string, Part>,
  hosts: readonly HostState[],
  results: ReadonlyMap<string, StepResult>,
  settle: (host: HostState, outcome: TaskOutcome, result: StepResult) => void,
): Promise<Map<string, IncludedPart[]>> {
  const perHost = new Map<string, IncludedPart[]>();
  for (const part of parts.values()) {
    try {
      const { file, nodes } = await readPart(context, node, part);
      announce(context, part, file);
      for (const host of part.hosts) {
        const list = perHost.get(host) ?? [];
        list.push({ sequence: part.sequence, nodes, loopVars: part.loopVars });
        perHost.set(host, list);
      }
    } catch (error) {
      for (const host of hosts) {
        if (!part.hosts.includes(host.name) || results.has(host.name)) continue;
        const noLog = hides(context, node, host.name, part.loopVars);
        settleFailure(error, context.engine.verbosity, host, noLog, settle);
      }
    }
  }
  return perHost;
}

/** Tells of an included file, or of a role by the name that was asked for. */
function announce(context: PlayContext, part: Part, file: string): void {
  context.engine.emit({
    type: 'included',
    time: Date.now(),
    file,
    hosts: part.hosts,
    ...(part.label === undefined ? {} : { item: part.label }),
  });
}

async function readPart(
  context: PlayContext,
  node: IncludeNode,
  part: Part,
): Promise<{ readonly file: string; readonly nodes: readonly TaskTreeNode[] }> {
  const { includes } = context.engine;
  if (node.kind === 'include_tasks') {
    const asked = text(part.args.file ?? part.args._raw);
    const nodes = await includes.tasks(asked, node);
    context.plan.addHandlers(nodes, part.loopVars);
    const block = nodes[0];
    return { file: (block?.type === 'block' ? block.file : undefined) ?? asked, nodes };
  }
  const name = text(part.args.name ?? part.args.role);
  const nodes = await includes.role(
    name,
    {
      ...optional('tasksFrom', part.args.tasks_from),
      ...optional('varsFrom', part.args.vars_from),
      ...optional('defaultsFrom', part.args.defaults_from),
      ...optional('handlersFrom', part.args.handlers_from),
      ...flag('allowDuplicates', part.args.allow_duplicates),
      ...flag('public', part.args.public),
    },
    node,
  );
  context.plan.addHandlers(nodes, part.loopVars);
  for (const role of nodes) context.engine.store.exposeRole(role);
  return { file: name, nodes };
}

function text(value: Value | undefined): string {
  return value === undefined || value === null ? '' : pythonText(value);
}

function optional<K extends string>(key: K, value: Value | undefined): { [P in K]?: string } {
  return (value === undefined || value === null ? {} : { [key]: pythonText(value) }) as { [P in K]?: string };
}

function flag<K extends string>(key: K, value: Value | undefined): { [P in K]?: boolean } {
  return (value === undefined || value === null ? {} : { [key]: booleanWord(pythonText(value)) ?? false }) as {
    [P in K]?: boolean;
  };
}

function hides(context: PlayContext, node: IncludeNode, host: string, loopVars: Mapping): boolean {
  const { engine, play } = context;
  return hidesResults(engine, compileTask(node, play), () => engine.store.context({ host, play, node, loopVars }));
}

/** Whether a failure of an include's arguments is ignored. A file or role that is missing never is, as in Ansible. */
function ignores(context: PlayContext, node: IncludeNode, host: string, { loopVars }: Step): boolean {
  const { engine, play } = context;
  return ignoresErrors({ engine, task: compileTask(node, play), host, loopVars }, false);
}

/** Takes note of a failed include; gives what `register` keeps of it. */
function settleFailure(
  error: unknown,
  verbosity: number,
  host: HostState,
  noLog: boolean,
  settle: (host: HostState, outcome: TaskOutcome, result: StepResult) => void,
  ignored = false,
): Mapping {
  if (isInterruption(error)) throw error;
  const fields = failureFields(error, verbosity);
  const outcome = { ...outcomeWithoutModule('failed', fields), noLog, ignored, fault: faultOf(error) };
  const result: StepResult = ignored
    ? { kind: 'done', changed: false, ran: true }
    : { kind: 'failed', result: fields, ran: true };
  settle(host, outcome, result);
  return fields;
}
