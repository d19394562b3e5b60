import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import type { Mapping } from '../runner/value.ts';
import type { ProbeRecord } from './shared/probe-records.ts';
import { runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';
import { parseStat, statFormat } from './shared/stat-fields.ts';

export default commandModule({
  name: 'stat',
  summary: 'Tell all about a file.',
  notes: [
    'mimetype and charset are "unknown" on hosts without the program file.',
    'A user or group that has no name leaves pw_name or gr_name out.',
  ],
  examples: `
- ansible.builtin.stat:
    path: /etc/kubernetes/admin.conf
  register: admin_conf
- ansible.builtin.debug:
    msg: The cluster is there.
  when: admin_conf.stat.exists
`,
  returns: {
    stat: 'Dict with exists; when it is true also path, mode, isdir, isreg, islnk, uid, gid, pw_name, gr_name, size, mtime, checksum and the rest of what Ansible tells.',
  },
  inCheckMode: 'run',
  args: {
    path: { type: 'path', required: true, aliases: ['dest', 'name'], doc: 'The path.' },
    follow: { type: 'bool', default: false, doc: 'Tell about what a link leads to.' },
    get_checksum: { type: 'bool', default: true, doc: 'Tell the checksum of a file.' },
    checksum_algorithm: {
      type: 'str',
      default: 'sha1',
      choices: ['md5', 'sha1', 'sha224', 'sha256', 'sha384', 'sha512'],
      aliases: ['checksum', 'checksum_algo'],
      doc: 'Which checksum.',
    },
    get_mime: {
      type: 'bool',
      default: true,
      aliases: ['mime', 'mime_type', 'mime-type'],
      doc: 'Tell type and charset.',
    },
    get_attributes: { type: 'bool', default: true, aliases: ['attr', 'attributes'], doc: 'Tell what lsattr tells.' },
  },
  async run(args, host) {
    const lines = [
      `r; q=${pathWord(args.path)}; k path "$q"; case $q in ""|/*) p=$q;; *) p=./$q;; esac`,
      `if x=$(exec stat ${args.follow ? '-L ' : ''}-c '${statFormat}' "$p" 2>&1); then`,
      'k stat "$x"; for a in r w x; do if [ -$a "$p" ]; then echo can$a=1; fi; done',
      'if [ -L "$p" ]; then printf target:; readlink -n "$p" | h; printf source:; readlink -f "$p" | h; fi',
    ];
    if (args.get_checksum) lines.push(checksumProbe(args.checksum_algorithm));
    if (args.get_mime) lines.push('k mime "$(exec file --mime-type --mime-encoding "$p" 2>/dev/null)"');
    if (args.get_attributes) lines.push('k attributes "$(exec lsattr -vd "$p" 2>/dev/null)"');
    lines.push('else k error "$x"; fi');
    const [record] = await runRecords(host, lines.join('\n'));
    const error = record!.text('error');
    if (error !== undefined && /ermission denied/.test(error)) throw new ModuleFailure('Permission denied');
    if (error !== undefined) return { fields: { stat: { exists: false } } };
    return { fields: { stat: statOf(record!, args) } };
  },
});

function checksumProbe(algorithm: string): string {
  return `if [ -f "$p" ] && [ -r "$p" ]; then
  if command -v ${algorithm}sum >/dev/null 2>&1; then x=$(${algorithm}sum < "$p"); else x=$(openssl dgst -${algorithm} -r < "$p"); fi
  k checksum "\${x%% *}"
fi`;
}

function statOf(
  record: ProbeRecord,
  wanted: { readonly get_mime: boolean; readonly get_attributes: boolean },
): Mapping {
  const stat = parseStat(record.text('stat')!);
  const fields: Mapping = {
    exists: true,
    path: record.text('path')!,
    ...stat.fields,
    readable: record.has('canr'),
    writeable: record.has('canw'),
    executable: record.has('canx'),
  };
  if (stat.fields.islnk) {
    fields.lnk_source = record.text('source')!.replace(/\n$/, '');
    fields.lnk_target = record.text('target')!;
  }
  if (stat.fields.isreg && record.has('checksum')) fields.checksum = record.text('checksum')!;
  return { ...fields, ...(wanted.get_mime ? mimeOf(record) : {}), ...(wanted.get_attributes ? flagsOf(record) : {}) };
}

function mimeOf(record: ProbeRecord): Mapping {
  const match = /:\s*([^:;]+);\s*charset=([^:;]+)$/.exec(record.text('mime') ?? '');
  return { mimetype: match?.[1]?.trim() ?? 'unknown', charset: match?.[2]?.trim() ?? 'unknown' };
}

const flagNames: Readonly<Record<string, string>> = {
  A: 'noatime',
  a: 'append',
  c: 'compressed',
  C: 'nocow',
  d: 'nodump',
  D: 'dirsync',
  e: 'extents',
  E: 'encrypted',
  h: 'blocksize',
  i: 'immutable',
  I: 'indexed',
  j: 'journalled',
  N: 'inline',
  s: 'zero',
  S: 'synchronous',
  t: 'notail',
  T: 'blockroot',
  u: 'undelete',
  X: 'compressedraw',
  Z: 'compresseddirty',
};

function flagsOf(record: ProbeRecord): Mapping {
  const [version, flags] = (record.text('attributes') ?? '').trim().split(/\s+/);
  if (!version || flags === undefined) return { version: null, attributes: [], attr_flags: '' };
  const letters = flags.replaceAll('-', '');
  return { version, attributes: [...letters].map((letter) => flagNames[letter] ?? letter), attr_flags: letters };
}
