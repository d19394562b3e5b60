import type { BlockNode, IncludeNode, RoleNode, TaskNode, TaskTreeNode } from '../language/tree.ts';
import type { Mapping } from '../value.ts';
import type { Gate } from './gate.ts';
import type { Handler, PlayPlan, Section } from './play-plan.ts';
import type { HostState, Step } from './step.ts';
import { HostFailed, HostLeft, RoleEnded } from './step.ts';

/** How a host came out of a play. */
export type HostEnd = 'ok' | 'failed' | 'unreachable' | 'ended';

/** What a host's way through a play needs from outside. */
export interface HostRunHooks {
  /** The host has failed for good, and is still to run the handlers that are forced. */
  failed(host: string): void;
  /** A rescue will catch a failure: the variables that tell of it, which an `always` on the way there sees, too. */
  rescuing(host: string, failure: HostFailed): void;
  /** meta actions that are not about the way through the play (clear_facts, reset_connection, refresh_inventory …). */
  meta(host: string, action: string, node: TaskNode): Promise<void>;
  /** meta: end_play and end_batch. */
  endBatch(wholePlay: boolean): void;
  notified(host: string, handler: TaskNode | IncludeNode): void;
}

/** How a host came out of a play that an error ended for it. Throws what is a defect or an interruption. */
function endOf(error: unknown): HostEnd {
  if (error instanceof HostFailed) return 'failed';
  if (error instanceof RoleEnded) return 'ended';
  if (!(error instanceof HostLeft)) throw error;
  return error.why === 'aborted' ? 'failed' : error.why;
}

/**
 * One host's way through a play: sections, roles, blocks with rescue and always, includes and handlers, in order.
 * It decides what comes next and waits at the gate for its turn; it runs nothing itself.
 */
export class HostRun implements HostState {
  readonly name: string;
  /** Blocks around the current task whose rescue would catch a failure. */
  #rescues = 0;
  readonly #plan: PlayPlan;
  readonly #gate: Gate;
  readonly #hooks: HostRunHooks;
  /** Names that were notified since handlers ran last, and the handlers that are to run. */
  readonly #notifications = new Set<string>();
  readonly #due = new Set<Handler>();
  #inHandlers = false;

  constructor(name: string, plan: PlayPlan, gate: Gate, hooks: HostRunHooks) {
    this.name = name;
    this.#plan = plan;
    this.#gate = gate;
    this.#hooks = hooks;
  }

  get rescuable(): boolean {
    return this.#rescues > 0;
  }

  /** Goes through the play to its end. Throws only defects and interruptions. */
  async run(): Promise<HostEnd> {
    try {
      for (const [index, section] of this.#plan.sections.entries()) {
        await this.#runSection(section, index);
        if (section.flush) await this.#flush([index, 1]);
      }
      return 'ok';
    } catch (error) {
      return endOf(error);
    } finally {
      this.#gate.leave(this);
    }
  }

  /** A section's tasks. Where handlers are forced, a host that fails runs them when the others do. */
  async #runSection(section: Section, index: number): Promise<void> {
    try {
      await this.#runNodes(section.nodes, [index, 0], {});
    } catch (error) {
      if (!(error instanceof HostFailed) || !this.#plan.forceHandlers) throw error;
      this.#hooks.failed(this.name);
      const { sections } = this.#plan;
      const flushing = sections.findIndex(({ flush }, other) => flush && other >= index);
      await this.#flushAfterFailure([flushing, 1]);
      throw error;
    }
  }

