import { KplayError, type Problem, type Warn } from '../errors.ts';
import { keywordsAround } from '../language/inherit.ts';
import type { PlayNode, TaskTreeNode, Written } from '../language/tree.ts';
import { walkTree } from '../language/walk.ts';
import type { Shard } from '../strategy/shard.ts';

/**
 * Reports what a run in parts cannot keep of a play whose hosts are in several parts: an order over all hosts (serial) and
 * one host for all (run_once). What holds in each part by itself only is told by `warn`.
 */
export function checkShard(play: PlayNode, hosts: readonly string[], shard: Shard, warn: Warn): readonly Problem[] {
  if (!shard.divides(hosts)) return [];
  const problems: Problem[] = [];
  if (play.serial !== undefined) problems.push(refusal('serial', play.serial));
  const once = new Set<Written>();
  const visit = (nodes: readonly TaskTreeNode[]): void => {
    for (const node of walkTree(nodes)) {
      if (node.type === 'role') visit(node.handlers);
      const found = keywordsAround(node, play).find((keywords) => keywords.runOnce !== undefined)?.runOnce;
      if ((node.type === 'task' || node.type === 'include') && found && found.value !== false) once.add(found);
    }
  };
  for (const part of [play.preTasks, play.roles, play.tasks, play.postTasks, play.handlers]) visit(part);
  problems.push(...[...once].map((written) => refusal('run_once', written)));
  const apart = [
    play.maxFailPercentage && 'max_fail_percentage',
    play.keywords.anyErrorsFatal && play.keywords.anyErrorsFatal.value !== false && 'any_errors_fatal',
  ].filter(Boolean);
  if (apart.length > 0) {
    warn(`--shard ${shard}: ${apart.join(' and ')} counts the hosts of this shard only`, play.position);
  }
  return problems;
}

function refusal(keyword: string, { position }: Written): Problem {
  return {
    code: 'unsupported',
    message: `"${keyword}" cannot be kept by a run in shards: the play's hosts are in several of them.`,
    hint: 'Run this play without --shard, or limit it to hosts of one shard.',
    position,
  };
}

/** A task that came by an include while running, and runs once for all hosts of a play that is divided. */
export function refuseOnce(position: Problem['position']): never {
  throw new KplayError({
    code: 'unsupported',
    message: `"run_once" cannot be kept by a run in shards: the play's hosts are in several of them.`,
    hint: 'Run this play without --shard, or limit it to hosts of one shard.',
    position,
  });
}
