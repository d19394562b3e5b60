import { existsSync, lstatSync, readlinkSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import path from 'node:path';
import { makeDirectories } from '../runner/directories.ts';
import type { Host, ModuleResult } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { decode } from '../runner/python/bytes.ts';
import { systemPath } from '../runner/python/file-names.ts';
import type { FileState } from './shared/file-state.ts';
import { probeFile } from './shared/file-state.ts';
import { localDigest, localFile } from './shared/files.ts';
import { pathWord } from './shared/shell-path.ts';

export default commandModule({
  name: 'fetch',
  summary: 'Copy a file of the host to this machine.',
  notes: [
    'Without flat the file stands at dest/HOST/SRC, SRC being the path as the task has it, whatever links it leads through on the host.',
    'In check mode it tells whether the file would be fetched; Ansible skips the task.',
  ],
  examples: `
- ansible.builtin.fetch:
    src: /etc/kubernetes/admin.conf
    dest: ./kubeconfig
    flat: true
`,
  returns: {
    dest: 'Where it stands on this machine.',
    file: 'The path on the host, when nothing was fetched.',
    checksum: 'SHA-1 of the content.',
    remote_checksum: 'SHA-1 on the host.',
    md5sum: 'MD5 of the content.',
  },
  inCheckMode: 'run',
  args: {
    src: { type: 'str', required: true, doc: 'The file on the host.' },
    dest: {
      type: 'str',
      required: true,
      doc: 'Folder on this machine; with flat the file, or a folder when it ends in a slash.',
    },
    flat: { type: 'bool', default: false, doc: 'Leave out the folders for host and path.' },
    fail_on_missing: { type: 'bool', default: true, doc: 'Fail when the file is not there.' },
    validate_checksum: { type: 'bool', default: true, doc: 'Compare the checksums afterwards.' },
  },
  async run(args, host) {
    const state = await probeFile(host, args.src, { follow: true, checksum: true });
    if (state.kind !== 'file') return missing(state.kind, args);
    const dest = destination(args, await sourceName(args.src, host), host);
    if (
      existsSync(systemPath(dest)) &&
      !statSync(systemPath(dest)).isDirectory() &&
      (await localFile(dest)).checksum === state.checksum
    ) {
      return {
        fields: { file: args.src, dest, checksum: state.checksum ?? null, md5sum: await localDigest(dest, 'md5') },
      };
    }
    const remote = { dest, remote_checksum: state.checksum ?? null, remote_md5sum: null };
    if (host.checkMode) return { changed: true, fields: remote };
    makeDirectories(path.dirname(dest));
    await host.fetch(state.path, linkedFile(dest));
    const { checksum } = await localFile(dest);
    const fields = { ...remote, checksum, md5sum: await localDigest(dest, 'md5') };
    if (args.validate_checksum && checksum !== state.checksum) {
      return { failed: true, msg: 'checksum mismatch', fields: { ...fields, file: args.src } };
    }
    return { changed: true, fields };
  },
});

interface FetchArguments {
  readonly src: string;
  readonly dest: string;
  readonly flat: boolean;
  readonly fail_on_missing: boolean;
}

/** What is told of a path that holds no file. A pipe or a device might never come to an end. */
function missing(kind: FileState['kind'], { src: file, fail_on_missing: fail }: FetchArguments): ModuleResult {
  const reason =
    kind === 'absent'
      ? 'the remote file does not exist'
      : `remote file is a ${kind}, fetch cannot work on ${kind === 'directory' ? 'directories' : 'it'}`;
  if (fail) throw new ModuleFailure(kind === 'absent' ? `file not found: ${file}` : reason, { file });
  return { msg: `${reason}, not transferring, ignored`, fields: { file } };
}

/**
 * The path on the host that names the file here: the task's, whatever links it leads through there. Only for a home
 * directory (`~`, `~user`) the host is asked, as in Ansible; the file then stands in the host's own directory all the same.
 */
async function sourceName(src: string, host: Host): Promise<string> {
  const [, user, rest] = /^(~[^/]*)(.*)$/s.exec(src) ?? [];
  if (user === undefined) return src;
  const { stdout } = await host.run(`printf %s ${pathWord(user)}`);
  if (stdout !== user && !stdout.startsWith('/')) throw new ModuleFailure(`${user} is no absolute path on the host`);
  if (stdout.split('/').includes('..')) throw new ModuleFailure(`the host says that ${user} is a path with ".." in it`);
  return stdout + rest;
}

/** The file on this machine. Throws {@link ModuleFailure} when it would not be below dest. */
function destination(args: FetchArguments, source: string, host: Host): string {
  const written = args.dest.replace(/^~(?=\/|$)/, () => homedir());
  const dest = path.resolve(host.controller.playbookFolder, written);
  if (!args.flat) return below(dest, host.name, source);
  if (args.dest.endsWith('/')) return below(dest, path.posix.basename(args.src));
  if (existsSync(systemPath(dest)) && statSync(systemPath(dest)).isDirectory()) {
    throw new ModuleFailure(
      'dest is an existing directory, use a trailing slash if you want to fetch src into that directory',
    );
  }
  return dest;
}

function below(directory: string, ...parts: readonly string[]): string {
  const file = path.join(directory, ...parts);
  const relative = path.relative(directory, file);
  if (relative === '' || relative === '..' || relative.startsWith('../') || file.includes('\0')) {
    throw new ModuleFailure(
      `Detected directory traversal, expected to be contained in '${directory}' but got '${file}'`,
    );
  }
  return file;
}

/** What a link at dest leads to: as in Ansible, that file is written. It need not be there. */
function linkedFile(dest: string): string {
  let file = dest;
  for (let links = 0; lstatSync(systemPath(file), { throwIfNoEntry: false })?.isSymbolicLink(); links++) {
    if (links === 40) throw new ModuleFailure(`${dest}: too many levels of symbolic links`);
    file = path.resolve(path.dirname(file), decode(readlinkSync(systemPath(file), { encoding: 'buffer' })));
  }
  return file;
}
