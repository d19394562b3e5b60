import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { shellScript, userScript } from './shared/command.ts';

export default commandModule({
  name: 'raw',
  summary: 'Run text with the host’s shell, and nothing around it.',
  notes: ['kplay needs no Python on hosts, so that shell does all that raw does, and more.'],
  examples: `
- ansible.builtin.raw: apt-get install -y python3
`,
  returns: {
    rc: 'The exit code.',
    stdout: 'What it printed; stdout_lines has the lines.',
    stderr: 'What it printed to its standard error; stderr_lines has the lines.',
  },
  inCheckMode: 'skip',
  freeForm: '_raw_params',
  takesCommand: true,
  args: {
    _raw_params: { type: 'str', required: true, doc: 'The text.' },
    executable: { type: 'str', doc: 'The shell, an absolute path.' },
  },
  async run(args, host) {
    if (args._raw_params.trim() === '') throw new ModuleFailure('no command given', { rc: 256 });
    const script =
      args.executable === undefined ? userScript(args._raw_params) : shellScript(args._raw_params, args.executable);
    const { rc, stdout, stderr } = await host.run(script, { stream: true, userPath: true });
    const fields = { rc, stdout, stderr };
    return rc === 0 ? { changed: true, fields } : { changed: true, failed: true, msg: 'non-zero return code', fields };
  },
});
