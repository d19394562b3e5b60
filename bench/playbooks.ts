import path from 'node:path';
import { write } from './tree.ts';

/** 27 calls of modules that change hosts the first time and nothing from then on. */
export function convergingTasks(): string {
  const folder = '/etc/kplay-bench';
  const tasks: (readonly [string, string])[] = [
    ['group', 'name: benchers'],
    ['user', 'name: benchuser, group: benchers, shell: /bin/sh, create_home: false'],
    ...['', '/a', '/b', '/c'].map((sub) => ['file', `path: ${folder}${sub}, state: directory, mode: "0755"`] as const),
    ...['one', 'two', 'three', 'four'].map(
      (name) => ['copy', `content: "text of ${name}\\n", dest: ${folder}/a/${name}, mode: "0644"`] as const,
    ),
    ['copy', `content: "secret\\n", dest: ${folder}/a/secret, mode: "0600", owner: benchuser`],
    ...['alpha', 'beta', 'gamma'].map(
      (name) =>
        [
          'lineinfile',
          `path: ${folder}/a/lines, line: "${name}=1", regexp: "^${name}=", create: true, mode: "0644"`,
        ] as const,
    ),
    ['blockinfile', `path: ${folder}/a/block, block: "a block\\nof lines", create: true, mode: "0644"`],
    ['replace', `path: ${folder}/a/lines, regexp: "^alpha=1$", replace: "alpha=1"`],
    ['file', `path: ${folder}/b/link, src: ${folder}/a/one, state: link`],
    ['file', `path: ${folder}/b/empty, state: touch, access_time: preserve, modification_time: preserve`],
    ['stat', `path: ${folder}/a/one`],
    ['find', `paths: ${folder}/a`],
    ['slurp', `src: ${folder}/a/two`],
    ['command', `cmd: "touch ${folder}/c/made", creates: ${folder}/c/made`],
    ['shell', `cmd: "echo a | tr a b > ${folder}/c/shell", creates: ${folder}/c/shell`],
    ['systemd', 'name: ssh, state: started, enabled: true'],
    ['set_fact', 'bench_fact: "{{ inventory_hostname }}"'],
    ['debug', 'msg: "{{ bench_fact }}"'],
    ['assert', 'that: "bench_fact | length > 0"'],
  ];
  const text = tasks.map(
    ([module, args], index) => `    - name: Task ${index}\n      ansible.builtin.${module}: {${args}}\n`,
  );
  if (text.length !== 27) throw new Error(`these are ${text.length} tasks`);
  return `- hosts: all\n  gather_facts: false\n  become: true\n  tasks:\n${text.join('')}`;
}

/** A playbook with a role of 300 tasks of which every 30th runs. */
export function skippedRole(folder: string): string {
  const tasks = Array.from(
    { length: 300 },
    (_, index) => `- name: Task ${index}\n  ansible.builtin.command: echo ${index}\n  when: part == ${index % 30}\n`,
  );
  write(path.join(folder, 'roles', 'skipping', 'tasks', 'main.yml'), `---\n${tasks.join('')}`);
  write(path.join(folder, 'roles', 'skipping', 'defaults', 'main.yml'), '---\npart: 0\n');
  const playbook = path.join(folder, 'skips.yml');
  write(playbook, '- hosts: all\n  gather_facts: false\n  roles: [skipping]\n');
  return playbook;
}

/** A playbook of so many commands. */
export function commands(count: number): string {
  const tasks = Array.from(
    { length: count },
    (_, index) =>
      `    - name: Command ${index}\n      ansible.builtin.command: echo ${index} {{ inventory_hostname }}\n      changed_when: false\n`,
  );
  return `- name: Commands\n  hosts: all\n  gather_facts: false\n  tasks:\n${tasks.join('')}`;
}
