import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { keyValues, runSections, section } from './shared/probe.ts';
import { quote } from './shared/shell-quote.ts';

interface Current {
  readonly name: string;
  readonly hwclock: 'UTC' | 'local';
  readonly known: boolean;
  readonly systemd: boolean;
  readonly hasNameFile: boolean;
  readonly storedName: string;
}

export default stateModule({
  name: 'timezone',
  collections: ['community.general'],
  summary: 'Set the time zone.',
  notes: ['timedatectl is used where systemd runs, otherwise /etc/localtime and /etc/timezone.'],
  examples: `
- community.general.timezone:
    name: Asia/Shanghai
`,
  returns: {},
  args: {
    name: { type: 'str', doc: 'The zone, e.g. `Europe/Berlin`.' },
    hwclock: { type: 'str', choices: ['local', 'UTC'], aliases: ['rtc'], doc: 'Whether the hardware clock is in UTC.' },
  },
  rules: { requiredOneOf: [['name', 'hwclock']] },
  async probe(args, host): Promise<Current> {
    const sections = await runSections(
      host,
      section(
        'zone',
        // A zone may itself be a link to another (UTC to Etc/UTC), so one step tells its name. A copy has none, but the content of one.
        `z=/usr/share/zoneinfo/${quote(args.name ?? 'UTC')}
l=$(readlink /etc/localtime 2>/dev/null); case $l in */zoneinfo/*) ;; *) l=$(readlink -f /etc/localtime 2>/dev/null) ;; esac
case $l in */zoneinfo/*) printf 'name=%s\\n' "\${l#*/zoneinfo/}" ;;
*) if [ -f /etc/localtime ]; then cmp -s /etc/localtime "$z" && printf 'name=%s\\n' ${quote(args.name ?? 'UTC')} || echo 'name=unknown'; fi ;; esac
[ -e /etc/timezone ] && { printf 'file='; head -n 1 /etc/timezone; }
grep -qs '^LOCAL' /etc/adjtime && echo local=1
[ -f "$z" ] && echo known=1
[ -d /run/systemd/system ] && command -v timedatectl >/dev/null 2>&1 && timedatectl status >/dev/null 2>&1 && echo systemd=1`,
      ),
    );
    const found = keyValues(sections.get('zone'), '=');
    return {
      name: found.get('name') ?? found.get('file') ?? 'UTC',
      hwclock: found.has('local') ? 'local' : 'UTC',
      known: found.has('known'),
      systemd: found.has('systemd'),
      hasNameFile: found.has('file'),
      storedName: found.get('file') ?? '',
    };
  },
  plan(args, current) {
    const changes: Change[] = [];
    const { name, hwclock } = args;
    if (name !== undefined && !current.known) {
      throw new ModuleFailure(
        `time zone ${name} is unknown: there is no /usr/share/zoneinfo/${name} on the host (is tzdata installed, and tzdata-legacy for older names?)`,
      );
    }
    const isStale = current.hasNameFile && current.storedName !== name;
    if (name !== undefined && (current.name !== name || isStale)) {
      changes.push({
        what: 'time zone',
        before: isStale ? current.storedName : current.name,
        after: name,
        command: setZone(name, current),
      });
    }
    if (hwclock !== undefined && hwclock !== current.hwclock) {
      const flag = hwclock === 'local';
      const command = current.systemd
        ? `timedatectl set-local-rtc ${flag ? 'yes' : 'no'}`
        : `hwclock --systohc ${flag ? '--localtime' : '--utc'}`;
      changes.push({ what: 'hardware clock', before: current.hwclock, after: hwclock, command });
    }
    return { changes };
  },
});

function setZone(name: string, current: Current): string {
  const zone = quote(name);
  const file = current.hasNameFile ? ` && printf '%s\\n' ${zone} >/etc/timezone` : '';
  if (current.systemd) return `timedatectl set-timezone ${zone}${file}`;
  return `ln -sfn /usr/share/zoneinfo/${zone} /etc/localtime.kplay && mv -f /etc/localtime.kplay /etc/localtime${file}`;
}
