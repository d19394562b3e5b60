import type { Arguments } from '../runner/module/arguments.ts';
import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { unlessEarlier } from './shared/forecast.ts';
import { keyValues, linesOf, runSections, section } from './shared/probe.ts';
import { quote, quoteAll } from './shared/shell-quote.ts';

const args = {
  name: { type: 'str', required: true, doc: 'The kernel module.' },
  state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether it is loaded.' },
  params: { type: 'str', default: '', doc: 'Parameters for loading it.' },
  persistent: {
    type: 'str',
    default: 'disabled',
    choices: ['disabled', 'absent', 'present'],
    doc: 'Whether it is loaded at boot, by a file in /etc/modules-load.d; disabled leaves that alone.',
  },
} as const;

interface Current {
  readonly loaded: boolean;
  readonly builtIn: boolean;
  /** Lines `file:text` of /etc/modules-load.d that name the module. */
  readonly loadLines: readonly string[];
  /** Lines `file:text` of /etc/modprobe.d with its options. */
  readonly optionLines: readonly string[];
  /** In check mode, why it could not be loaded. */
  readonly refusal: string | undefined;
}

export default stateModule({
  name: 'modprobe',
  collections: ['community.general'],
  summary: 'Load or unload a kernel module, now and at boot.',
  notes: ['A module that is built into the kernel counts as loaded, and cannot be unloaded.'],
  examples: `
- community.general.modprobe:
    name: br_netfilter
    persistent: present
`,
  returns: { name: 'The module.', params: 'Its parameters.', state: 'Its state.' },
  args,
  async probe(given, host): Promise<Current> {
    const kernelName = given.name.replaceAll('-', '_');
    const pattern = `[[:space:]]*${kernelName.replaceAll('_', '[_-]')}[[:space:]]*`;
    const sections = await runSections(
      host,
      section(
        'module',
        `n=${quote(kernelName)}
grep -q "^$n " /proc/modules 2>/dev/null && echo loaded=1
[ -d "/sys/module/$n" ] && ! grep -q "^$n " /proc/modules 2>/dev/null && echo builtin=1
tr - _ <"/lib/modules/$(uname -r)/modules.builtin" 2>/dev/null | grep -qE "(^|/)$n\\.ko" && echo builtin=1`,
      ) +
        section('load', `grep -sE ${quote(`^${pattern}$`)} /etc/modules-load.d/*.conf /dev/null`) +
        section('refusal', host.checkMode && given.state === 'present' ? dryRun(given.name) : ':') +
        section(
          'options',
          `grep -sE ${quote(`^[[:space:]]*options[[:space:]]+${pattern.trim()}([[:space:]]|$)`)} /etc/modprobe.d/*.conf /dev/null`,
        ),
    );
    const found = keyValues(sections.get('module'), '=');
    return {
      loaded: found.has('loaded'),
      builtIn: found.has('builtin'),
      loadLines: linesOf(sections.get('load')),
      optionLines: linesOf(sections.get('options')),
      refusal: linesOf(sections.get('refusal')).at(-1),
    };
  },
  plan(given, current) {
    const load = loading(given, current);
    const isRefused = load.length > 0 && current.refusal !== undefined;
    return {
      changes: [...persistence(given, current), ...load],
      warnings: isRefused ? [unlessEarlier(current.refusal, 'install it')] : [],
      result: { name: given.name, params: given.params, state: given.state },
    };
  },
});

/** sh text that prints a complaint when the kernel could not load the module, and loads nothing. */
function dryRun(name: string): string {
  const tried = (option: string) => `x=$(modprobe ${option} -- ${quote(name)} 2>&1 >/dev/null)`;
  // busybox has no -n, and prints its usage.
  return `if ${tried('-n')}; then :; else
  case $x in *Usage:*) ${tried('-D')};; *) false;; esac || printf '%s\\n' "\${x:-modprobe finds no such module}"
fi`;
}

function loading(given: Arguments<typeof args>, current: Current): Change[] {
  const here = current.loaded || current.builtIn;
  const name = quote(given.name);
  if (given.state === 'present' && !here) {
    const params = given.params.split(/\s+/).filter((word) => word !== '');
    const command = `modprobe -- ${quoteAll([given.name, ...params])}`;
    return [{ what: `kernel module ${given.name}`, before: 'not loaded', after: 'loaded', command }];
  }
  if (given.state === 'absent' && current.builtIn && !current.loaded) {
    throw new ModuleFailure(`${given.name} is built into the kernel and cannot be unloaded`);
  }
  if (given.state === 'absent' && here) {
    const command = `modprobe -r -- ${name}`;
    return [{ what: `kernel module ${given.name}`, before: 'loaded', after: 'not loaded', command }];
  }
  return [];
}

function persistence(given: Arguments<typeof args>, current: Current): Change[] {
  if (given.persistent === 'disabled') return [];
  if (given.persistent === 'absent') {
    return [...disabled('load at boot', current.loadLines), ...disabled('options', current.optionLines)];
  }
  const changes: Change[] = [];
  const file = (folder: string, text: string): Change => ({
    what: `/etc/${folder}/${given.name}.conf`,
    before: undefined,
    after: text,
    command: `mkdir -p /etc/${folder} && printf '%s\\n' ${quote(text)} >/etc/${folder}/${quote(given.name)}.conf.kplay && mv /etc/${folder}/${quote(given.name)}.conf.kplay /etc/${folder}/${quote(given.name)}.conf`,
  });
  if (current.loadLines.length === 0) changes.push(file('modules-load.d', given.name));
  const wanted = `options ${given.name} ${given.params}`;
  const options = current.optionLines.map((line) => line.slice(line.indexOf(':') + 1).trim());
  if (given.params !== '' && !options.includes(wanted)) {
    changes.push(...disabled('options', current.optionLines), file('modprobe.d', wanted));
  }
  return changes;
}

/** Lines are turned into comments, as in Ansible. */
function disabled(what: string, lines: readonly string[]): Change[] {
  return lines.map((line) => {
    const at = line.indexOf(':');
    const [path, text] = [line.slice(0, at), line.slice(at + 1)];
    const expression = `s|^\\(${text.replace(/[.*[\]^$\\|]/g, '\\$&')}\\)$|#\\1|`;
    return {
      what: `${what} in ${path}`,
      before: text,
      after: `#${text}`,
      command: `sed -i ${quote(expression)} ${quote(path)}`,
    };
  });
}
