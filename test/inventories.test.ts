import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { load } from 'js-yaml';
import { loadInventory } from '../runner/inventory/load-inventory.ts';
import { packageRoot } from '../runner/root.ts';
import { borrowRoles, runKplay } from './roles/run-kplay.ts';
import { defaultsOf, playbooks, roles, samples } from './sample-inventories.ts';
import { temporaryDirectory } from './temporary.ts';

// No role's defaults: how kplay reaches the host.
const connection = /^ansible_(host|port|user|become\w*|connection|ssh_\w+|password|private_key_file)$/;

/** Names that an inventory's group_vars and host_vars set. */
function variablesInFiles(inventory: string): string[] {
  const files = readdirSync(inventory, { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => /^(group|host)_vars\/.*\.yml$/.test(file))
    .flatMap((file) => Object.keys(load(readFileSync(path.join(inventory, file), 'utf8')) as object));
}

for (const sample of samples) {
  const inventory = path.join(packageRoot, sample.inventory);

  test(`${sample.name}: it has the document's hosts and addresses`, async (t) => {
    const { hosts } = await loadInventory([inventory], { cwd: packageRoot, warn: (text) => t.fail(text) });
    const found = Object.fromEntries([...hosts.values()].map((host) => [host.name, host.vars.ansible_host]));
    t.deepEqual(found, sample.hosts);
  });

  test(`${sample.name}: every variable is one that a role has`, async (t) => {
    const known = new Set(roles().flatMap(defaultsOf));
    const { hosts, groups } = await loadInventory([inventory], { cwd: packageRoot, warn: (text) => t.fail(text) });
    const given = new Set<string>();
    for (const { vars } of [...hosts.values(), ...groups.values()])
      for (const name of Object.keys(vars)) given.add(name);
    for (const name of variablesInFiles(inventory)) given.add(name);
    t.true(given.has('kubernetes_version'));
    const unknown = [...given].filter((name) => !known.has(name) && !connection.test(name));
    t.deepEqual(unknown, []);
  });

  test(`${sample.name}: all playbooks read it`, async (t) => {
    const listed = await runKplay(['run', '--list-tasks', '-i', inventory, ...playbooks()]);
    t.is(listed.code, 0, listed.stdout + listed.stderr);
    t.regex(listed.stdout, /kubeadm : /);
  });

  test(`${sample.name}: preflight has nothing against it`, async (t) => {
    const folder = temporaryDirectory('kplay-inventories');
    borrowRoles(folder, {});
    writeFileSync(
      path.join(folder, 'play.yml'),
      `- hosts: kubernetes:loadbalancers:registries
  gather_facts: false
  tasks: [{ansible.builtin.import_role: {name: preflight, tasks_from: cluster}, run_once: true}]
`,
    );
    // Nobody is asked: the checks of the cluster's values need no host.
    const here = ['-e', JSON.stringify({ ...sample.facts, ansible_connection: 'local', ansible_become: false })];
    const checked = await runKplay(['run', path.join(folder, 'play.yml'), '-i', inventory, ...here]);
    t.is(checked.code, 0, checked.stdout + checked.stderr);
    t.regex(checked.stdout, /Nothing stands in the way/);
    const short = ['-e', '{"kubernetes_version": "1.25"}'];
    t.is((await runKplay(['run', path.join(folder, 'play.yml'), '-i', inventory, ...here, ...short])).code, 2);
  });
}
