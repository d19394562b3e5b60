import { ExitCode } from '../errors.ts';
import { EngineResolver } from '../execute/plan-resolver.ts';
import { selectHosts } from '../execute/play-runner.ts';
import { displayName } from '../language/display-name.ts';
import { tagsOf } from '../language/inherit.ts';
import type { IncludeNode, PlayNode, TaskNode, TaskTreeNode } from '../language/tree.ts';
import { printable } from '../printable.ts';
import type { Prepared } from '../run.ts';
import type { ParsedOptions } from './options.ts';

/** `--list-hosts`, `--list-tasks`, `--list-tags`, `--syntax-check`: tells what is known without contacting a host. */
export function showLists(prepared: Prepared, parsed: ParsedOptions): number {
  for (const playbook of prepared.loaded.playbooks) {
    write(prepared, `\nplaybook: ${playbook.file}\n`);
    if (parsed.flag('syntax-check')) continue;
    for (const [index, play] of playbook.plays.entries()) showPlay(prepared, parsed, play, index + 1);
  }
  return ExitCode.ok;
}

function write({ options }: Prepared, text: string): void {
  process.stdout.write(printable(options.secrets.maskText(text)));
}

function showPlay(prepared: Prepared, parsed: ParsedOptions, play: PlayNode, number: number): void {
  const { engine, options } = prepared;
  const { pattern, hosts } = selectHosts(engine, play, options.limit);
  const name = play.keywords.name?.value ?? pattern;
  const lines = [
    `\n  play #${number} (${pattern}): ${name}\tTAGS: ${tagText(play.keywords.tags.map((tag) => tag.value))}`,
  ];
  if (parsed.flag('list-hosts')) {
    lines.push(`    pattern: ['${pattern}']`, `    hosts (${hosts.length}):`, ...hosts.map((host) => `      ${host}`));
  }
  if (parsed.flag('list-tasks') || parsed.flag('list-tags')) {
    const tasks = selectedTasks(prepared, play, hosts);
    if (parsed.flag('list-tasks')) {
      lines.push('    tasks:');
      for (const { task, tags } of tasks) lines.push(`      ${displayName(task)}\tTAGS: ${tagText(tags)}`);
    }
    if (parsed.flag('list-tags')) lines.push(`      TASK TAGS: ${tagText(tasks.flatMap(({ tags }) => tags))}`);
  }
  write(prepared, `${lines.join('\n')}\n`);
}

function tagText(tags: readonly string[]): string {
  return tags.length > 1 ? `[${[...new Set(tags)].sort().join(', ')}]` : `[${tags.join()}]`;
}

interface Listed {
  readonly task: TaskNode | IncludeNode;
  readonly tags: readonly string[];
}

function selectedTasks(prepared: Prepared, play: PlayNode, hosts: readonly string[]): Listed[] {
  const { engine, options } = prepared;
  const resolver = new EngineResolver(engine, play, hosts, options.selection, undefined);
  const tasks: Listed[] = [];
  const list = (task: TaskNode | IncludeNode): void => {
    const tags = tagsOf(task, play);
    if (resolver.isSelected(task, tags)) tasks.push({ task, tags: tags.map((tag) => tag.value) });
  };
  const visit = (nodes: readonly TaskTreeNode[]): void => {
    for (const node of nodes) {
      if (node.type === 'block') for (const section of [node.block, node.rescue, node.always]) visit(section);
      else if (node.type === 'role') visit(node.tasks);
      else if (node.type === 'include' || node.module !== 'meta') list(node);
    }
  };
  for (const section of [play.preTasks, play.roles, play.tasks, play.postTasks]) visit(section);
  return tasks;
}
