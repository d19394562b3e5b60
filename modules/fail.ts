import { controllerModule } from '../runner/module/contract.ts';

export default controllerModule({
  name: 'fail',
  summary: 'Fail the host with a message.',
  examples: `
- ansible.builtin.fail:
    msg: The control plane needs an odd number of hosts.
  when: groups.masters | length is divisibleby 2
`,
  returns: { msg: 'The message.' },
  args: {
    msg: { type: 'str', default: 'Failed as requested from task', doc: 'Why it fails.' },
  },
  async run(args) {
    return { failed: true, msg: args.msg };
  },
});
