import { commandModule, ModuleFailure } from '../runner/module/contract.ts';

export default commandModule({
  name: 'ping',
  summary: 'Check that the host can be logged in to and runs sh.',
  notes: ['Needs no Python, unlike the module of the same name in Ansible.'],
  examples: `
- ansible.builtin.ping:
`,
  returns: { ping: 'The value of data.' },
  inCheckMode: 'run',
  args: {
    data: { type: 'str', default: 'pong', doc: 'What is returned; `crash` fails.' },
  },
  async run(args, host) {
    if (args.data === 'crash') throw new ModuleFailure('boom');
    const { rc, stderr } = await host.run('exit 0');
    if (rc !== 0) throw new ModuleFailure(`sh does not work on this host: ${stderr.trim()}`, { rc });
    return { fields: { ping: args.data } };
  },
});
