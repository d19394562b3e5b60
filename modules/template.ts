import { statSync } from 'node:fs';
import { hostname, userInfo } from 'node:os';
import path from 'node:path';
import type { Controller, Host } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { encodeAs, encodingNames, isEncoding } from '../runner/python/encodings.ts';
import { systemPath } from '../runner/python/file-names.ts';
import { fileArguments } from './shared/attributes.ts';
import type { FileState } from './shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from './shared/file-state.ts';
import { placeFile, placeProbe } from './shared/place-file.ts';
import { runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';
import type { Source } from './shared/source.ts';
import { sourceOfBytes } from './shared/source.ts';

type FileTemplateOptions = NonNullable<Parameters<Controller['renderFile']>[1]>;

interface Current {
  readonly state: FileState;
  readonly source: Source;
}

const newlines: Readonly<Record<string, string>> = {
  '\\n': '\n',
  '\\r': '\r',
  '\\r\\n': '\r\n',
  '\n': '\n',
  '\r': '\r',
  '\r\n': '\r\n',
};
export default stateModule({
  name: 'template',
  summary: 'Render a template of this machine and put it in place on the host.',
  notes: [
    'The template is searched for in templates/ of the role and of the playbook.',
    'In the template ansible_managed, template_path, template_fullpath, template_destpath, template_host, template_uid, template_mtime and template_run_date are set.',
    'A dest that is a folder, or ends in a slash, gets the template’s name, .j2 included, as in Ansible.',
    'output_encoding knows utf-8, latin-1, ascii and utf-16-le; a character that it cannot write is an error.',
    'Bytes that are not UTF-8 in the template or in variables are written as they are.',
  ],
  examples: `
- name: Configure haproxy
  ansible.builtin.template:
    src: haproxy.cfg.j2
    dest: /etc/haproxy/haproxy.cfg
    mode: "0644"
    validate: haproxy -c -f %s
  notify: Restart haproxy
`,
  returns: {
    dest: 'Where it stands.',
    src: 'The template.',
    checksum: 'SHA-1 of the text.',
    md5sum: 'MD5 of the text.',
    size: 'Bytes.',
    mode: 'Permissions, e.g. 0644.',
    owner: 'Its user.',
    group: 'Its group.',
    uid: 'The user’s number.',
    gid: 'The group’s number.',
    state: 'file',
    backup_file: 'The copy that was kept, with backup.',
  },
  args: {
    ...fileArguments,
    src: { type: 'path', required: true, file: 'templates', doc: 'The template, searched for in templates/.' },
    dest: { type: 'path', required: true, doc: 'Where it is to stand on the host.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of a file that is replaced.' },
    force: { type: 'bool', default: true, doc: 'Replace a file that is there; no: only make a missing one.' },
    follow: { type: 'bool', default: false, doc: 'Follow a link at dest instead of replacing it.' },
    validate: { type: 'str', doc: 'Command that checks the file before it is put in place; %s is its path.' },
    newline_sequence: {
      type: 'str',
      default: '\\n',
      choices: ['\\n', '\\r', '\\r\\n', '\n', '\r', '\r\n'],
      doc: 'Line end.',
    },
    output_encoding: { type: 'str', default: 'utf-8', doc: 'Encoding of the file.' },
    trim_blocks: { type: 'bool', default: true, doc: 'Drop the line end behind a block tag.' },
    lstrip_blocks: { type: 'bool', default: false, doc: 'Drop the blanks before a block tag.' },
    block_start_string: { type: 'str', default: '{%', doc: 'Start of a block tag.' },
    block_end_string: { type: 'str', default: '%}', doc: 'End of a block tag.' },
    variable_start_string: { type: 'str', default: '{{', doc: 'Start of an expression.' },
    variable_end_string: { type: 'str', default: '}}', doc: 'End of an expression.' },
    comment_start_string: { type: 'str', doc: 'Start of a comment.' },
    comment_end_string: { type: 'str', doc: 'End of a comment.' },
  },
  async probe(args, host): Promise<Current> {
    const file = host.controller.findFile(args.src, 'templates');
    const options: FileTemplateOptions = {
      trimBlocks: args.trim_blocks,
      lstripBlocks: args.lstrip_blocks,
      newlineSequence: newlines[args.newline_sequence],
      blockStart: args.block_start_string,
      blockEnd: args.block_end_string,
      variableStart: args.variable_start_string,
      variableEnd: args.variable_end_string,
      commentStart: args.comment_start_string,
      commentEnd: args.comment_end_string,
    };
    const text = render(file, options, { src: args.src, dest: args.dest }, host);
    const source = sourceOfBytes(encoded(text, args.output_encoding), file, statSync(systemPath(file)).mode & 0o7777);
    const name = path.basename(args.src);
    const probe = { ...placeProbe(args, host, source.checksum), name };
    const [record] = await runRecords(host, filePrelude + fileProbe(pathWord(args.dest), probe));
    return { state: parseFileState(record!), source };
  },
  plan: (args, { state, source }, host) => placeFile(args, state, source, host),
});

function render(
  file: string,
  options: FileTemplateOptions,
  names: { readonly src: string; readonly dest: string },
  host: Host,
): string {
  const { mtime } = statSync(systemPath(file));
  return host.controller.renderFile(file, options, {
    ansible_managed: managed(host),
    template_host: hostname(),
    template_uid: userInfo().username,
    template_path: names.src,
    template_fullpath: path.resolve(file),
    template_destpath: names.dest,
    template_mtime: mtime.toISOString(),
    template_run_date: new Date().toISOString(),
  });
}

function managed(host: Host): string {
  const own = host.controller.variable('ansible_managed');
  return typeof own === 'string' ? own : 'Ansible managed';
}

function encoded(text: string, encoding: string): Buffer {
  if (!isEncoding(encoding)) {
    throw new ModuleFailure(`output_encoding ${encoding} is not supported; use ${encodingNames.join(', ')}`);
  }
  return encodeAs(text, encoding);
}
