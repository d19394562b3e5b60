import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import type { IniArguments } from './ini_file/edit.ts';
import { withoutSetting, withSetting } from './ini_file/edit.ts';
import { fileArguments } from './shared/attributes.ts';
import { keepLines, planEdit, readTextFile } from './shared/text-file.ts';

export default stateModule({
  name: 'ini_file',
  collections: ['community.general'],
  summary: 'Make sure that a setting is in an INI file, or is not.',
  notes: [
    'A line that is commented out is taken for the setting and made active, unless modify_inactive_option is false.',
    'Links are followed.',
  ],
  examples: `
- community.general.ini_file:
    path: /etc/NetworkManager/NetworkManager.conf
    section: keyfile
    option: unmanaged-devices
    value: interface-name:cali*
    mode: "0644"
`,
  returns: {
    msg: 'What was done: "option added", "option changed", "section removed" …',
    path: 'The file.',
    backup_file: 'The copy that was kept, with backup.',
  },
  args: {
    ...fileArguments,
    path: { type: 'path', required: true, aliases: ['dest'], doc: 'The file.' },
    section: { type: 'str', doc: 'The section; without it what stands before the first one.' },
    option: { type: 'str', doc: 'The setting; without it state absent removes the section.' },
    value: { type: 'str', doc: 'Its value.' },
    values: { type: 'list', elements: 'str', doc: 'Its values, for a setting that stands several times.' },
    state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether it is to be there.' },
    exclusive: { type: 'bool', default: true, doc: 'Remove its other values.' },
    no_extra_spaces: { type: 'bool', default: false, doc: 'Write a=b instead of a = b.' },
    allow_no_value: { type: 'bool', default: false, doc: 'Write the setting without = when it has no value.' },
    modify_inactive_option: { type: 'bool', default: true, doc: 'Use a line that is commented out.' },
    create: { type: 'bool', default: true, doc: 'Make a missing file.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of the file.' },
    follow: { type: 'bool', default: false, doc: 'Edit what a link at path leads to instead of replacing the link.' },
  },
  rules: { mutuallyExclusive: [['value', 'values']] },
  probe: (args, host) => readTextFile(host, args.path, args, args.follow ? 'follow' : 'replace'),
  plan(args, file, host) {
    const { value, values, state } = args;
    if (state === 'present' && !args.allow_no_value && value === undefined && !values?.length) {
      throw new ModuleFailure("Parameter 'value(s)' must be defined if state=present and allow_no_value=False.");
    }
    if (file.state.kind === 'absent' && !args.create) {
      throw new ModuleFailure(`Destination ${file.state.path} does not exist!`, { rc: 257 });
    }
    const wanted: IniArguments = { ...args, values: [...new Set(value === undefined ? (values ?? []) : [value])] };
    const lines = keepLines(file.text.replace(/^\ufeff/, ''));
    if (lines.length === 0) lines.push('\n');
    const last = lines.length - 1;
    if (!lines[last]!.endsWith('\n')) lines[last] += '\n';
    const edited = state === 'present' ? withSetting(wanted, lines) : withoutSetting(wanted, lines);
    const untouched = file.text === '' && edited.msg === 'OK';
    const text = untouched ? file.text : edited.lines.join('');
    return planEdit(args, file, { text, msg: edited.msg, makeFolder: true }, host);
  },
});
