import { existsSync, mkdirSync, statSync } from 'node:fs';
import path from 'node:path';
import type { ModuleResult } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { systemPath } from '../runner/python/file-names.ts';
import { probeFile } from './shared/file-state.ts';
import { localDigest, localFile } from './shared/files.ts';

export default commandModule({
  name: 'fetch',
  summary: 'Copy a file of the host to this machine.',
  notes: [
    'Without flat the file stands at dest/HOST/path-on-the-host.',
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
    if (state.kind === 'absent' || state.kind === 'directory') {
      return missing(state.kind, state.path, args.fail_on_missing);
    }
    const dest = destination(args, state.path, host.name, host.controller.playbookFolder);
    if (
      existsSync(systemPath(dest)) &&
      !statSync(systemPath(dest)).isDirectory() &&
      (await localFile(dest)).checksum === state.checksum
    ) {
      return {
        fields: { file: state.path, dest, checksum: state.checksum ?? null, md5sum: await localDigest(dest, 'md5') },
      };
    }
    const remote = { dest, remote_checksum: state.checksum ?? null, remote_md5sum: null };
    if (host.checkMode) return { changed: true, fields: remote };
    mkdirSync(systemPath(path.dirname(dest)), { recursive: true });
    await host.fetch(state.path, dest);
    const { checksum } = await localFile(dest);
    const fields = { ...remote, checksum, md5sum: await localDigest(dest, 'md5') };
    if (args.validate_checksum && checksum !== state.checksum) {
      return { failed: true, msg: 'checksum mismatch', fields: { ...fields, file: state.path } };
    }
    return { changed: true, fields };
  },
});

function missing(kind: 'absent' | 'directory', file: string, fail: boolean): ModuleResult {
  const reason =
    kind === 'absent'
      ? 'the remote file does not exist'
      : 'remote file is a directory, fetch cannot work on directories';
  if (fail) throw new ModuleFailure(kind === 'absent' ? `file not found: ${file}` : reason, { file });
  return { msg: `${reason}, not transferring, ignored`, fields: { file } };
}

function destination(
  args: { readonly dest: string; readonly flat: boolean },
  source: string,
  host: string,
  folder: string,
): string {
  const dest = path.resolve(folder, args.dest);
  if (!args.flat) {
    const full = path.join(dest, host, source);
    if (path.relative(dest, full).startsWith('..')) {
      throw new ModuleFailure(`Detected directory traversal, expected to be contained in '${dest}' but got '${full}'`);
    }
    return full;
  }
  if (args.dest.endsWith('/')) return path.join(dest, path.basename(source));
  if (existsSync(systemPath(dest)) && statSync(systemPath(dest)).isDirectory()) {
    throw new ModuleFailure(
      'dest is an existing directory, use a trailing slash if you want to fetch src into that directory',
    );
  }
  return dest;
}
