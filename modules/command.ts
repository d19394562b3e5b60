import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { guardArguments, runGuarded, stdinText } from './shared/command.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';
import { splitWords } from './shared/split-words.ts';

export default commandModule({
  name: 'command',
  summary: 'Run a program, without a shell’s meaning of its words.',
  notes: [
    'The words reach the program as they are: no pipes, redirections or wildcards. `$NAME` and a leading `~` are expanded unless `expand_argument_vars` is false.',
    'start, end and delta are measured by the clock of the machine that kplay runs on.',
    'A program that a signal ended has rc 128 + the signal’s number.',
  ],
  examples: `
- name: Initialise the control plane once
  ansible.builtin.command:
    cmd: kubeadm init --config /etc/kubernetes/kubeadm.yaml
    creates: /etc/kubernetes/admin.conf
- ansible.builtin.command: hostname -f
`,
  returns: {
    cmd: 'The words that were run.',
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
    _raw_params: { type: 'str', doc: 'The command line, when it stands behind the module’s name.' },
    cmd: { type: 'str', doc: 'The command line.' },
    argv: { type: 'list', elements: 'str', doc: 'The words of the command line, in place of cmd.' },
    warn: { type: 'bool', deprecated: 'it has no effect any more', doc: 'Nothing.' },
    stdin: { type: 'str', doc: 'What the program reads as its standard input.' },
    stdin_add_newline: { type: 'bool', default: true, doc: 'End stdin with a line end.' },
    strip_empty_ends: { type: 'bool', default: true, doc: 'Take empty lines off the end of the output.' },
    expand_argument_vars: { type: 'bool', default: true, doc: 'Expand $NAME and ~ in the words.' },
  },
  rules: { mutuallyExclusive: [['_raw_params', 'cmd', 'argv']] },
  async run(args, host) {
    const words = args.argv ?? splitWords(args.cmd ?? args._raw_params ?? '');
    const [program] = words;
    if (program === undefined || program === '') throw new ModuleFailure('no command given', { rc: 256 });
    const asWord = args.expand_argument_vars ? pathWord : quote;
    return runGuarded(
      {
        ...args,
        cmd: words,
        script: `exec ${words.map(asWord).join(' ')}`,
        program: { word: asWord(program), name: program },
        stdin: stdinText(args.stdin, args.stdin_add_newline),
        strip: args.strip_empty_ends,
      },
      host,
    );
  },
});
