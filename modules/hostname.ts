import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { keyValues, runSections, section } from './shared/probe.ts';
import { quote } from './shared/shell-quote.ts';

interface Current {
  readonly running: string;
  readonly stored: string;
  readonly systemd: boolean;
}

export default stateModule({
  name: 'hostname',
  summary: "Set the host's name, now and for good.",
  notes: [
    'hostnamectl is used where systemd and D-Bus run, otherwise /etc/hostname and hostname(1). /etc/hosts is not touched.',
  ],
  examples: `
- ansible.builtin.hostname:
    name: "{{ inventory_hostname }}"
`,
  returns: { name: 'The name.', ansible_facts: 'ansible_hostname, ansible_nodename, ansible_fqdn and ansible_domain.' },
  args: {
    name: { type: 'str', required: true, doc: 'The name.' },
    use: {
      type: 'str',
      choices: [
        'alpine',
        'debian',
        'freebsd',
        'generic',
        'macos',
        'macosx',
        'darwin',
        'openbsd',
        'openrc',
        'redhat',
        'sles',
        'solaris',
        'systemd',
      ],
      doc: 'How it is set; found out when not given.',
    },
  },
  async probe(args, host): Promise<Current> {
    if (['freebsd', 'macos', 'macosx', 'darwin', 'openbsd', 'solaris'].includes(args.use ?? '')) {
      throw new ModuleFailure(`use: ${args.use} is not supported, only Linux is`);
    }
    const sections = await runSections(
      host,
      section(
        'names',
        // Without D-Bus hostnamectl can do nothing. It is asked only when something is to be done.
        `n=$(cat /proc/sys/kernel/hostname); printf 'running=%s\\n' "$n"
s=$(sed -n '/^[^#]/{p;q;}' /etc/hostname 2>/dev/null); printf 'stored=%s\\n' "$s"
[ "$n/$s" != ${quote(`${args.name}/${args.name}`)} ] && [ -d /run/systemd/system ] && hostnamectl status >/dev/null 2>&1 && echo systemd=1`,
      ),
    );
    const names = keyValues(sections.get('names'), '=');
    const systemd = args.use === undefined ? names.has('systemd') : args.use === 'systemd';
    return { running: names.get('running') ?? '', stored: names.get('stored') ?? '', systemd };
  },
  plan({ name }, current) {
    // hostname(1) does nothing with it and ends with 0, and a host that starts without a name takes another one.
    if (name === '') throw new ModuleFailure('name must not be empty');
    if (name.length > 64) throw new ModuleFailure('name cannot be longer than 64 characters');
    const changes: Change[] = [];
    if (current.stored !== name) {
      const command = current.systemd ? `hostnamectl --static set-hostname ${quote(name)}` : storeName(name);
      changes.push({ what: 'hostname', before: current.stored, after: name, command });
    }
    if (current.running !== name) {
      const plain = `hostname ${quote(name)} || printf '%s' ${quote(name)} >/proc/sys/kernel/hostname`;
      const command = current.systemd ? `hostnamectl --transient set-hostname ${quote(name)} || ${plain}` : plain;
      changes.push({ what: 'running hostname', before: current.running, after: name, command });
    }
    const [short = name, ...domain] = name.split('.');
    const facts = {
      ansible_hostname: short,
      ansible_nodename: name,
      ansible_fqdn: name,
      ansible_domain: domain.join('.'),
    };
    return { changes, result: { name, ansible_facts: facts } };
  },
});

/** sh text that puts the name into its file; a file that is mounted there, as in containers, cannot be replaced, only written. */
function storeName(name: string): string {
  return `printf '%s\\n' ${quote(name)} >/etc/hostname.kplay && chmod 0644 /etc/hostname.kplay && { mv /etc/hostname.kplay /etc/hostname 2>/dev/null ||
{ cat /etc/hostname.kplay >/etc/hostname; r=$?; rm -f /etc/hostname.kplay; [ $r -eq 0 ]; }; }`;
}
