import { readFileSync } from 'node:fs';
import path from 'node:path';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { systemPath } from '../runner/python/file-names.ts';
import { guardArguments, runGuarded } from './shared/command.ts';
import { quote } from './shared/shell-quote.ts';
import { refuseVault } from './shared/source.ts';
import { splitWords } from './shared/split-words.ts';

export default commandModule({
  name: 'script',
  summary: 'Run a script of this machine on the host.',
  notes: [
    'The script goes over with the command that runs it, into a folder that only the task’s user can read, and is removed when it ends.',
    'Its words are read by the host’s shell, as in Ansible.',
  ],
  examples: `
- ansible.builtin.script: prepare-disk.sh /dev/sdb
  args:
    creates: /var/lib/data
- ansible.builtin.script:
    cmd: report.py --all
    executable: /usr/bin/python3
`,
  returns: {
    rc: 'The exit code.',
    stdout: 'What it printed; stdout_lines has the lines.',
    stderr: 'What it printed to its standard error; stderr_lines has the lines.',
  },
  inCheckMode: 'run',
  freeForm: '_raw_params',
  args: {
    ...guardArguments,
    _raw_params: { type: 'str', doc: 'The script and its words, when they stand behind the module’s name.' },
    cmd: { type: 'str', doc: 'The script, searched for in files/, and its words.' },
    executable: { type: 'str', doc: 'The program that runs the script.' },
    decrypt: {
      type: 'bool',
      default: true,
      doc: 'No: a script that is encrypted with vault is run as it is. Else such a script is refused: vault is not supported.',
    },
  },
  rules: { mutuallyExclusive: [['_raw_params', 'cmd']] },
  async run(args, host) {
    const line = (args.cmd ?? args._raw_params ?? '').trim();
    const [name] = splitWords(line);
    if (name === undefined) throw new ModuleFailure('no script given', { rc: 256 });
    const file = host.controller.findFile(name, 'files');
    if (args.decrypt) refuseVault(file);
    const rest = line.replace(/^("(?:[^"\\]|\\.)*"|'[^']*'|\\.|[^\s"'])+\s*/, '');
    const script = inOwnFolder(path.basename(file), args.executable, rest);
    return runGuarded({ ...args, cmd: line, script, stdin: readFileSync(systemPath(file)), strip: false }, host);
  },
});

/** sh text that takes the script from its standard input, runs it and removes it, whatever becomes of it. */
function inOwnFolder(name: string, executable: string | undefined, rest: string): string {
  return `kplay_folder=$(umask 077; mktemp -d "\${TMPDIR:-/tmp}/kplay-script-XXXXXXXX") || exit 1
trap 'rm -rf "$kplay_folder"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
kplay_script=$kplay_folder/${quote(name)}
(umask 077; cat > "$kplay_script") && chmod 700 "$kplay_script" || exit 1
${executable ?? ''} "$kplay_script" ${rest} < /dev/null`;
}
