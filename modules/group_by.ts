import { controllerModule } from '../runner/module/contract.ts';

export default controllerModule({
  name: 'group_by',
  summary: 'Put the host in a group made from a value, e.g. of a fact.',
  examples: `
- ansible.builtin.group_by:
    key: os_{{ ansible_facts.distribution | lower }}
`,
  returns: { add_group: 'The group.', parent_groups: 'The groups that it is a child of.' },
  args: {
    key: { type: 'str', required: true, doc: 'Name of the group; spaces become dashes.' },
    parents: { type: 'list', elements: 'str', default: ['all'], doc: 'Groups that it becomes a child of.' },
  },
  async run(args) {
    const group = args.key.replaceAll(' ', '-');
    const parents = args.parents.map((parent) => parent.replaceAll(' ', '-'));
    return { effects: { groupBy: { group, parents } }, fields: { add_group: group, parent_groups: parents } };
  },
});
