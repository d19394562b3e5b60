import type { Arguments } from '../runner/module/arguments.ts';
import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { nothingThere, removeCommand } from '../runner/module/host-files.ts';
import { encode } from '../runner/python/bytes.ts';
import type { SourceFile } from './apt_repository/sources.ts';
import {
  parseSourceLine,
  parseSources,
  sourceFileName,
  sourcesQuery,
  undoWhenFailing,
} from './apt_repository/sources.ts';
import { aptPrelude, updateScript } from './shared/apt/run.ts';
import { linesText, textLines } from './shared/edited-file.ts';
import { modeBits, modeText } from './shared/file-mode.ts';
import { runSections, section } from './shared/probe.ts';

const args = {
  repo: { type: 'str', required: true, doc: 'A source line: `deb [signed-by=…] https://… suite component`.' },
  state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether it is there.' },
  filename: { type: 'str', doc: 'Name of the file in /etc/apt/sources.list.d; made of the address when not given.' },
  mode: { type: 'raw', doc: 'Permissions of the file (0644).' },
  update_cache: {
    type: 'bool',
    default: true,
    aliases: ['update-cache'],
    doc: 'Refresh the package lists after a change.',
  },
  update_cache_retries: { type: 'int', default: 5, doc: 'How often refreshing is tried.' },
  update_cache_retry_max_delay: { type: 'int', default: 12, doc: 'Most seconds between two tries.' },
  codename: { type: 'str', doc: 'For a PPA.', unsupported: 'PPAs are not supported; write the source line' },
  validate_certs: { type: 'bool', default: true, doc: 'Has no effect: only PPAs are looked up.' },
  install_python_apt: { type: 'bool', default: true, doc: 'Has no effect: nothing has to be installed.' },
} as const;

export default stateModule({
  name: 'apt_repository',
  summary: 'Add or remove a package repository, as one line in /etc/apt/sources.list.d.',
  notes: [
    'PPAs (`ppa:owner/name`) are not supported: write the source line and its key.',
    'When refreshing the lists fails, a file that was made for the repository is removed again, so that the next run tries anew.',
  ],
  examples: `
- ansible.builtin.apt_repository:
    repo: deb [signed-by=/etc/apt/keyrings/kubernetes.asc] https://pkgs.k8s.io/core:/stable:/v1.30/deb/ /
    filename: kubernetes
`,
  returns: { repo: 'The source line.', state: 'Its state.' },
  args,
  async probe(given, host): Promise<readonly SourceFile[]> {
    const source = parseSourceLine(given.repo)?.source;
    const path = source === undefined ? undefined : sourceFileName(source, given.filename);
    const sections = await runSections(host, section('sources', sourcesQuery(path)));
    return parseSources(sections.get('sources'));
  },
  plan(given, files) {
    if (/^ppa:/.test(given.repo)) throw new ModuleFailure('PPAs are not supported; write the source line and its key');
    const wanted = parseSourceLine(given.repo);
    if (!wanted?.enabled) throw new ModuleFailure(`Invalid repository string: ${given.repo}`);
    const changes = given.state === 'absent' ? removals(files, wanted.source) : additions(given, files, wanted.source);
    const result = { repo: given.repo, state: given.state };
    if (changes.length === 0 || !given.update_cache) return { changes, result };
    return { changes: [...changes, updateChange(given, files, changes)], result };
  },
});

function additions(given: Arguments<typeof args>, files: readonly SourceFile[], source: string): Change[] {
  const mode =
    given.mode === undefined ? '0644' : modeText(modeBits(given.mode, { mode: 0o644, directory: false, umask: 0o022 }));
  let isThere = false;
  const changes: Change[] = [];
  for (const file of files) {
    const lines = textLines(file.text).map((line) => {
      const parsed = parseSourceLine(line);
      if (parsed?.source !== source) return line;
      isThere = true;
      return parsed.enabled ? line : parsed.source;
    });
    if (linesText(lines) !== linesText(textLines(file.text))) changes.push(write(file, linesText(lines)));
  }
  if (isThere) return changes;
  const path = sourceFileName(source, given.filename);
  const file = files.find((candidate) => candidate.path === path);
  const text = linesText([...textLines(file?.text ?? ''), source]);
  return [
    ...changes,
    write(
      file ?? { path, text: '', identity: nothingThere },
      text,
      file === undefined || given.mode !== undefined ? mode : undefined,
    ),
  ];
}

function removals(files: readonly SourceFile[], source: string): Change[] {
  return files.flatMap((file) => {
    const lines = textLines(file.text);
    const kept = lines.filter((line) => parseSourceLine(line)?.source !== source);
    if (kept.length === lines.length) return [];
    const isEmpty = kept.every((line) => line.trim() === '');
    if (!isEmpty || file.path === '/etc/apt/sources.list') return [write(file, linesText(kept))];
    const diff = { before: file.text, after: '', beforeHeader: file.path, afterHeader: '/dev/null' };
    return [{ what: file.path, diff, command: removeCommand(file.path, file.identity), guarded: true }];
  });
}

function write(file: SourceFile, after: string, mode?: string): Change {
  const { path, text: before, identity: replaces } = file;
  return {
    what: path,
    diff: { before, after, beforeHeader: path, afterHeader: path },
    send: { source: encode(after), destination: path, attributes: mode === undefined ? {} : { mode }, replaces },
  };
}

function updateChange(given: Arguments<typeof args>, files: readonly SourceFile[], changes: readonly Change[]): Change {
  const prelude = aptPrelude({ lockTimeout: 60, dpkgOptions: '', policyRcD: undefined });
  const command = prelude + updateScript(given.update_cache_retries, given.update_cache_retry_max_delay);
  const path = changes.at(-1)?.send?.destination;
  const isNew = path !== undefined && files.every((file) => file.path !== path);
  return {
    what: 'package lists',
    diff: { before: '', after: '' },
    command: isNew ? undoWhenFailing(command, path) : command,
  };
}