  async #flushAfterFailure(key: readonly number[]): Promise<void> {
    try {
      await this.#flush(key);
    } catch (error) {
      if (!(error instanceof HostFailed || error instanceof HostLeft)) throw error;
    }
  }

  async #runNodes(nodes: readonly TaskTreeNode[], key: readonly number[], loopVars: Mapping): Promise<void> {
    for (const [index, node] of nodes.entries()) {
      // What a handler includes runs as the handler does, whatever its tags are.
      if (!this.#inHandlers && !this.#plan.hasSelected(node)) continue;
      await this.#runNode(node, [...key, index], loopVars);
    }
  }

  #runNode(node: TaskTreeNode, key: readonly number[], loopVars: Mapping): Promise<void> {
    switch (node.type) {
      case 'block':
        return this.#runBlock(node, key, loopVars);
      case 'role':
        return this.#runRole(node, key, loopVars);
      case 'include':
        return this.#runInclude(node, key, loopVars);
      case 'task':
        return this.#runTask(node, key, loopVars);
    }
  }

  async #runBlock(node: BlockNode, key: readonly number[], loopVars: Mapping): Promise<void> {
    let failure: HostFailed | undefined;
    const rescue = node.rescue.some((child) => this.#plan.hasSelected(child));
    const before = this.#rescues;
    try {
      if (rescue) this.#rescues++;
      await this.#runNodes(node.block, [...key, 0], loopVars);
    } catch (error) {
      if (!(error instanceof HostFailed)) throw error;
      failure = this.#caught(error);
    } finally {
      this.#rescues = before;
    }
    if (failure && rescue) failure = await this.#attempt(node.rescue, [...key, 1], loopVars);
    const second = await this.#attempt(node.always, [...key, 2], loopVars);
    failure = second ?? failure;
    if (failure) throw failure;
  }

  async #attempt(
    nodes: readonly TaskTreeNode[],
    key: readonly number[],
    loopVars: Mapping,
  ): Promise<HostFailed | undefined> {
    try {
      await this.#runNodes(nodes, key, loopVars);
      return undefined;
    } catch (error) {
      if (error instanceof HostFailed) return this.#caught(error);
      throw error;
    }
  }

  #caught(failure: HostFailed): HostFailed {
    if (this.rescuable) this.#hooks.rescuing(this.name, failure);
    return failure;
  }

  async #runRole(node: RoleNode, key: readonly number[], loopVars: Mapping): Promise<void> {
    if (!this.#plan.beginRole(node, this.name)) return;
    try {
      await this.#runNodes(node.tasks, key, loopVars);
    } catch (error) {
      if (!(error instanceof RoleEnded)) throw error;
    }
    this.#plan.endRole(node, this.name);
  }

  async #runInclude(node: IncludeNode, key: readonly number[], loopVars: Mapping): Promise<void> {
    if (!this.#plan.starts(node)) return;
    const result = await this.#gate.arrive(this, this.#step(node, key, loopVars));
    if (result.kind !== 'included') return this.#judge(node, result);
    for (const part of result.parts) {
      await this.#runNodes(part.nodes, [...key, part.sequence], part.loopVars);
    }
  }

  async #runTask(node: TaskNode, key: readonly number[], loopVars: Mapping): Promise<void> {
    if (!this.#plan.starts(node)) return;
    const step = this.#step(node, key, loopVars);
    const result = await this.#gate.arrive(this, step);
    if (result.kind === 'meta') return this.#meta(result.action, node, key);
    if (result.kind === 'done' && result.ran) this.#plan.ranTask(node, this.name);
    if (result.kind === 'done' && result.changed) this.#notify(step, result.result);
    this.#judge(node, result);
  }

  #step(node: TaskNode | IncludeNode, key: readonly number[], loopVars: Mapping): Step {
    return { node, key, loopVars, handler: this.#inHandlers };
  }

  #judge(node: TaskNode | IncludeNode, result: { readonly kind: string; readonly result?: Mapping }): void {
    if (result.kind === 'failed') throw new HostFailed(node, result.result ?? {});
    if (result.kind === 'unreachable') throw new HostLeft('unreachable');
  }

  #notify(step: Step, result: Mapping | undefined): void {
    for (const notification of this.#plan.notifications(step, this.name, result)) {
      if (this.#inHandlers) this.#expect(notification);
      else this.#notifications.add(notification);
    }
  }

  /** The handlers of a name run, as they are now: a role that came after the notification may have brought others. */
  #expect(notification: string): void {
    for (const handler of this.#plan.handlersOf(notification, this.name)) {
      if (this.#due.has(handler)) continue;
      this.#due.add(handler);
      this.#hooks.notified(this.name, handler.node);
    }
  }

  async #flush(key: readonly number[]): Promise<void> {
    if (this.#inHandlers) return;
    this.#inHandlers = true;
    try {
      for (const notification of this.#notifications) this.#expect(notification);
      this.#notifications.clear();
      // Handlers that an include adds while handlers run come last, so the list is read by index.
      for (let index = 0; index < this.#plan.handlers.length; index++) {
        const handler = this.#plan.handlers[index]!;
        // Who is notified runs: tags select tasks, never handlers.
        if (this.#due.delete(handler)) await this.#runNode(handler.node, [...key, index], handler.loopVars);
      }
    } finally {
      this.#inHandlers = false;
    }
  }

  async #meta(action: string, node: TaskNode, key: readonly number[]): Promise<void> {
    switch (action) {
      case 'noop':
        return;
      case 'flush_handlers':
        return this.#flush(key);
      case 'end_host':
        throw new HostLeft('ended');
      case 'end_role':
        throw new RoleEnded();
      case 'end_batch':
      case 'end_play':
        this.#hooks.endBatch(action === 'end_play');
        throw new HostLeft('ended');
      default:
        await this.#hooks.meta(this.name, action, node);
    }
  }
}
