import type { Arguments } from '../runner/module/arguments.ts';
import type { Change, Host } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { editableText, editLimit, linesText, textChange, textLines } from './shared/edited-file.ts';
import type { FileState } from './shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import { folderWarnings, unlessEarlier } from './shared/forecast.ts';
import { runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';

const usualFile = '/etc/sysctl.conf';

const args = {
  name: { type: 'str', required: true, aliases: ['key'], doc: 'The parameter, e.g. `net.ipv4.ip_forward`.' },
  value: { type: 'str', aliases: ['val'], doc: 'The value; needed for state present.' },
  state: {
    type: 'str',
    default: 'present',
    choices: ['present', 'absent'],
    doc: 'Whether the file holds the parameter.',
  },
  sysctl_file: { type: 'path', default: usualFile, doc: 'The file; its folder must exist.' },
  reload: { type: 'bool', default: true, doc: 'Load the file when it was changed.' },
  sysctl_set: { type: 'bool', default: false, doc: 'Compare and set the value of the running kernel too.' },
  ignoreerrors: { type: 'bool', default: false, doc: 'Do not fail for parameters that the kernel does not know.' },
} as const;

interface Current {
  readonly file: FileState;
  /** The running kernel's value, undefined when it has no such parameter. */
  readonly running: string | undefined;
  /** Whether the host reads the file when it boots; false where that is known not to be so. */
  readonly isReadAtBoot: boolean;
}

/** sh text that tells when systemd boots the host and no link of its folders leads to the usual file: Debian has none from 13 on. */
const bootProbe = `if [ -d /run/systemd/system ]; then
  x=; for f in /etc/sysctl.d/*.conf /run/sysctl.d/*.conf /usr/local/lib/sysctl.d/*.conf /usr/lib/sysctl.d/*.conf /lib/sysctl.d/*.conf; do
    [ ! -L "$f" ] || [ "$(readlink -f "$f")" != ${usualFile} ] || x=1
  done
  [ "$x" ] || echo notatboot=1
fi
`;

export default stateModule({
  name: 'sysctl',
  collections: ['ansible.posix'],
  summary: 'Set a kernel parameter, in its file and in the running kernel.',
  notes: [
    'When the file has to be changed the running value is set first, so that a run that was killed in between is completed by the next one.',
    'Other lines of the file stay as they are; Ansible rewrites them.',
    'Some versions of sysctl succeed though the kernel refuses a value; what they complain of counts as a failure all the same.',
    'The default file is not read at boot by Debian 13 and others: a warning says so. Give sysctl_file a name in /etc/sysctl.d.',
  ],
  examples: `
- ansible.posix.sysctl:
    name: net.ipv4.ip_forward
    value: "1"
    sysctl_file: /etc/sysctl.d/99-kubernetes.conf
    sysctl_set: true
`,
  returns: {},
  args,
  async probe(given, host): Promise<Current> {
    const name = quote(given.name.trim());
    const file = fileProbe(pathWord(given.sysctl_file), { follow: true, content: editLimit });
    const asks = given.sysctl_set || (host.checkMode && given.reload && given.state === 'present');
    const running = asks ? `r; x=$(sysctl -n ${name} 2>/dev/null) && k running "$x"\n` : 'r\n';
    const boot = given.sysctl_file === usualFile && given.state === 'present' ? bootProbe : '';
    const [fileRecord, kernel] = await runRecords(host, `${filePrelude}${file}${running}${boot}`);
    return {
      file: parseFileState(fileRecord!),
      running: kernel?.text('running'),
      isReadAtBoot: kernel?.has('notatboot') !== true,
    };
  },
  plan(given, current, host) {
    const name = given.name.trim();
    const value = given.value?.trim();
    if (name === '') throw new ModuleFailure('name cannot be blank');
    if (given.state === 'present' && (value === undefined || value === '')) {
      throw new ModuleFailure('value cannot be None or blank for state present');
    }
    const before = editableText(current.file);
    const lines = textLines(before);
    const after = given.state === 'present' ? withParameter(lines, name, value!) : withoutParameter(lines, name);
    const edit = given.state === 'absent' && current.file.kind === 'absent' ? [] : edited(current.file, lines, after);
    const kernel = given.state === 'present' ? kernelChange(given, current, value!, edit.length > 0) : [];
    const reload = given.reload && edit.length > 0 ? [reloadChange(given, current.file.path)] : [];
    const warnings = host.checkMode ? forecast(given, current, kernel.length > 0, host) : [];
    return { changes: [...kernel, ...edit, ...reload], warnings: [...bootWarnings(current), ...warnings] };
  },
});

function bootWarnings({ isReadAtBoot }: Current): string[] {
  if (isReadAtBoot) return [];
  return [`${usualFile} is not read when this host boots: give sysctl_file a name in /etc/sysctl.d`];
}

/** What check mode warns of: a run would fail, as the host is now. `sets` says whether the kernel is told anything. */
function forecast(given: Arguments<typeof args>, current: Current, sets: boolean, host: Host): string[] {
  const isUnknown = sets && current.running === undefined && !given.ignoreerrors;
  const what = `the kernel has no parameter ${given.name.trim()}`;
  return [...(isUnknown ? [unlessEarlier(what, 'load its module')] : []), ...folderWarnings(current.file, host)];
}

function edited(file: FileState, before: readonly string[], after: readonly string[]): Change[] {
  const same = before.length === after.length && before.every((line, index) => line === after[index]);
  return same && file.kind !== 'absent' ? [] : textChange(file, linesText(after));
}

/** The parameter of a line, undefined for comments and what is none. */
function parameterOf(line: string): { name: string; value: string } | undefined {
  if (/^\s*([#;]|$)/.test(line)) return undefined;
  const at = line.indexOf('=');
  if (at < 0) return undefined;
  return { name: line.slice(0, at).trim().replace(/^-/, ''), value: line.slice(at + 1).trim() };
}

function withParameter(lines: readonly string[], name: string, value: string): string[] {
  const wanted = `${name}=${value}`;
  const places = lines.flatMap((line, index) => (parameterOf(line)?.name === name ? [index] : []));
  if (places.length === 0) return [...lines, wanted];
  const keeps = places.length === 1 && sameValue(parameterOf(lines[places[0]!]!)!.value, value);
  if (keeps) return [...lines];
  return lines.flatMap((line, index) => (index === places[0] ? [wanted] : places.includes(index) ? [] : [line]));
}

function withoutParameter(lines: readonly string[], name: string): string[] {
  return lines.filter((line) => parameterOf(line)?.name !== name);
}

/** The kernel prints tabs where people write blanks. */
function sameValue(one: string, other: string): boolean {
  return one.trim().split(/\s+/).join(' ') === other.trim().split(/\s+/).join(' ');
}

function kernelChange(given: Arguments<typeof args>, current: Current, value: string, fileChanges: boolean): Change[] {
  const differs = given.sysctl_set && (current.running === undefined || !sameValue(current.running, value));
  const loads = given.reload && fileChanges;
  if (!differs && !loads) return [];
  const words = `-w ${quote(`${given.name.trim()}=${value}`)}`;
  // Of what is set alone each complaint tells that it was not.
  const command = sysctlCommand(given, words, '^(sysctl|error): ');
  if (!differs) return [{ what: `running ${given.name}`, command, diff: { before: '', after: '' } }];
  return [{ what: `running ${given.name}`, before: current.running, after: value, command }];
}

function reloadChange(given: Arguments<typeof args>, path: string): Change {
  return {
    what: `load ${path}`,
    // Parameters that the kernel does not have may be those of others.
    command: sysctlCommand(given, `-p ${quote(path)}`, 'setting key .*: (Invalid argument|Read-only file system)'),
    diff: { before: '', after: '' },
  };
}

/** sh text that runs sysctl, and fails as well when it ends with 0 (procps 4.0.4 does) but complains of what the pattern says. */
function sysctlCommand(given: Arguments<typeof args>, words: string, failure: string): string {
  const ignore = given.ignoreerrors ? ' -e' : '';
  return `x=$(LC_ALL=C sysctl${ignore} ${words} 2>&1 >/dev/null); r=$?
[ -z "$x" ] || printf '%s\\n' "$x" >&2
[ $r -eq 0 ] || exit $r
! printf '%s\\n' "$x" | grep -qE ${quote(failure)}`;
}
