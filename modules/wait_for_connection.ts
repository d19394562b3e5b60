import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { wait } from '../runner/wait.ts';
import { waitForHost } from './shared/reconnect.ts';

export default commandModule({
  name: 'wait_for_connection',
  summary: 'Wait until the host can be logged in to.',
  examples: `
- ansible.builtin.wait_for_connection:
    delay: 5
    timeout: 300
`,
  returns: { elapsed: 'Seconds that it took.' },
  inCheckMode: 'skip',
  args: {
    connect_timeout: { type: 'int', default: 5, doc: 'Seconds that one try may take.' },
    delay: { type: 'int', default: 0, doc: 'Seconds before the first try.' },
    sleep: { type: 'int', default: 1, doc: 'Seconds between two tries.' },
    timeout: { type: 'int', default: 600, doc: 'Seconds in all.' },
  },
  async run(args, host) {
    const start = Date.now();
    await wait(args.delay * 1000);
    const test = async (): Promise<boolean> => (await host.run('exit 0')).rc === 0;
    const options = { timeout: args.timeout, connectTimeout: args.connect_timeout, pause: args.sleep };
    const failure = await waitForHost(host, test, options);
    const elapsed = Math.floor((Date.now() - start) / 1000);
    if (failure !== undefined) {
      throw new ModuleFailure(`timed out waiting for the connection: ${failure}`, { elapsed });
    }
    return { fields: { elapsed } };
  },
});
