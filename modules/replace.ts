import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { fileArguments } from './shared/attributes.ts';
import { pythonRegex, pythonReplace, pythonSearch, withPlaces } from './shared/python-regex.ts';
import type { TextFile } from './shared/text-file.ts';
import { asIn, planEdit, readTextFile } from './shared/text-file.ts';

interface ReplaceArguments {
  readonly regexp: string;
  readonly replace: string;
  readonly after?: string | undefined;
  readonly before?: string | undefined;
}

export default stateModule({
  name: 'replace',
  summary: 'Replace all that a regular expression matches in a text file.',
  notes: [
    'Regular expressions are Python’s with MULTILINE: ^ and $ are the ends of lines. What JavaScript cannot do is an error.',
    'Files that are not UTF-8 are changed byte by byte, so that encoding is not needed; only utf-8 is accepted.',
  ],
  examples: `
- name: Switch off swap in fstab
  ansible.builtin.replace:
    path: /etc/fstab
    regexp: ^([^#].*\\sswap\\s.*)$
    replace: '# \\1'
`,
  returns: { msg: 'How many replacements were made.', backup_file: 'The copy that was kept, with backup.' },
  args: {
    ...fileArguments,
    path: { type: 'path', required: true, aliases: ['dest', 'destfile', 'name'], doc: 'The file.' },
    regexp: { type: 'str', required: true, doc: 'What is replaced.' },
    replace: { type: 'str', default: '', doc: 'What it is replaced by; \\1 and \\g<name> are the match’s groups.' },
    after: { type: 'str', doc: 'Only what stands behind this regular expression.' },
    before: { type: 'str', doc: 'Only what stands before this regular expression.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of the file.' },
    encoding: { type: 'str', default: 'utf-8', choices: ['utf-8', 'utf8'], doc: 'The encoding of the file.' },
    others: { type: 'str', unsupported: 'it has no meaning', doc: 'Nothing.' },
    validate: { type: 'str', doc: 'Command that checks the file before it is put in place; %s is its path.' },
  },
  probe: (args, host) => readTextFile(host, args.path, args),
  plan(args, file, host) {
    const { kind, path } = file.state;
    if (kind === 'absent') throw new ModuleFailure(`Path ${path} does not exist !`, { rc: 257 });
    const section = sectionOf(args, file);
    if (!section) {
      const msg = `Pattern for before/after params did not match the given file: ${sectionPattern(args)}`;
      return { changes: [], result: { msg, rc: 0 } };
    }
    const part = file.text.slice(section.start, section.end);
    const replaced = pythonReplace(pythonRegex(asIn(file, args.regexp), 'm'), asIn(file, args.replace), part);
    const text = file.text.slice(0, section.start) + replaced.text + file.text.slice(section.end);
    const msg = text === file.text ? '' : `${replaced.count} replacements made`;
    return planEdit(args, file, { text, msg, fields: { rc: 0 } }, host);
  },
});

function sectionPattern(args: ReplaceArguments): string {
  const { after, before } = args;
  if (after && before) return `${after}(?P<subsection>.*?)${before}`;
  if (after) return `${after}(?P<subsection>.*)`;
  return before ? `(?P<subsection>.*)${before}` : '';
}

/** The part of the file that is worked on, undefined when its bounds are not there. */
function sectionOf(
  args: ReplaceArguments,
  file: TextFile,
): { readonly start: number; readonly end: number } | undefined {
  const pattern = sectionPattern(args);
  if (pattern === '') return { start: 0, end: file.text.length };
  const match = pythonSearch(withPlaces(pythonRegex(asIn(file, pattern), 's')), file.text);
  const place = match?.indices?.groups?.subsection;
  return place && { start: place[0], end: place[1] };
}
