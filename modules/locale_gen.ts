import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { runSections, section } from './shared/probe.ts';
import { quote } from './shared/shell-quote.ts';

interface Current {
  /** Locales that programs can use, written as {@link canonical} does. */
  readonly made: ReadonlySet<string>;
  /** "en_US.UTF-8 UTF-8": what the distribution can make. */
  readonly supported: readonly string[];
  /** The lines of /etc/locale.gen; undefined where locale-gen takes names instead (Ubuntu's older ones). */
  readonly wanted: readonly string[] | undefined;
}

export default stateModule({
  name: 'locale_gen',
  collections: ['community.general'],
  summary: 'Make or remove locales on Debian and Ubuntu.',
  notes: [
    'Needs the package locales. /etc/locale.gen says which locales there are; locale-gen makes them.',
    'Without /etc/locale.gen, as with older Ubuntu, only state present is possible.',
  ],
  examples: `
- community.general.locale_gen:
    name: en_DK.UTF-8
`,
  returns: { mechanism: 'ubuntu_legacy without /etc/locale.gen, otherwise glibc.' },
  args: {
    name: { type: 'list', elements: 'str', required: true, doc: 'The locales, e.g. `en_DK.UTF-8`.' },
    state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether they are to be there.' },
  },
  async probe(_args, host): Promise<Current> {
    const sections = await runSections(
      host,
      [
        section('made', 'locale -a 2>/dev/null'),
        section('supported', 'cat /usr/share/i18n/SUPPORTED /usr/local/share/i18n/SUPPORTED 2>/dev/null'),
        section('file', '[ -e /etc/locale.gen ] && echo there'),
        section('wanted', 'cat /etc/locale.gen 2>/dev/null'),
      ].join('\n'),
    );
    const lines = (name: string): string[] => (sections.get(name) ?? '').split('\n').filter((line) => line !== '');
    return {
      made: new Set(lines('made').map(canonical)),
      supported: lines('supported').filter((line) => !line.startsWith('#')),
      wanted: lines('file').length > 0 ? lines('wanted') : undefined,
    };
  },
  plan(args, current) {
    const changes: Change[] = [];
    const mechanism = current.wanted === undefined ? 'ubuntu_legacy' : 'glibc';
    const wrong = args.name.filter((name) => current.made.has(canonical(name)) !== (args.state === 'present'));
    if (wrong.length > 0) {
      const entries = wrong.map((name) => entryOf(name, current));
      changes.push({
        what: 'locales',
        before: args.state === 'present' ? '' : wrong.join('\n'),
        after: args.state === 'present' ? wrong.join('\n') : '',
        command: `${command(entries, args.state === 'present', current)} &&\n${verification(wrong, args.state === 'present')}`,
      });
    }
    return { changes, result: { name: [...args.name], mechanism } };
  },
});

/** `locale -a` writes en_DK.utf8 for en_DK.UTF-8. */
function canonical(name: string): string {
  const [locale = '', ...modifier] = name.trim().split('@');
  const [language, charset] = locale.split('.');
  const set = charset === undefined ? '' : `.${charset.toLowerCase().replaceAll('-', '')}`;
  return [`${language}${set}`, ...modifier].join('@');
}

/** The line of SUPPORTED for a name. */
function entryOf(name: string, { supported }: Current): string {
  const entry = supported.find((line) => canonical(line.split(/\s+/)[0] ?? '') === canonical(name));
  if (entry !== undefined) return entry;
  if (supported.length === 0) {
    throw new ModuleFailure(
      'there is no /usr/share/i18n/SUPPORTED on the host: install the package locales, which makes locales',
    );
  }
  throw new ModuleFailure(`The locale you've entered, ${name}, is not available on your system.`);
}

function command(entries: readonly string[], present: boolean, current: Current): string {
  if (current.wanted === undefined) {
    if (!present) throw new ModuleFailure('without /etc/locale.gen locales cannot be removed');
    return `locale-gen ${entries.map((entry) => quote(entry.split(/\s+/)[0]!)).join(' ')}`;
  }
  const chosen = new Set(entries.map(asWritten));
  const lines = current.wanted.map((line) => {
    const bare = asWritten(line.replace(/^#+\s*/, ''));
    if (!chosen.delete(bare)) return line;
    return present ? bare : `# ${bare}`;
  });
  const all = present ? [...lines, ...chosen] : lines;
  const text = quote(`${all.join('\n')}\n`);
  return `printf '%s' ${text} >/etc/locale.gen.kplay && mv -f /etc/locale.gen.kplay /etc/locale.gen && locale-gen`;
}

/** sh text that looks whether it was done: Debian's locale-gen ends with 0 whatever becomes of a locale, and keeps those of the package locales-all. */
function verification(names: readonly string[], present: boolean): string {
  const bare = (name: string): string => canonical(name).toLowerCase().replaceAll('-', '');
  const checks = names.map((name) => {
    const [test, words] = present
      ? ['||', `locale-gen did not make ${name}`]
      : ['&&', `${name} is still there: it does not come from /etc/locale.gen (the package locales-all?)`];
    return `printf '%s\\n' "$l" | grep -qxF -- ${quote(bare(name))} ${test} { echo ${quote(words)} >&2; exit 1; }`;
  });
  return [`l=$(locale -a 2>/dev/null | tr 'A-Z' 'a-z' | tr -d '-')`, ...checks, ':'].join('\n');
}

function asWritten(line: string): string {
  return line.trim().split(/\s+/).join(' ');
}
