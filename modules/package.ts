import type { Arguments } from '../runner/module/arguments.ts';
import type { Host, Module, Plan } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { validateArguments } from '../runner/module/validate.ts';
import type { Mapping, Value } from '../runner/value.ts';
import { mapping } from '../runner/value.ts';
import apt from './apt.ts';
import dnf from './dnf.ts';
import { planApt } from './shared/apt/changes.ts';
import type { AptArguments, AptState } from './shared/apt/state.ts';
import { probeApt } from './shared/apt/trial.ts';
import { planDnf } from './shared/dnf/changes.ts';
import type { DnfArguments } from './shared/dnf/command.ts';
import type { DnfState } from './shared/dnf/state.ts';
import { probeDnf } from './shared/dnf/trial.ts';

const args = {
  name: { type: 'list', elements: 'str', doc: "Packages, in the package manager's own spelling." },
  state: {
    type: 'str',
    choices: ['absent', 'build-dep', 'fixed', 'installed', 'latest', 'present', 'removed'],
    doc: "The state that they are to be in; the package manager's own default when not given.",
  },
  use: { type: 'str', default: 'auto', doc: 'apt, dnf or yum; found out when auto.' },
} as const;

type Given = Arguments<typeof args>;

type Current =
  | { readonly manager: 'apt'; readonly args: AptArguments; readonly state: AptState }
  | { readonly manager: 'dnf'; readonly args: DnfArguments; readonly state: DnfState };

export default stateModule({
  name: 'package',
  summary: "Install, upgrade and remove packages with the host's own package manager.",
  notes: [
    'apt, dnf and yum are known.',
    "All other arguments are handed on to the package manager's module, which refuses those that it does not know.",
  ],
  examples: `
- ansible.builtin.package:
    name: [chrony, curl]
    state: present
`,
  returns: { stdout: 'What the package manager printed.' },
  args,
  extraArguments: true,
  async probe(given, host): Promise<Current> {
    const manager = await managerOf(given.use, host);
    if (manager === 'apt') {
      const args = argumentsFor(apt, given) as AptArguments;
      return { manager, args, state: await probeApt(args, host) };
    }
    const args = argumentsFor(dnf, given) as DnfArguments;
    return { manager, args, state: await probeDnf(args, host) };
  },
  plan(_, current): Plan {
    return current.manager === 'apt' ? planApt(current.args, current.state) : planDnf(current.args, current.state);
  },
});

/** What the package manager's module is given, checked as a task of that module would be. Throws {@link ModuleFailure}. */
function argumentsFor(module: Pick<Module, 'name' | 'args' | 'rules'>, given: Given): Record<string, unknown> {
  const { use, ...rest } = given;
  const named = Object.entries(rest).filter(([, value]) => value !== undefined) as [string, Value][];
  const handed = mapping(named);
  if (module.name === 'apt' && given.state !== undefined) handed.state = aptState(given.state);
  const checked = validateArguments(module.args, module.rules, handed, module.name, {});
  if (checked.problems.length > 0) throw new ModuleFailure(checked.problems.map(({ message }) => message).join('\n'));
  return checked.args;
}

/** apt does not know the older names of states, dnf does. */
function aptState(state: string): string {
  if (state === 'installed') return 'present';
  return state === 'removed' ? 'absent' : state;
}

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
