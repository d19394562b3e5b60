import { stateModule } from '../runner/module/contract.ts';
import { aptArguments } from './shared/apt/arguments.ts';
import { planApt } from './shared/apt/changes.ts';
import { probeApt } from './shared/apt/trial.ts';

export default stateModule({
  name: 'apt',
  summary: 'Install, upgrade and remove Debian packages.',
  notes: [
    'apt-get and dpkg are used, nothing has to be installed on the host; aptitude is never used.',
    'What an interrupted run left behind (unconfigured packages, half-done dependencies) is repaired on the way.',
    'Lists that are older than the files in /etc/apt/sources.list.d count as outdated, whatever cache_valid_time says.',
    'In check mode apt-get is asked whether it would do it: an older version, a held package, missing dependencies are failures, as in Ansible.',
    'In check mode packages of a repository that is not signed are a failure too, unless allow_unauthenticated; a run refuses them.',
    'In check mode the lists are not refreshed, so that packages of a repository that is yet to be added are unknown.',
  ],
  examples: `
- ansible.builtin.apt:
    name: [haproxy, keepalived]
    update_cache: true
    cache_valid_time: 3600
- ansible.builtin.apt:
    name: kubelet=1.25.*
    allow_change_held_packages: true
- ansible.builtin.apt:
    deb: /tmp/package.deb
`,
  returns: {
    cache_updated: 'Whether the package lists were refreshed.',
    cache_update_time: 'When that was done last, in seconds since the epoch.',
    stdout: 'What apt-get printed.',
    stderr: 'What apt-get complained of.',
  },
  args: aptArguments,
  probe: probeApt,
  plan: planApt,
});
