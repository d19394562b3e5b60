import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { keepLines, planEdit, readTextFile } from './shared/text-file.ts';

interface LimitArguments {
  readonly domain: string;
  readonly limit_type: string;
  readonly limit_item: string;
  readonly value: string;
  readonly use_max: boolean;
  readonly use_min: boolean;
  readonly comment: string;
}

export default stateModule({
  name: 'pam_limits',
  collections: ['community.general'],
  summary: 'Set a limit of a user or group in limits.conf.',
  examples: `
- community.general.pam_limits:
    domain: "*"
    limit_type: soft
    limit_item: nofile
    value: 65536
`,
  returns: { msg: 'The line of the limit.', backup_file: 'The copy that was kept, with backup.' },
  args: {
    domain: { type: 'str', required: true, doc: 'User, @group, or *.' },
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
    value: { type: 'str', required: true, doc: 'The limit: a number, unlimited, infinity or -1.' },
    use_max: { type: 'bool', default: false, doc: 'Keep a higher value that is there.' },
    use_min: { type: 'bool', default: false, doc: 'Keep a lower value that is there.' },
    backup: { type: 'bool', default: false, doc: 'Keep a copy of the file.' },
    dest: { type: 'str', default: '/etc/security/limits.conf', doc: 'The file.' },
    comment: { type: 'str', default: '', doc: 'A comment behind the limit.' },
  },
  probe: (args, host) => readTextFile(host, args.dest, { backup: args.backup }, 'replace'),
  plan(args, file, host) {
    if (args.use_max && args.use_min) throw new ModuleFailure('Cannot use use_min and use_max at the same time.');
    checkValue(args.limit_item, args.value, '');
    if (file.state.kind === 'absent' && !file.state.inFolder) {
      throw new ModuleFailure(`the directory of ${file.state.path} does not exist`);
    }
    const { lines, msg } = withLimit(args, keepLines(file.text), file.state.path);
    return planEdit({ backup: args.backup }, file, { text: lines.join(''), msg }, host);
  },
});

function checkValue(item: string, value: string, prefix: string): void {
  const isNumber = /^[-+]?\d+$/.test(value);
  if (item === 'nice' || item === 'priority') {
    if (isNumber && Number(value) >= -20 && Number(value) <= 19) return;
    throw new ModuleFailure(
      `${prefix} Value of '${value}' for item '${item}' is invalid. Value must be a number in the range -20 to 19 inclusive.`,
    );
  }
  if (isUnlimited(value) || /^\d+$/.test(value)) return;
  throw new ModuleFailure(
    `${prefix} Value of '${value}' for item '${item}' is invalid. Value must either be 'unlimited', 'infinity' or -1, all of which indicate no limit, or a limit of 0 or larger.`,
  );
}

function isUnlimited(value: string): boolean {
  return ['unlimited', 'infinity', '-1'].includes(value);
}

function withLimit(
  args: LimitArguments,
  lines: readonly string[],
  path: string,
): { readonly lines: readonly string[]; readonly msg: string } {
  let found: string | undefined;
  const result = lines.map((line) => {
    const [setting, ...comment] = line.startsWith('#') ? [''] : line.split('#');
    const fields = setting!.trim().split(/\s+/);
    if (fields.length !== 4) return line;
    const [domain, type, item, value] = fields as [string, string, string, string];
    checkValue(item, value, `Invalid configuration found in '${path}'.`);
    if (domain !== args.domain || type !== args.limit_type || item !== args.limit_item) return line;
    const wanted = chosenValue(args, value);
    found = wanted === value ? line : limitLine(args, wanted, args.comment || comment.join('#').trimEnd());
    return found;
  });
  if (found !== undefined) return { lines: result, msg: found };
  const added = limitLine(args, args.value, args.comment);
  const last = result.at(-1);
  if (last !== undefined && !last.endsWith('\n')) result[result.length - 1] = `${last}\n`;
  return { lines: [...result, added], msg: added };
}

function limitLine(args: LimitArguments, value: string, comment: string): string {
  const line = [args.domain, args.limit_type, args.limit_item, value].join('\t');
  return comment === '' ? `${line}\n` : `${line}\t#${comment}\n`;
}

function chosenValue(args: LimitArguments, current: string): string {
  const { value } = args;
  if (value === current || !(args.use_max || args.use_min)) return value;
  if (isUnlimited(current) && isUnlimited(value)) return current;
  if (isUnlimited(current)) return args.use_max ? current : value;
  if (isUnlimited(value)) return args.use_max ? value : current;
  const pick = args.use_max ? Math.max : Math.min;
  return String(pick(Number(value), Number(current)));
}
