import { stateModule } from '../runner/module/contract.ts';
import { dnfArguments } from './shared/dnf/arguments.ts';
import { planDnf } from './shared/dnf/changes.ts';
import { probeDnf } from './shared/dnf/trial.ts';

export default stateModule({
  name: 'dnf',
  aliases: ['yum', 'dnf5'],
  summary: 'Install, upgrade and remove RPM packages, with dnf or yum.',
  notes: [
    'yum is the same module: dnf is used where it is there, otherwise yum (CentOS 7).',
    'A package is looked for by name, then by what it provides; a version that is given must match.',
    'A version that is older than the installed one is left alone, with a warning, unless allow_downgrade. Of a pattern (`name-1.2*`) dnf decides itself, as with Ansible.',
    'In check mode dnf is asked whether it could do it, and a package that no repository has is a failure, as in Ansible; yum 3 and microdnf cannot be asked.',
    'What dnf goes on without (skip_broken, updates that cannot be installed) is no change, and is named in a warning; yum 3 and microdnf cannot be asked for it.',
    'dnf 5 and dnf 4 go on without a repository that is skip_if_unavailable; a warning says so where lists were to be read.',
    'Version locks are not managed.',
  ],
  examples: `
- ansible.builtin.dnf:
    name: [kubelet-1.27.3, kubeadm-1.27.3, kubectl-1.27.3]
    disable_excludes: kubernetes
- ansible.builtin.yum:
    name: '*'
    state: latest
    exclude: kernel*
`,
  returns: { results: 'What was done.', stdout: 'What dnf printed.', stderr: 'What dnf complained of.' },
  args: dnfArguments,
  probe: probeDnf,
  plan: planDnf,
});
