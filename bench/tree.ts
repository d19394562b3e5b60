import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

/** How big a generated tree of roles is. */
export interface TreeSize {
  readonly roles: number;
  readonly tasksPerRole: number;
}

/** Writes a playbook with roles of ordinary tasks into a folder, and returns the playbook's path. */
export function writeTree(folder: string, { roles, tasksPerRole }: TreeSize): string {
  const names = Array.from({ length: roles }, (_, index) => `role_${String(index).padStart(3, '0')}`);
  for (const name of names) {
    write(path.join(folder, 'roles', name, 'defaults', 'main.yml'), defaultsOf(name));
    write(path.join(folder, 'roles', name, 'tasks', 'main.yml'), tasksOf(name, tasksPerRole));
    write(path.join(folder, 'roles', name, 'handlers', 'main.yml'), handlersOf(name));
    write(path.join(folder, 'roles', name, 'templates', 'service.conf.j2'), `port = {{ ${name}_port }}\n`);
  }
  const playbook = path.join(folder, 'site.yml');
  write(
    playbook,
    `- name: Site\n  hosts: all\n  gather_facts: false\n  roles:\n${names.map((name) => `    - role: ${name}\n      tags: [${name}]\n`).join('')}`,
  );
  return playbook;
}

function defaultsOf(name: string): string {
  return `---\n${name}_port: 8080\n${name}_folder: /etc/${name}\n${name}_packages: [${name}, ${name}-tools]\n${name}_enabled: true\n`;
}

function tasksOf(name: string, count: number): string {
  return `---\n${Array.from({ length: count }, (_, index) => kinds[index % kinds.length]!(name, index)).join('\n')}`;
}

function handlersOf(name: string): string {
  return `---\n- name: Restart ${name}\n  ansible.builtin.command: systemctl restart ${name}\n  changed_when: true\n`;
}

const kinds: readonly ((name: string, index: number) => string)[] = [
  (name, index) => `- name: Make folder ${index} of ${name}
  ansible.builtin.file:
    path: "{{ ${name}_folder }}/part-${index}"
    state: directory
    mode: "0755"
  when: ${name}_enabled | bool
  tags: [files]
`,
  (name, index) => `- name: Write file ${index} of ${name}
  ansible.builtin.template:
    src: service.conf.j2
    dest: "{{ ${name}_folder }}/part-${index}.conf"
    mode: "0644"
  notify: Restart ${name}
  tags: [files, config]
`,
  (name, index) => `- name: Look at ${index} of ${name}
  ansible.builtin.command: "test -e {{ ${name}_folder }}/part-${index}.conf"
  register: ${name}_found_${index}
  changed_when: false
  failed_when: ${name}_found_${index}.rc not in [0, 1]
`,
  (name, index) => `- name: Set option ${index} of ${name}
  ansible.builtin.lineinfile:
    path: "{{ ${name}_folder }}/options"
    regexp: "^option_${index}="
    line: "option_${index}={{ ${name}_port + ${index} }}"
    create: true
  loop: "{{ ${name}_packages }}"
  loop_control:
    loop_var: package_name
  when:
    - ${name}_enabled | bool
    - package_name is match('${name}')
`,
  (name, index) => `- name: Remember ${index} of ${name}
  ansible.builtin.set_fact:
    ${name}_remembered_${index}: "{{ ${name}_folder | basename }}-${index}"
  when: ${name}_found_${index - 2} is defined and ${name}_found_${index - 2}.rc == 0
`,
];

/** Writes a file, making its folder. */
export function write(file: string, text: string): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text);
}
