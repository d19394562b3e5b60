import { table } from '../table.ts';

const oneTask =
  'A task is given in a playbook: [{hosts: all, gather_facts: false, tasks: [{ping: }]}] in ping.yml, then kplay run ping.yml -i INVENTORY.';

/** What to do in place of Ansible's commands, by their names without `ansible-`. */
const substitutes = table<string>({
  ansible: oneTask,
  adhoc: oneTask,
  ping: oneTask,
  console: oneTask,
  playbook: 'Playbooks are run by kplay run PLAYBOOK -i INVENTORY.',
  inventory:
    'kplay run PLAYBOOK -i INVENTORY --list-hosts shows the hosts of each play; a debug task with "var: vars" shows the variables of one.',
  vault:
    'Files and values encrypted with ansible-vault are not supported: keep secrets in a file that only you can read, and give it by -e @FILE.',
  galaxy:
    'kplay fetches no roles: put them into roles/ beside the playbook, or into a folder that ANSIBLE_ROLES_PATH names.',
  config: 'kplay run warns of the settings in ansible.cfg and ANSIBLE_* that have no effect.',
  doc: 'Modules are described by kplay doc MODULE.',
  lint: 'kplay lint PLAYBOOK -i INVENTORY finds what can be known to be wrong before a run.',
  pull: 'Fetch the playbooks with git, then kplay run PLAYBOOK -i localhost, -c local.',
  test: 'kplay lint PLAYBOOK checks a playbook; --check --diff shows what it would change.',
});

/** What to do in place of a command that there is not: Ansible's, or a playbook without `run`. Undefined for other words. */
export function substituteFor(word: string): string | undefined {
  const known = substitutes[word.replace(/^ansible-/, '')];
  if (known !== undefined) return known;
  return /\.ya?ml$/.test(word) ? `Playbooks are run by kplay run ${word} -i INVENTORY.` : undefined;
}
