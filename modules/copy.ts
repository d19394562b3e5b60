import { statSync } from 'node:fs';
import path from 'node:path';
import type { Host } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { encode } from '../runner/python/bytes.ts';
import { systemPath } from '../runner/python/file-names.ts';
import { jsonText } from '../runner/python/json.ts';
import { pythonText } from '../runner/python/text.ts';
import type { Value } from '../runner/value.ts';
import { isMapping } from '../runner/value.ts';
import type { RemotePair } from './copy/remote.ts';
import { planRemote, probeRemote } from './copy/remote.ts';
import type { TreeState } from './copy/tree.ts';
import { placeTree, probeTree } from './copy/tree.ts';
import { fileArguments } from './shared/attributes.ts';
import type { FileState } from './shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import type { PlaceArguments } from './shared/place-file.ts';
import { placeFile, placeProbe } from './shared/place-file.ts';
import { runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';
import type { Source } from './shared/source.ts';
import { sourceOfBytes, sourceOfFile } from './shared/source.ts';

type Current =
  | { readonly kind: 'file'; readonly state: FileState; readonly source: Source }
  | { readonly kind: 'tree'; readonly tree: TreeState }
  | { readonly kind: 'remote'; readonly pair: RemotePair };

export default stateModule({
  name: 'copy',
  summary: 'Copy a file or folder, or a text, to a place on the host.',
  notes: [
    'A file is sent only when its SHA-1 differs, and stands at its place whole or not at all.',
    'All files of a folder are compared in one round trip. Folders that are there keep their attributes.',
    'Files that are encrypted with vault are refused; put the text into an encrypted variable and use content.',
    'In check mode a missing folder, owner or group is a warning, since an earlier task may make it. validate is not run, as in Ansible.',
  ],
  examples: `
- name: Place the repository's key
  ansible.builtin.copy:
    src: kubernetes.asc
    dest: /etc/apt/keyrings/kubernetes.asc
    mode: "0644"
- ansible.builtin.copy:
    content: |
      overlay
      br_netfilter
    dest: /etc/modules-load.d/kubernetes.conf
`,
  returns: {
    dest: 'Where it stands.',
    src: 'Where it came from.',
    checksum: 'SHA-1 of the content.',
    md5sum: 'MD5 of the content, of files up to 1 MiB.',
    size: 'Bytes.',
    mode: 'Permissions, e.g. 0644.',
    owner: 'Its user.',
    group: 'Its group.',
    uid: 'The user’s number.',
    gid: 'The group’s number.',
    state: 'file or directory',
    backup_file: 'The copy that was kept, with backup.',
  },
  args: {
    ...fileArguments,
    src: {
      type: 'path',
      file: 'files',
      doc: 'File or folder, searched for in files/; a folder with / at its end gives what it holds.',
    },
    content: { type: 'raw', doc: 'The text itself, in place of src; a list or dict becomes JSON.' },
    dest: { type: 'path', required: true, doc: 'Where it is to stand; a folder when it ends in a slash or is one.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of a file that is replaced.' },
    force: { type: 'bool', default: true, doc: 'Replace a file that is there; no: only make a missing one.' },
    checksum: { type: 'str', doc: 'SHA-1 that the source must have.' },
    directory_mode: { type: 'raw', doc: 'Permissions of folders that are made.' },
    remote_src: { type: 'bool', default: false, doc: 'Whether src is on the host.' },
    follow: { type: 'bool', default: false, doc: 'Follow a link at dest instead of replacing it.' },
    local_follow: {
      type: 'bool',
      default: true,
      doc: 'Follow links in a folder that is copied instead of making links.',
    },
    decrypt: { type: 'bool', default: true, doc: 'No: files that are encrypted with vault are copied as they are.' },
    validate: { type: 'str', doc: 'Command that checks the file before it is put in place; %s is its path.' },
  },
  rules: { mutuallyExclusive: [['src', 'content']], requiredOneOf: [['src', 'content']] },
  async probe(args, host): Promise<Current> {
    if (args.content !== undefined) {
      if (args.dest.endsWith('/')) throw new ModuleFailure('can not use content with a dir as dest');
      return probeSource(args, sourceOfBytes(contentBytes(args.content)), '', host);
    }
    const src = args.src!;
    if (args.remote_src) return { kind: 'remote', pair: await probeRemote({ ...args, src }, host) };
    const file = host.controller.findFile(src, 'files');
    if (statSync(systemPath(file)).isDirectory()) {
      const into = src.endsWith('/') ? '' : path.basename(file);
      return { kind: 'tree', tree: await probeTree(file, args, host, into) };
    }
    const source = await sourceOfFile(file, args.decrypt);
    if (args.checksum !== undefined && args.checksum !== source.checksum) {
      throw new ModuleFailure('Copied file does not match the expected checksum. Transfer failed.', {
        checksum: source.checksum,
        expected_checksum: args.checksum,
      });
    }
    return probeSource(args, source, path.basename(src), host);
  },
  plan(args, current, host) {
    if (current.kind === 'tree') return placeTree(args, current.tree, host);
    if (current.kind === 'remote')
      return planRemote({ ...args, src: args.src! }, checked(args.checksum, current.pair), host);
    return placeFile(args, current.state, current.source, host);
  },
});

async function probeSource(args: PlaceArguments, source: Source, name: string, host: Host): Promise<Current> {
  const probe = { ...placeProbe(args, host, source.checksum), ...(name === '' ? {} : { name }) };
  const [record] = await runRecords(host, filePrelude + fileProbe(pathWord(args.dest), probe));
  return { kind: 'file', state: parseFileState(record!), source };
}

function checked(checksum: string | undefined, pair: RemotePair): RemotePair {
  if (checksum === undefined || pair.source.checksum === checksum) return pair;
  throw new ModuleFailure('Copied file does not match the expected checksum. Transfer failed.', {
    checksum: pair.source.checksum ?? null,
    expected_checksum: checksum,
  });
}

function contentBytes(content: Value): Buffer {
  if (typeof content === 'string') return encode(content);
  if (Array.isArray(content) || isMapping(content)) return encode(jsonText(content));
  return encode(pythonText(content));
}
