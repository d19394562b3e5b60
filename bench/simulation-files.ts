import path from 'node:path';
import { write } from './tree.ts';

/** How big a run on simulated hosts is. */
export interface Size {
  readonly hosts: number;
  readonly tasks: number;
  /** So many of each host's own, and as many of its group's. */
  readonly variables: number;
  /** Items of each task's loop; 0: without a loop. */
  readonly items: number;
  /** Milliseconds that a question and its answer take together on the way. */
  readonly delay: number;
  readonly forks: number;
}

/** How many commands a run of that size gives to hosts. */
export function commandsOf({ hosts, tasks, items }: Size): number {
  return hosts * tasks * Math.max(items, 1);
}

const groups = 10;

/** Writes playbook, inventory and variables into a folder. `hosts` is the inventory's text that names the hosts. */
export function writeSimulation(
  folder: string,
  hosts: string,
  size: Size,
): { readonly playbook: string; readonly inventory: string } {
  const inventory = path.join(folder, 'inventory');
  write(path.join(inventory, 'hosts.yml'), hosts);
  if (size.variables > 0) writeVariables(inventory, hosts.match(/host\d+(?=: \{)/g) ?? [], size.variables);
  const playbook = path.join(folder, 'playbook.yml');
  write(playbook, playbookOf(size));
  return { playbook, inventory };
}

function writeVariables(inventory: string, names: readonly string[], count: number): void {
  for (let group = 0; group < groups; group++) {
    const members = names.filter((_, index) => index % groups === group);
    if (members.length === 0) continue;
    const lines = members.map((name) => `    ${name}:\n`);
    write(path.join(inventory, `group${group}.yml`), `group${group}:\n  hosts:\n${lines.join('')}`);
    write(path.join(inventory, 'group_vars', `group${group}.yml`), variables('group', `${group}`, count));
  }
  for (const name of names) write(path.join(inventory, 'host_vars', `${name}.yml`), variables('host', name, count));
}

/** Texts, numbers and lists; each tenth is a template of another one. */
function variables(kind: string, owner: string, count: number): string {
  const value = (index: number): string => {
    if (index % 10 === 9) return `"{{ inventory_hostname }}-{{ ${kind}_variable_${index - 1} }}"`;
    if (index % 10 === 4) return `[${index}, ${owner}]`;
    return index % 2 === 0 ? String(index) : `value ${index} of ${owner}`;
  };
  return Array.from({ length: count }, (_, index) => `${kind}_variable_${index}: ${value(index)}\n`).join('');
}

function playbookOf({ tasks, variables: count, items }: Size): string {
  const said = (index: number): string => {
    const number = index % Math.max(count, 1);
    const named = count === 0 ? [] : [`{{ host_variable_${number} }}`, `{{ group_variable_${number} }}`];
    return [String(index), '{{ inventory_hostname }}', ...named, ...(items === 0 ? [] : ['{{ item }}'])].join(' ');
  };
  const loop = items === 0 ? '' : `      loop: "{{ range(${items}) | list }}"\n`;
  const texts = Array.from(
    { length: tasks },
    (_, index) =>
      `    - name: Command ${index}\n      ansible.builtin.command: echo ${said(index)}\n      changed_when: false\n${loop}`,
  );
  return `- name: Commands\n  hosts: all\n  gather_facts: false\n  tasks:\n${texts.join('')}`;
}
