import type { Arguments } from '../runner/module/arguments.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { schema } from './shared/schema.ts';
import type { TextFile } from './shared/text-file.ts';
import { asIn, keepLines, planEdit, readTextFile } from './shared/text-file.ts';

const args = schema({
  domain: { type: 'str', required: true, doc: 'User, `@group`, or a wildcard such as `*`.' },
  limit_type: { type: 'str', required: true, choices: ['hard', 'soft', '-'], doc: 'Which limit; - is both.' },
  limit_item: {
    type: 'str',
    required: true,
    choices: [
      'core',
      'data',
      'fsize',
      'memlock',
      'nofile',
      'rss',
      'stack',
      'cpu',
      'nproc',
      'as',
      'maxlogins',
      'maxsyslogins',
      'priority',
      'locks',
      'sigpending',
      'msgqueue',
      'nice',
      'rtprio',
      'chroot',
    ],
    doc: 'What is limited.',
  },
  value: { type: 'str', required: true, doc: 'The limit: a number, or `unlimited`, `infinity` or `-1`.' },
  use_max: { type: 'bool', default: false, doc: 'Keep the larger of the value that is there and this one.' },
  use_min: { type: 'bool', default: false, doc: 'Keep the smaller of the value that is there and this one.' },
  backup: { type: 'bool', default: false, doc: 'Keep a copy of a file that is replaced.' },
  dest: { type: 'str', default: '/etc/security/limits.conf', doc: 'The file; its folder must exist.' },
  comment: { type: 'str', default: '', doc: 'Comment behind the limit.' },
});

type Given = Arguments<typeof args>;

export default stateModule({
  name: 'pam_limits',
  collections: ['community.general'],
  summary: 'Set a limit of pam_limits, as in /etc/security/limits.conf.',
  notes: [
    'A limit that is already there keeps its comment unless another one is given.',
    'It holds for sessions that begin later, not for services of systemd.',
  ],
  examples: `
- community.general.pam_limits:
    domain: "*"
    limit_type: soft
    limit_item: nofile
    value: "655360"
`,
  returns: { msg: 'The line of the file.', backup_file: 'The copy that was kept, with backup.' },
  args,
  rules: { mutuallyExclusive: [['use_max', 'use_min']] },
  probe: (given, host): Promise<TextFile> => readTextFile(host, given.dest, { backup: given.backup }),
  plan(given, file, host) {
    if (given.use_max && given.use_min) throw new ModuleFailure('Cannot use use_min and use_max at the same time.');
    checkValue(given.limit_item, given.value, '');
    const { text, line } = withLimit(given, file);
    const created = file.state.kind === 'absent';
    if (created && !file.state.inFolder && !host.checkMode) {
      throw new ModuleFailure(`the folder of ${file.state.path} does not exist`);
    }
    return planEdit({ backup: given.backup }, file, { text, msg: line }, host);
  },
});

/** Throws {@link ModuleFailure} for a value that pam_limits would not read. */
function checkValue(item: string, value: string, prefix: string): void {
  if (item === 'nice' || item === 'priority') {
    if (/^[-+]?\d+$/.test(value) && Number(value) >= -20 && Number(value) <= 19) return;
    throw new ModuleFailure(`${prefix}Value of '${value}' for item '${item}' must be a number from -20 to 19.`);
  }
  if (isUnlimited(value) || /^\d+$/.test(value)) return;
  throw new ModuleFailure(
    `${prefix}Value of '${value}' for item '${item}' must be unlimited, infinity or -1, which are no limit, or a number of 0 or more.`,
  );
}

function isUnlimited(value: string): boolean {
  return ['unlimited', 'infinity', '-1'].includes(value);
}

function withLimit(given: Given, file: TextFile): { text: string; line: string } {
  const lines = keepLines(file.text);
  let found: string | undefined;
  const after = lines.map((line) => {
    const [limit = '', ...comment] = line.startsWith('#') ? [''] : line.split('#');
    const fields = limit.trim().split(/\s+/);
    if (fields.length !== 4) return line;
    checkValue(fields[2]!, fields[3]!, `Invalid configuration found in '${file.state.path}'. `);
    if (fields[0] !== asIn(file, given.domain) || fields[1] !== given.limit_type || fields[2] !== given.limit_item) {
      return line;
    }
    const value = combined(given, fields[3]!);
    const kept = value === fields[3] ? line : limitLine(given, value, given.comment || comment.join('#').trim(), file);
    found ??= kept;
    return kept;
  });
  if (found !== undefined) return { text: after.join(''), line: found };
  const line = limitLine(given, given.value, given.comment, file);
  const last = after.at(-1);
  if (last !== undefined && !last.endsWith('\n')) after[after.length - 1] = `${last}\n`;
  return { text: after.join('') + line, line };
}

function limitLine(given: Given, value: string, comment: string, file: TextFile): string {
  const text = `${given.domain}\t${given.limit_type}\t${given.limit_item}\t${value}`;
  const behind = comment === '' ? '' : `\t#${comment}`;
  return `${asIn(file, text)}${comment === given.comment ? asIn(file, behind) : behind}\n`;
}

/** The value that a limit gets which is there already. */
function combined(given: Given, actual: string): string {
  const { value } = given;
  if (!given.use_max && !given.use_min) return value;
  const endless = given.limit_item === 'nice' || given.limit_item === 'priority' ? () => false : isUnlimited;
  const [wanted, present] = [value, actual].map((one) => (endless(one) ? Number.POSITIVE_INFINITY : Number(one)));
  const keeps = given.use_max ? present! >= wanted! : present! <= wanted!;
  return keeps ? actual : value;
}
