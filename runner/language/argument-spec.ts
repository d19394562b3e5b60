import type { Mapping } from '../value.ts';
import { isMapping } from '../value.ts';
import type { RoleNode, TaskNode, Written } from './tree.ts';

/**
 * The task that Ansible puts before a role's tasks when its meta has argument_specs for the entry point: it checks the
 * role's parameters. Undefined when there are none.
 */
export function argumentSpecTask(node: RoleNode, entryPoint: string): TaskNode | undefined {
  const entry = node.role.meta.argumentSpecs?.[entryPoint];
  if (!isMapping(entry) || !isMapping(entry.options)) return undefined;
  const { position } = node;
  const written = <T extends string>(value: T): Written<T> => ({ value, position });
  const description = typeof entry.short_description === 'string' ? ` - ${entry.short_description}` : '';
  const args: Mapping = { argument_spec: entry.options };
  return {
    type: 'task',
    position,
    parent: node,
    keywords: {
      name: written(`Validating arguments against arg spec '${entryPoint}'${description}`),
      tags: [written('always')],
      when: [],
    },
    module: 'validate_argument_spec',
    action: written('ansible.builtin.validate_argument_spec'),
    args,
    notify: [],
  };
}
