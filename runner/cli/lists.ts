import { ExitCode } from '../errors.ts';
import { EngineResolver } from '../execute/plan-resolver.ts';
import { selectHosts } from '../execute/play-hosts.ts';
import { displayName } from '../language/display-name.ts';
import { tagsOf } from '../language/inherit.ts';
import type { IncludeNode, PlayNode, TaskNode, TaskTreeNode } from '../language/tree.ts';
import { printable } from '../printable.ts';
import type { Prepared } from '../run.ts';
import type { TagSelection } from '../strategy/tags.ts';
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
    const selection = parsed.flag('list-tags') ? withNever(options.selection) : options.selection;
    const listed = selectedTasks(prepared, play, hosts, selection);
    if (parsed.flag('list-tasks')) {
      lines.push('    tasks:', ...listed.map(({ task, tags }) => `      ${listedName(task)}\tTAGS: ${tagText(tags)}`));
    }
    if (parsed.flag('list-tags')) lines.push(`      TASK TAGS: ${tagText(listed.flatMap(({ tags }) => tags))}`);
  }
  write(prepared, `${lines.join('\n')}\n`);
}

/** A task as Ansible lists it: by its action alone where it has no name, in a role too. */
function listedName(task: TaskNode | IncludeNode): string {
  return task.keywords.name?.value ? displayName(task) : task.action.value;
}

function tagText(tags: readonly string[]): string {
  return tags.length > 1 ? `[${[...new Set(tags)].sort().join(', ')}]` : `[${tags.join()}]`;
}

interface Listed {
  readonly task: TaskNode | IncludeNode;
  readonly tags: readonly string[];
}

/** Tags are listed of tasks with `never` as well, where no others are asked for. */
function withNever(selection: TagSelection): TagSelection {
  return selection.only.length > 0 || selection.skip.length > 0 ? selection : { only: ['all', 'never'], skip: [] };
}

function selectedTasks(
  { engine }: Prepared,
  play: PlayNode,
  hosts: readonly string[],
  selection: TagSelection,
): Listed[] {
  const resolver = new EngineResolver(engine, play, hosts, selection, undefined);
  const tasks: Listed[] = [];
  const list = (task: TaskNode | IncludeNode): void => {
    const tags = tagsOf(task, play);
    if (resolver.isSelected(task, tags)) tasks.push({ task, tags: resolver.tagTexts(task, tags) });
  };
  const visit = (nodes: readonly TaskTreeNode[]): void => {
    for (const node of nodes) {
      // As in Ansible, what a block rescues is not listed.
      if (node.type === 'block') visit(node.block);
      else if (node.type === 'role') visit(node.tasks);
      else list(node);
    }
  };
  for (const section of [play.preTasks, play.roles, play.tasks, play.postTasks]) visit(section);
  return tasks;
}
