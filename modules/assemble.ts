import { statSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { encode } from '../runner/python/bytes.ts';
import { namesIn, systemPath } from '../runner/python/file-names.ts';
import { fileArguments } from './shared/attributes.ts';
import type { FileState } from './shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import { diffLimit, localBytes } from './shared/files.ts';
import { placeFile } from './shared/place-file.ts';
import { runRecords } from './shared/probe-records.ts';
import { pythonRegex, pythonSearch } from './shared/python-regex.ts';
import { pathWord } from './shared/shell-path.ts';
import { sourceOfBytes } from './shared/source.ts';

interface Fragment {
  readonly name: string;
  readonly content: Buffer;
}

interface Current {
  readonly state: FileState;
  readonly fragments: readonly Fragment[];
}

export default stateModule({
  name: 'assemble',
  summary: 'Put the files of a folder together into one file.',
  notes: ['Fragments are held in memory.'],
  examples: `
- ansible.builtin.assemble:
    src: /etc/haproxy/conf.d
    dest: /etc/haproxy/haproxy.cfg
    regexp: \\.cfg$
    validate: haproxy -c -f %s
`,
  returns: {
    dest: 'The file.',
    src: 'The folder.',
    checksum: 'SHA-1 of the content.',
    backup_file: 'The copy that was kept, with backup.',
  },
  args: {
    ...fileArguments,
    src: { type: 'path', required: true, doc: 'The folder of fragments, which are taken in the order of their names.' },
    dest: { type: 'path', required: true, doc: 'The file.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of a file that is replaced.' },
    delimiter: { type: 'str', doc: 'A line between fragments; \\n in it is a line end.' },
    remote_src: { type: 'bool', default: true, doc: 'Whether the folder is on the host.' },
    regexp: { type: 'str', doc: 'Only fragments whose names this matches.' },
    ignore_hidden: { type: 'bool', default: false, doc: 'Leave out fragments whose names begin with a dot.' },
    decrypt: { type: 'bool', default: true, unsupported: 'fragments are taken as they are', doc: 'Decrypt fragments.' },
    validate: { type: 'str', doc: 'Command that checks the file before it is put in place; %s is its path.' },
  },
  async probe(args, host): Promise<Current> {
    const probe = {
      throughLink: args.remote_src,
      checksum: true,
      content: diffLimit,
      attributes: args,
      backup: args.backup,
    };
    const script = filePrelude + fileProbe(pathWord(args.dest), probe);
    const [dest, folder, ...rest] = await runRecords(
      host,
      args.remote_src ? script + fragmentsProbe(args.src) : script,
    );
    if (folder && !folder.has('directory')) {
      const msg = folder.has('exists')
        ? `Source (${args.src}) is not a directory`
        : `Source (${args.src}) does not exist`;
      throw new ModuleFailure(msg);
    }
    const fragments = rest.map((record) => ({ name: record.text('name')!, content: record.bytes('content') }));
    const unread = fragments.find(({ content }) => content === undefined);
    if (unread) throw new ModuleFailure(`could not read ${args.src}/${unread.name}`);
    const found = args.remote_src ? (fragments as Fragment[]) : localFragments(args.src, host);
    return { state: parseFileState(dest!), fragments: found };
  },
  plan(args, { state, fragments }, host) {
    const regex = args.regexp === undefined ? undefined : pythonRegex(args.regexp);
    const chosen = fragments
      .filter(({ name }) => !(args.ignore_hidden && name.startsWith('.')) && (!regex || pythonSearch(regex, name)))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
    const source = sourceOfBytes(joined(chosen, args.delimiter), args.src);
    return placeFile(args, state, source, host);
  },
});

function fragmentsProbe(src: string): string {
  return `r; q=${pathWord(src)}; if [ -e "$q" ]; then echo exists=1; fi
if [ -d "$q" ]; then echo directory=1
  for f in "$q"/* "$q"/.[!.]* "$q"/..?*; do
    if [ -f "$f" ]; then r; k name "\${f##*/}"; if [ -r "$f" ]; then b content < "$f"; fi; fi
  done
fi
`;
}

function localFragments(src: string, host: Host): Fragment[] {
  const folder = host.controller.findFile(src, 'files');
  if (!statSync(systemPath(folder)).isDirectory()) throw new ModuleFailure(`Source (${src}) is not a directory`);
  return namesIn(folder)
    .filter((name) => statSync(systemPath(path.join(folder, name))).isFile())
    .map((name) => ({ name, content: localBytes(path.join(folder, name)) }));
}

function joined(fragments: readonly Fragment[], delimiter: string | undefined): Buffer {
  const newline = Buffer.from('\n');
  const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', '\\': '\\' };
  const line = delimiter?.replace(/\\([ntr\\])/g, (_, letter: string) => escapes[letter]!);
  const parts: Buffer[] = [];
  for (const [index, { content }] of fragments.entries()) {
    const before = fragments[index - 1]?.content;
    if (before && before.at(-1) !== 10) parts.push(newline);
    if (index > 0 && line) parts.push(encode(line.endsWith('\n') ? line : `${line}\n`));
    parts.push(content);
  }
  return Buffer.concat(parts);
}
