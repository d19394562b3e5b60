import type { Plan } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { fileArguments } from './shared/attributes.ts';
import { expandTemplate, pythonRegex, pythonSearch } from './shared/python-regex.ts';
import type { TextFile } from './shared/text-file.ts';
import { asIn, keepLines, planEdit, readTextFile } from './shared/text-file.ts';

interface LineArguments {
  readonly line?: string | undefined;
  readonly regexp?: string | undefined;
  readonly search_string?: string | undefined;
  readonly insertafter?: string | undefined;
  readonly insertbefore?: string | undefined;
  readonly backrefs: boolean;
  readonly firstmatch: boolean;
}

interface Edited {
  readonly lines: readonly string[];
  readonly msg: string;
}

export default stateModule({
  name: 'lineinfile',
  summary: 'Make sure that a line is in a text file, or is not.',
  notes: [
    'Regular expressions are Python’s, apart from what JavaScript cannot do (possessive quantifiers, conditionals), which is an error.',
    'When regexp matches several lines, the last one is replaced, as in Ansible.',
  ],
  examples: `
- name: Let the kubelet use this address
  ansible.builtin.lineinfile:
    path: /etc/default/kubelet
    regexp: ^KUBELET_EXTRA_ARGS=
    line: KUBELET_EXTRA_ARGS=--node-ip=192.168.1.10
    create: true
    mode: "0644"
- ansible.builtin.lineinfile:
    path: /etc/fstab
    regexp: \\sswap\\s
    state: absent
`,
  returns: {
    msg: 'What was done: "line added", "line replaced", "2 line(s) removed".',
    found: 'How many lines were removed (absent).',
    backup: 'The copy that was kept, with backup.',
  },
  args: {
    ...fileArguments,
    path: { type: 'path', required: true, aliases: ['dest', 'destfile', 'name'], doc: 'The file.' },
    state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether the line is to be there.' },
    regexp: { type: 'str', aliases: ['regex'], doc: 'Finds the line that is replaced, or those that are removed.' },
    search_string: { type: 'str', doc: 'As regexp, but plain text.' },
    line: { type: 'str', aliases: ['value'], doc: 'The line.' },
    backrefs: {
      type: 'bool',
      default: false,
      doc: 'Fill \\1 in line from the match; without a match nothing is done.',
    },
    insertafter: { type: 'str', doc: 'EOF, BOF, or a regular expression: a new line goes behind its last match.' },
    insertbefore: { type: 'str', doc: 'BOF, or a regular expression: a new line goes before its last match.' },
    create: { type: 'bool', default: false, doc: 'Make a missing file.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of the file.' },
    firstmatch: { type: 'bool', default: false, doc: 'Work on the first match instead of the last.' },
    others: { type: 'str', unsupported: 'it has no meaning', doc: 'Nothing.' },
    validate: { type: 'str', doc: 'Command that checks the file before it is put in place; %s is its path.' },
  },
  rules: {
    mutuallyExclusive: [
      ['insertbefore', 'insertafter'],
      ['regexp', 'search_string'],
    ],
  },
  probe: (args, host) => readTextFile(host, args.path, args),
  plan(args, file, host) {
    const warnings = emptyPattern(args);
    if (args.state === 'absent') {
      if ((args.regexp ?? args.search_string ?? args.line) === undefined) {
        throw new ModuleFailure('one of line, search_string, or regexp is required with state=absent');
      }
      if (file.state.kind === 'absent') return { changes: [], result: { msg: 'file not present' }, warnings };
      const kept = withoutLines(args, file);
      const found = keepLines(file.text).length - kept.length;
      const msg = found > 0 ? `${found} line(s) removed` : '';
      const edit = { text: kept.join(''), msg, fields: { found, backup: '' }, backupField: 'backup' };
      return withWarnings(planEdit(args, file, edit, host), warnings);
    }
    if (args.backrefs && args.search_string !== undefined) {
      throw new ModuleFailure('parameters are mutually exclusive: backrefs|search_string');
    }
    if (args.backrefs && args.regexp === undefined) throw new ModuleFailure('regexp is required with backrefs=true');
    if (args.line === undefined) throw new ModuleFailure('line is required with state=present');
    if (file.state.kind === 'absent' && !args.create) {
      throw new ModuleFailure(`Destination ${file.state.path} does not exist !`, { rc: 257 });
    }
    const { lines, msg } = withLine(args, args.line, file);
    const edit = { text: lines.join(''), msg, fields: { backup: '' }, makeFolder: true, backupField: 'backup' };
    return withWarnings(planEdit(args, file, edit, host), warnings);
  },
});

