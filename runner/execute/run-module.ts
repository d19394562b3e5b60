import type { Connection, ConnectionSettings } from '../connection/connection.ts';
import type { ConnectionPool } from '../connection/pool.ts';
import { KplayError } from '../errors.ts';
import { applyState } from '../module/apply.ts';
import type { ModuleResult } from '../module/contract.ts';
import type { TemplateContext } from '../template/templar.ts';
import type { Mapping } from '../value.ts';
import { isMapping } from '../value.ts';
import { type ConnectionKeywords, connectionFor } from '../variables/connection-variables.ts';
import { isPlain } from '../variables/render.ts';
import type { CompiledTask } from './compiled-task.ts';
import { TaskController } from './controller.ts';
import { taskEnvironment } from './environment.ts';
import { booleanKeyword, numberKeyword, renderKeyword } from './keywords.ts';
import type { TaskRequest } from './request.ts';
import { TaskHost } from './task-host.ts';

/** A task with everything about it rendered, ready for its module. */
export interface ModuleRun extends TaskRequest {
  readonly context: TemplateContext;
  readonly delegate: string | undefined;
  readonly args: Record<string, unknown>;
  readonly noLog: boolean;
}

/** Runs a task's module: on this machine, or through the connection of the host that it is for. */
export async function runModule(run: ModuleRun): Promise<ModuleResult> {
  const { engine, task, context } = run;
  const module = task.module!;
  const checkMode = booleanKeyword(engine, 'check_mode', task.keywords.checkMode, context) ?? engine.checkMode;
  const diffMode = booleanKeyword(engine, 'diff', task.keywords.diff, context) ?? engine.diffMode;
  const controller = new TaskController(engine, context, task.node.position, run.playHosts);
  if (module.kind === 'controller') {
    return module.run(run.args, { name: run.host, facts: factsOf(run), checkMode, diffMode, controller });
  }
  const { settings, become, reattachSeconds } = connectionFor(
    context.scope,
    connectionKeywords(run),
    engine.connectionFlags,
  );
  const host = new TaskHost({
    name: run.delegate ?? run.host,
    connection: await connectionTo(settings, engine.pool),
    become,
    environment: taskEnvironment(engine, task, context),
    timeoutSeconds: timeLimit(run),
    reattachSeconds,
    facts: () => factsOf(run),
    checkMode,
    diffMode,
    controller,
    onOutput:
      engine.showsOutput && !run.noLog
        ? (stream, text) =>
            engine.emit({ type: 'host-output', time: Date.now(), task: run.report, host: run.host, stream, text })
        : undefined,
  });
  if (module.kind === 'state') return applyState(module, run.args, host);
  if (checkMode && module.inCheckMode === 'skip') {
    return { skipped: true, msg: `${module.name} is not run in check mode`, fields: {} };
  }
  return module.run(run.args, host);
}

function factsOf(run: ModuleRun): Mapping {
  const scope =
    run.delegate === undefined
      ? run.context.scope
      : run.engine.store.scope({ host: run.delegate, play: run.task.play });
  const facts = scope.get('ansible_facts');
  return isMapping(facts) ? facts : {};
}

const connections = new WeakMap<ConnectionPool, WeakMap<ConnectionSettings, Promise<Connection>>>();

/** The pool's connection for settings; the same settings object is looked up without being compared. */
function connectionTo(settings: ConnectionSettings, pool: ConnectionPool): Promise<Connection> {
  let known = connections.get(pool);
  if (!known) {
    known = new WeakMap();
    connections.set(pool, known);
  }
  let connection = known.get(settings);
  if (!connection) {
    connection = pool.connection(settings);
    known.set(settings, connection);
  }
  return connection;
}

const plainKeywords = new WeakMap<CompiledTask, ConnectionKeywords>();

/** What keywords say about the task's connection; one object for all hosts when they hold no template. */
function connectionKeywords(run: ModuleRun): ConnectionKeywords {
  const { engine, task, context } = run;
  let keywords = plainKeywords.get(task);
  if (keywords) return keywords;
  const { connection, port, remoteUser, become, becomeMethod, becomeUser, becomeFlags, becomeExe } = task.keywords;
  keywords = {
    connection: renderKeyword(engine, connection, context),
    port: renderKeyword(engine, port, context),
    remoteUser: renderKeyword(engine, remoteUser, context),
    become: renderKeyword(engine, become, context),
    becomeMethod: renderKeyword(engine, becomeMethod, context),
    becomeUser: renderKeyword(engine, becomeUser, context),
    becomeFlags: renderKeyword(engine, becomeFlags, context),
    becomeExe: renderKeyword(engine, becomeExe, context),
  };
  const all = [connection, port, remoteUser, become, becomeMethod, becomeUser, becomeFlags, becomeExe];
  if (all.every((written) => written === undefined || isPlain(written.value, engine.templar)))
    plainKeywords.set(task, keywords);
  return keywords;
}

/** Seconds that the task's commands may take: `timeout`, or `async` while it is waited for. */
function timeLimit(run: ModuleRun): number | undefined {
  const { engine, task, context } = run;
  const { node } = task;
  const limit = numberKeyword(engine, 'timeout', task.keywords.timeout, context);
  const async = numberKeyword(engine, 'async', node.async, context);
  if (async !== undefined && async > 0 && numberKeyword(engine, 'poll', node.poll, context) === 0) {
    throw new KplayError({
      code: 'unsupported',
      message: 'async with poll: 0 (start a task and go on) is not supported',
      hint: 'Leave poll out to wait for the task, or start a service for what must go on by itself.',
      position: node.async!.position,
    });
  }
  return limit && async ? Math.min(limit, async) : limit || async || undefined;
}
