import { controllerModule } from '../runner/module/contract.ts';
import { mapping } from '../runner/value.ts';
import { extraArguments } from './shared/extra-arguments.ts';

const args = {
  name: {
    type: 'str',
    required: true,
    aliases: ['host', 'hostname'],
    doc: 'Name of the host, optionally with `:port`.',
  },
  groups: {
    type: 'list',
    elements: 'str',
    aliases: ['group', 'groupname'],
    doc: 'Groups to put it in; made when missing.',
  },
} as const;

export default controllerModule({
  name: 'add_host',
  summary: 'Add a host, and groups, to the inventory of this run.',
  notes: ['All further arguments become variables of the host. It runs once for all hosts of the batch.'],
  examples: `
- ansible.builtin.add_host:
    name: 192.0.2.10
    groups: [new_workers]
    ansible_user: root
`,
  returns: { add_host: 'host_name, groups and host_vars of the new host.' },
  args,
  extraArguments: true,
  oncePerBatch: true,
  async run(given) {
    const [, name, port] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(given.name) ?? [undefined, given.name, undefined];
    const hostName = name!.replace(/^\[|\]$/g, '');
    const variables = mapping(Object.entries(extraArguments(given, args)));
    if (port !== undefined) variables.ansible_ssh_port = Number(port);
    const groups = (given.groups ?? []).map((group) => group.trim()).filter((group) => group !== '');
    return {
      effects: { addHost: { name: hostName, groups, variables } },
      fields: { add_host: { host_name: hostName, groups, host_vars: variables } },
    };
  },
});
