import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { fileArguments } from './shared/attributes.ts';
import { pythonRegex, pythonSearch } from './shared/python-regex.ts';
import type { TextFile } from './shared/text-file.ts';
import { asIn, keepLines, planEdit, readTextFile } from './shared/text-file.ts';

interface BlockArguments {
  readonly block: string;
  readonly state: string;
  readonly marker: string;
  readonly marker_begin: string;
  readonly marker_end: string;
  readonly insertafter?: string | undefined;
  readonly insertbefore?: string | undefined;
  readonly append_newline: boolean;
  readonly prepend_newline: boolean;
}

export default stateModule({
  name: 'blockinfile',
  summary: 'Keep a block of lines between two marker lines in a text file.',
  notes: ['Each block of a file needs markers of its own: give {mark} in marker and a word that is unique.'],
  examples: `
- name: Name the cluster's hosts
  ansible.builtin.blockinfile:
    path: /etc/hosts
    marker: "# {mark} kubernetes hosts"
    block: |
      192.168.1.11 master1
      192.168.1.12 master2
`,
  returns: {
    msg: 'What was done: "Block inserted", "Block removed", "File created".',
    backup_file: 'The copy that was kept, with backup.',
  },
  args: {
    ...fileArguments,
    path: { type: 'path', required: true, aliases: ['dest', 'destfile', 'name'], doc: 'The file.' },
    state: {
      type: 'str',
      default: 'present',
      choices: ['absent', 'present'],
      doc: 'Whether the block is to be there.',
    },
    block: { type: 'str', default: '', aliases: ['content'], doc: 'The lines; without any the block is removed.' },
    marker: {
      type: 'str',
      default: '# {mark} ANSIBLE MANAGED BLOCK',
      doc: 'The marker lines; {mark} becomes BEGIN and END.',
    },
    marker_begin: { type: 'str', default: 'BEGIN', doc: 'What {mark} becomes in the first marker.' },
    marker_end: { type: 'str', default: 'END', doc: 'What {mark} becomes in the last marker.' },
    insertafter: { type: 'str', doc: 'EOF, or a regular expression: a new block goes behind its last match.' },
    insertbefore: { type: 'str', doc: 'BOF, or a regular expression: a new block goes before its last match.' },
    create: { type: 'bool', default: false, doc: 'Make a missing file.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of the file.' },
    append_newline: { type: 'bool', default: false, doc: 'Keep an empty line behind the block.' },
    prepend_newline: { type: 'bool', default: false, doc: 'Keep an empty line before the block.' },
    validate: { type: 'str', doc: 'Command that checks the file before it is put in place; %s is its path.' },
  },
  rules: { mutuallyExclusive: [['insertbefore', 'insertafter']] },
  probe: (args, host) => readTextFile(host, args.path, args),
  plan(args, file, host) {
    const { kind, path } = file.state;
    if (kind === 'absent' && !args.create) throw new ModuleFailure(`Path ${path} does not exist !`, { rc: 257 });
    if (kind === 'absent' && args.state === 'absent') {
      return { changes: [], result: { msg: `File ${path} not present` } };
    }
    const block = blockLines(args, file);
    const text = withBlock(args, file, block);
    const done = block.length === 0 ? 'Block removed' : 'Block inserted';
    const msg = kind === 'absent' ? 'File created' : text === file.text ? '' : done;
    return planEdit(args, file, { text, msg, makeFolder: true }, host);
  },
});

function markers(args: BlockArguments, file: TextFile): { readonly begin: string; readonly end: string } {
  const one = (mark: string): string => `${asIn(file, args.marker.replaceAll('{mark}', mark))}\n`;
  return { begin: one(args.marker_begin), end: one(args.marker_end) };
}

function blockLines(args: BlockArguments, file: TextFile): string[] {
  if (args.state !== 'present' || args.block === '') return [];
  const { begin, end } = markers(args, file);
  const block = asIn(file, args.block);
  return [begin, ...keepLines(block.endsWith('\n') ? block : `${block}\n`), end];
}

function withBlock(args: BlockArguments, file: TextFile, block: readonly string[]): string {
  let lines = keepLines(file.text);
  const { begin, end } = markers(args, file);
  const first = lines.lastIndexOf(begin);
  const last = lines.lastIndexOf(end);
  let place: number;
  if (first >= 0 && last >= 0) {
    place = Math.min(first, last);
    lines = lines.toSpliced(place, Math.abs(last - first) + 1);
  } else {
    place = newPlace(args, file, lines);
  }
  if (place > 0 && !lines[place - 1]!.endsWith('\n')) lines[place - 1] += '\n';
  if (args.prepend_newline && args.state === 'present' && place > 0 && lines[place - 1] !== '\n') {
    lines.splice(place, 0, '\n');
    place++;
  }
  lines.splice(place, 0, ...block);
  const behind = place + block.length;
  if (args.append_newline && args.state === 'present' && behind < lines.length && lines[behind] !== '\n') {
    lines.splice(behind, 0, '\n');
  }
  return lines.join('');
}

/** Where a block goes that is not in the file yet. */
function newPlace(args: BlockArguments, file: TextFile, lines: readonly string[]): number {
  const { insertafter, insertbefore } = args;
  if (insertbefore === 'BOF') return 0;
  const pattern = insertafter !== undefined && insertafter !== 'EOF' ? insertafter : insertbefore;
  if (pattern === undefined) return lines.length;
  const regex = pythonRegex(asIn(file, pattern), 'a');
  let found: number;
  if (/^\(\?[a-z]*m[a-z]*\)/.test(pattern)) {
    const match = pythonSearch(regex, file.text);
    const at = match ? match.index + (insertafter === undefined ? 0 : match[0].length) : -1;
    found = at < 0 ? -1 : file.text.slice(0, at).split('\n').length - 1;
  } else {
    found = lines.findLastIndex((line) => pythonSearch(regex, line));
  }
  if (found < 0) return lines.length;
  return Math.min(insertafter === undefined ? found : found + 1, lines.length);
}
