import { describeOptions } from './options.ts';
import { runOptions } from './run-options.ts';

/** What `kplay` alone prints. */
export const overview = `kplay runs Ansible-style playbooks over SSH. The hosts need sshd and a POSIX sh, nothing else.

  kplay run PLAYBOOK… -i INVENTORY   run playbooks ("kplay run --help" lists the options)
  kplay lint PLAYBOOK… -i INVENTORY  check playbooks whole, conditional parts too; contact no host
  kplay report merge FILE…           one recap of several runs' --json outputs
  kplay doc [MODULE]                 what a module does and takes; without a name, all modules
  kplay doc -t keyword [NAME]        what a keyword means and where it may stand
  kplay schema KIND                  a JSON Schema for editors: playbook, tasks, inventory, vars, role-meta, argument-specs
  kplay --version

To see what a run would do before it does it:
  kplay run playbooks/ha.yml -i inventory --check --diff
`;

/** What `kplay run --help` prints. */
export function runHelp(): string {
  return `kplay run PLAYBOOK… -i INVENTORY [OPTIONS]

Runs playbooks on the hosts of an inventory. What is sure to fail is told before the first host is contacted, and what
would fail behind a condition is warned of; kplay lint tells of both and contacts no host. Exit codes are Ansible's: 0 all
went well, 1 error, 2 a host failed, 4 a host could not be reached or a playbook could not be read, 5 wrong options, 99
interrupted, 250 a defect of kplay; and kplay's own 74: standard output could not be written to, so the run was ended.

${describeOptions(runOptions)}

Environment
  KPLAY_MAX_ITEMS        the most items that a list may get that a template makes (10000000)
  KPLAY_MAX_CHARACTERS   the most characters that a text may get that a template makes (67108864)

Examples
  kplay run playbooks/ha.yml -i inventory                       build the cluster
  kplay run playbooks/ha.yml -i inventory --check --diff        only tell what would change
  kplay run playbooks/ha.yml -i inventory --tags haproxy        only that part
  kplay run playbooks/ha.yml -i inventory --limit k8s-node03    only that host
`;
}
