import path from 'node:path';
import type { ModuleResult } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { temporaryToken } from '../runner/module/host-files.ts';
import { guardArguments, runGuarded } from './shared/command.ts';
import { localBytes } from './shared/files.ts';
import { quote } from './shared/shell-quote.ts';
import { refuseVault } from './shared/source.ts';
import { splitWords } from './shared/split-words.ts';

export default commandModule({
  name: 'script',
  summary: 'Run a script of this machine on the host.',
  notes: [
    'The script goes over with the command that runs it, into a directory of its own in the home directory of the task’s user, which only that user can read, and is removed when it ends. Where nothing may be executed in the home directory, /tmp, /var/tmp and /dev/shm are tried.',
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
  takesCommand: true,
  args: {
    ...guardArguments,
    _raw_params: {
      type: 'str',
      file: 'files',
      doc: 'The script and its words, when they stand behind the module’s name.',
    },
    cmd: { type: 'str', file: 'files', doc: 'The script, searched for in files/, and its words.' },
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
    const script = inOwnDirectory(path.basename(file), args.executable, rest);
    const result = await runGuarded({ ...args, cmd: line, script, stdin: localBytes(file), strip: false }, host);
    return result.unneeded ? skippedSince(result.unneeded, args) : result;
  },
});

/** What creates and removes keep from running counts as skipped, unlike a command that they keep from running. */
function skippedSince(
  guard: 'creates' | 'removes',
  args: { readonly creates?: string | undefined; readonly removes?: string | undefined },
): ModuleResult {
  const reason = guard === 'creates' ? `${args.creates} exists` : `${args.removes} does not exist`;
  return { skipped: true, msg: `${reason}, matching ${guard} option` };
}

/** sh text that takes the script from its standard input, runs it and removes it, whatever becomes of it. */
function inOwnDirectory(name: string, executable: string | undefined, rest: string): string {
  return `kplay_scratch ${temporaryToken()} || exit 1
trap 'rm -rf "$kplay_d"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
kplay_script=$kplay_d/${quote(name)}
(umask 077; : > "$kplay_d/.empty"; exec cat > "$kplay_script") && chmod 700 "$kplay_d/.empty" "$kplay_script" || exit 1
${executable === undefined ? moveToWhereItRuns(name) : ''}
${executable ?? ''} "$kplay_script" ${rest} < /dev/null`;
}

/** Where a file system is mounted with noexec shows only by running something: busybox's test looks at the mode alone. */
function moveToWhereItRuns(name: string): string {
  return `if ! "$kplay_d/.empty" 2>/dev/null; then
  for kplay_x in /tmp /var/tmp /dev/shm; do
    kplay_y=$(umask 077; exec mktemp -d "$kplay_x/kplay-script-XXXXXXXX" 2>/dev/null) || continue
    mv "$kplay_d/.empty" "$kplay_script" "$kplay_y/" && rm -rf "$kplay_d" && kplay_d=$kplay_y && kplay_script=$kplay_d/${quote(name)} || exit 1
    ! "$kplay_d/.empty" 2>/dev/null || break
  done
  "$kplay_d/.empty" 2>/dev/null || { echo 'no file can be executed in the home directory, /tmp, /var/tmp or /dev/shm; give executable' >&2; exit 1; }
fi`;
}
