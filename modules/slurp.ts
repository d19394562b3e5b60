import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { probeFile } from './shared/file-state.ts';

/** Bytes of a file that an answer of the host holds with ease, base64 and all. */
const limit = 40 * 1024 * 1024;

export default commandModule({
  name: 'slurp',
  summary: 'Read a file of the host, as base64.',
  notes: ['The file is held in memory, and may have 40 MiB; use fetch for larger ones.'],
  examples: `
- ansible.builtin.slurp:
    src: /etc/kubernetes/pki/ca.crt
  register: ca
- ansible.builtin.debug:
    msg: "{{ ca.content | b64decode }}"
`,
  returns: { content: 'The file as base64.', encoding: 'base64', source: 'The path.' },
  inCheckMode: 'run',
  args: { src: { type: 'path', required: true, aliases: ['path'], doc: 'The file.' } },
  async run(args, host) {
    const state = await probeFile(host, args.src, { follow: true, content: limit });
    if (state.kind === 'absent') throw new ModuleFailure(`file not found: ${args.src}`);
    if (state.kind === 'directory') {
      throw new ModuleFailure(`source is a directory and must be a file: ${args.src}`);
    }
    if (state.size > limit) {
      throw new ModuleFailure(`${args.src} has ${state.size} bytes, and slurp reads ${limit} at most; use fetch`);
    }
    if (state.content === undefined) throw new ModuleFailure(`unable to slurp file: ${args.src}`);
    const content = state.content.toString('base64');
    return { fields: { content, encoding: 'base64', source: state.path } };
  },
});
