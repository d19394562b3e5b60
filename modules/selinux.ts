import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { editableText, editLimit, textChange } from './shared/edited-file.ts';
import type { FileState } from './shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import { runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';

interface Current {
  readonly file: FileState;
  /** enforcing, permissive, or disabled when the kernel runs without. */
  readonly running: string;
}

export default stateModule({
  name: 'selinux',
  collections: ['ansible.posix'],
  summary: 'Set the mode and policy of SELinux, in its file and in the running kernel.',
  notes: [
    'Switching it off, or on when it is off, needs a reboot: reboot_required says so.',
    'A host without SELinux is in state disabled.',
  ],
  examples: `
- ansible.posix.selinux:
    policy: targeted
    state: permissive
`,
  returns: {
    reboot_required: 'Whether a reboot is needed for the state to be so.',
    state: 'The state.',
    policy: 'The policy.',
    configfile: 'The file.',
  },
  args: {
    state: { type: 'str', required: true, choices: ['enforcing', 'permissive', 'disabled'], doc: 'The mode.' },
    policy: { type: 'str', doc: 'The policy, e.g. targeted; needed unless disabled.' },
    configfile: { type: 'str', default: '/etc/selinux/config', aliases: ['conf', 'file'], doc: 'The file.' },
    update_kernel_param: {
      type: 'bool',
      default: false,
      doc: 'Sets a kernel parameter too.',
      unsupported: 'use command with grubby',
    },
  },
  async probe(args, host): Promise<Current> {
    const [file, kernel] = await runRecords(
      host,
      `${filePrelude}${fileProbe(pathWord(args.configfile), { follow: true, content: editLimit })}
r; [ -r /sys/fs/selinux/enforce ] && k enforce "$(cat /sys/fs/selinux/enforce)"`,
    );
    const enforce = kernel?.text('enforce')?.trim();
    return {
      file: parseFileState(file!),
      running: enforce === undefined ? 'disabled' : enforce === '1' ? 'enforcing' : 'permissive',
    };
  },
  plan(args, current) {
    const { file, running } = current;
    const result = {
      state: args.state,
      configfile: args.configfile,
      policy: args.policy ?? '',
      reboot_required: false,
    };
    if (args.state !== 'disabled' && args.policy === undefined)
      throw new ModuleFailure('Policy is required if state is not disabled');
    if (file.kind === 'absent') {
      if (args.state === 'disabled') return { changes: [], result };
      throw new ModuleFailure(`SELinux is not installed: there is no ${args.configfile}`);
    }
    const text = withSetting(
      withSetting(editableText(file), 'SELINUX', args.state),
      'SELINUXTYPE',
      args.state === 'disabled' ? undefined : args.policy,
    );
    const changes: Change[] = textChange(file, text);
    const canSwitch = running !== 'disabled' && running !== args.state;
    const mode = args.state === 'enforcing' ? 'enforcing' : 'permissive';
    if (canSwitch && running !== mode) {
      changes.push({
        what: 'running mode',
        before: running,
        after: mode,
        command: `setenforce ${mode === 'enforcing' ? 1 : 0}`,
      });
    }
    const needsReboot = (running === 'disabled') !== (args.state === 'disabled');
    return { changes, result: { ...result, reboot_required: needsReboot } };
  },
});

function withSetting(text: string, key: string, value: string | undefined): string {
  if (value === undefined) return text;
  const line = new RegExp(`^${key}=.*$`, 'm');
  if (line.test(text)) return text.replace(line, `${key}=${value}`);
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${key}=${value}\n`;
}