function withWarnings(plan: Plan, warnings: readonly string[]): Plan {
  return { ...plan, warnings: [...warnings, ...(plan.warnings ?? [])] };
}

function emptyPattern(args: LineArguments): string[] {
  const name = args.regexp === '' ? 'regular expression' : args.search_string === '' ? 'search string' : undefined;
  return name ? [`The ${name} is an empty string, which matches every line in the file.`] : [];
}

/** A test for lines, and the match that it came to where there is one to fill in from. */
type Finder = (line: string) => RegExpExecArray | boolean;

function finderOf(args: LineArguments, file: TextFile): Finder | undefined {
  if (args.regexp !== undefined) {
    const regex = pythonRegex(asIn(file, args.regexp), 'a');
    return (line) => pythonSearch(regex, line) ?? false;
  }
  if (args.search_string === undefined) return undefined;
  const text = asIn(file, args.search_string);
  return (line) => line.includes(text);
}

function withoutLines(args: LineArguments, file: TextFile): string[] {
  const wanted = asIn(file, args.line ?? '');
  const find = finderOf(args, file) ?? ((line: string) => bare(line) === wanted);
  return keepLines(file.text).filter((line) => !find(line));
}

function bare(line: string): string {
  return line.replace(/[\r\n]+$/, '');
}

function withLine(args: LineArguments, wanted: string, file: TextFile): Edited {
  const lines = keepLines(file.text);
  const line = asIn(file, wanted);
  const found = findMatch(lines, finderOf(args, file), args.firstmatch);
  if (found) {
    const filled = args.backrefs && typeof found.match === 'object' ? expandTemplate(line, found.match) : line;
    return replaceAt(lines, found.index, filled);
  }
  const place = findPlace(args, lines, line, file);
  if (place.exact >= 0) return replaceAt(lines, place.exact, line);
  if (args.backrefs) return { lines, msg: '' };
  return insertLine(args, lines, line, place.insert);
}

function findMatch(
  lines: readonly string[],
  find: Finder | undefined,
  first: boolean,
): { readonly index: number; readonly match: RegExpExecArray | boolean } | undefined {
  if (!find) return undefined;
  let found: { index: number; match: RegExpExecArray | boolean } | undefined;
  for (const [index, line] of lines.entries()) {
    const match = find(line);
    if (!match) continue;
    found = { index, match };
    if (first) break;
  }
  return found;
}

/** Where the line stands already, or where insertafter or insertbefore would have it; -1 for nowhere. */
function findPlace(
  args: LineArguments,
  lines: readonly string[],
  line: string,
  file: TextFile,
): { readonly exact: number; readonly insert: number } {
  const { insertafter, insertbefore } = args;
  const after = insertafter !== undefined && insertafter !== 'EOF' && insertafter !== 'BOF' ? insertafter : undefined;
  const before = insertbefore !== undefined && insertbefore !== 'BOF' ? insertbefore : undefined;
  const pattern = after ?? before;
  const regex = pattern === undefined ? undefined : pythonRegex(asIn(file, pattern), 'a');
  let exact = -1;
  let insert = -1;
  for (const [index, current] of lines.entries()) {
    if (bare(current) === line) {
      exact = index;
    } else if (regex && pythonSearch(regex, current)) {
      insert = after === undefined ? index : index + 1;
      if (args.firstmatch) break;
    }
  }
  return { exact, insert };
}

function replaceAt(lines: readonly string[], index: number, line: string): Edited {
  const full = line.endsWith('\n') ? line : `${line}\n`;
  if (lines[index] === full) return { lines, msg: '' };
  return { lines: lines.with(index, full), msg: 'line replaced' };
}

function insertLine(args: LineArguments, lines: readonly string[], line: string, place: number): Edited {
  const added = (index: number): Edited => ({ lines: lines.toSpliced(index, 0, `${line}\n`), msg: 'line added' });
  if (args.insertbefore === 'BOF' || args.insertafter === 'BOF') return added(0);
  if (place < 0 || place >= lines.length) {
    if (place >= 0 && bare(lines[place - 1]!) === line) return { lines, msg: '' };
    const last = lines.at(-1);
    const ended = last === undefined || /[\r\n]$/.test(last) ? lines : [...lines, '\n'];
    return { lines: [...ended, `${line}\n`], msg: 'line added' };
  }
  if (args.insertafter !== undefined && bare(lines[place]!) === line) return { lines, msg: '' };
  return added(place);
}
