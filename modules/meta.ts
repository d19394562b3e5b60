import { controllerModule } from '../runner/module/contract.ts';

export default controllerModule({
  name: 'meta',
  summary: 'Steer the run: flush handlers, end the play or the host, drop the connection …',
  notes: [
    'Carried out by the strategy, never as a module on a host.',
    'refresh_inventory and clear_host_errors of Ansible are not supported.',
  ],
  examples: `
- ansible.builtin.meta: flush_handlers
- ansible.builtin.meta: end_host
  when: inventory_hostname in skipped_hosts
`,
  args: {
    free_form: {
      type: 'str',
      required: true,
      fixed: true,
      choices: [
        'noop',
        'flush_handlers',
        'clear_facts',
        'end_batch',
        'end_play',
        'end_host',
        'end_role',
        'reset_connection',
      ],
      doc: 'What to do.',
    },
  },
  freeForm: 'free_form',
  async run() {
    throw new Error('meta is carried out by the strategy');
  },
});
