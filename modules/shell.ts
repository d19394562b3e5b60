import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { guardArguments, runGuarded, shellScript, stdinText } from './shared/command.ts';

export default commandModule({
  name: 'shell',
  summary: 'Run text with a shell.',
  notes: [
    'The text is run by /bin/sh unless `executable` names another shell; bash’s own syntax needs `executable: /bin/bash`.',
    'start, end and delta are measured by the clock of the machine that kplay runs on.',
  ],
  examples: `
- name: Count what is in use
  ansible.builtin.shell: crictl images -q | wc -l
  register: images
  changed_when: false
- ansible.builtin.shell:
    cmd: set -o pipefail; kubectl get nodes -o name | sort > /tmp/nodes
    executable: /bin/bash
    creates: /tmp/nodes
`,
  returns: {
    cmd: 'The text that was run.',
    rc: 'The exit code.',
    stdout: 'What it printed; stdout_lines has the lines.',
    stderr: 'What it printed to its standard error; stderr_lines has the lines.',
    start: 'When it was started.',
    end: 'When it ended.',
    delta: 'How long it took.',
  },
  inCheckMode: 'run',
  freeForm: '_raw_params',
  takesCommand: true,
  args: {
    ...guardArguments,
    _raw_params: { type: 'str', doc: 'The text, when it stands behind the module’s name.' },
    cmd: { type: 'str', doc: 'The text.' },
    executable: { type: 'path', doc: 'The shell, an absolute path (default /bin/sh).' },
    warn: { type: 'bool', deprecated: 'it has no effect any more', doc: 'Nothing.' },
    stdin: { type: 'str', doc: 'What the text reads as its standard input.' },
    stdin_add_newline: { type: 'bool', default: true, doc: 'End stdin with a line end.' },
  },
  rules: { mutuallyExclusive: [['_raw_params', 'cmd']] },
  async run(args, host) {
    const text = args.cmd ?? args._raw_params ?? '';
    if (text.trim() === '') throw new ModuleFailure('no command given', { rc: 256 });
    const stdin = stdinText(args.stdin, args.stdin_add_newline);
    return runGuarded({ ...args, cmd: text, script: shellScript(text, args.executable), stdin, strip: true }, host);
  },
});
