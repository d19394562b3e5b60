import type { ArgumentSchema, Arguments } from '../runner/module/arguments.ts';
import type { Host, Plan } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import type { Mapping } from '../runner/value.ts';
import { aptArguments } from './shared/apt/arguments.ts';
import { planApt } from './shared/apt/changes.ts';
import type { AptArguments, AptState } from './shared/apt/state.ts';
import { probeApt } from './shared/apt/state.ts';
import { dnfArguments } from './shared/dnf/arguments.ts';
import { planDnf } from './shared/dnf/changes.ts';
import type { DnfArguments, DnfState } from './shared/dnf/state.ts';
import { probeDnf } from './shared/dnf/state.ts';

const args = {
  name: { type: 'list', elements: 'str', required: true, doc: "Packages, in the package manager's own spelling." },
  state: {
    type: 'str',
    required: true,
    choices: ['present', 'absent', 'latest', 'installed', 'removed'],
    doc: 'The state that they are to be in.',
  },
  use: { type: 'str', default: 'auto', doc: 'apt, dnf or yum; found out when auto.' },
} as const;

type Current =
  | { readonly manager: 'apt'; readonly state: AptState }
  | { readonly manager: 'dnf'; readonly state: DnfState };

export default stateModule({
  name: 'package',
  summary: "Install, upgrade and remove packages with the host's own package manager.",
  notes: ['apt, dnf and yum are known.'],
  examples: `
- ansible.builtin.package:
    name: [chrony, curl]
    state: present
`,
  returns: { stdout: 'What the package manager printed.' },
  args,
  async probe(given, host): Promise<Current> {
    const manager = await managerOf(given.use, host);
    if (manager === 'apt') return { manager, state: await probeApt(aptOf(given), host) };
    return { manager, state: await probeDnf(dnfOf(given), host) };
  },
  plan(given, current): Plan {
    return current.manager === 'apt' ? planApt(aptOf(given), current.state) : planDnf(dnfOf(given), current.state);
  },
});

async function managerOf(use: string, host: Host): Promise<'apt' | 'dnf'> {
  const wanted = use === 'auto' ? (managerFact(host.facts) ?? (await findManager(host))) : use;
  if (wanted === 'apt') return 'apt';
  if (['dnf', 'yum', 'dnf4', 'dnf5', 'microdnf'].includes(wanted)) return 'dnf';
  throw new ModuleFailure(`package manager ${wanted} is not supported (apt, dnf or yum)`);
}

function managerFact(facts: Mapping): string | undefined {
  return typeof facts.pkg_mgr === 'string' && facts.pkg_mgr !== 'unknown' ? facts.pkg_mgr : undefined;
}

async function findManager(host: Host): Promise<string> {
  const { stdout } = await host.run(
    `. /etc/os-release 2>/dev/null
case " $ID $ID_LIKE " in *' debian '*|*' ubuntu '*) command -v apt-get >/dev/null && { echo apt; exit; } ;; esac
for p in dnf yum apt-get zypper apk pacman; do command -v $p >/dev/null && { echo $p; exit; }; done
echo unknown`,
  );
  const found = stdout.trim();
  return found === 'apt-get' ? 'apt' : found;
}

function stateOf(given: Arguments<typeof args>): 'present' | 'absent' | 'latest' {
  if (given.state === 'installed') return 'present';
  return given.state === 'removed' ? 'absent' : given.state;
}

function aptOf(given: Arguments<typeof args>): AptArguments {
  return { ...defaultsOf(aptArguments), name: given.name, state: stateOf(given) } as AptArguments;
}

function dnfOf(given: Arguments<typeof args>): DnfArguments {
  return { ...defaultsOf(dnfArguments), name: given.name, state: stateOf(given) } as DnfArguments;
}

function defaultsOf(schema: ArgumentSchema): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(schema).flatMap(([name, spec]) => (spec.default === undefined ? [] : [[name, spec.default]])),
  );
}
