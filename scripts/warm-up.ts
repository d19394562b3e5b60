import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { program as Program } from '../runner/cli/program.ts';
import { startHost } from './warm-up-host.ts';

/** Touches what nearly every playbook uses; changes nothing. */
const playbook = `
- name: Warm up
  hosts: all
  vars:
    words: [one, two]
    folder: "{{ playbook_dir }}/{{ words | first }}"
  tasks:
    - name: Look at {{ folder }}
      ansible.builtin.stat: {path: "{{ folder }}"}
      register: found
      tags: [look]
    - name: Run a command
      ansible.builtin.command: {cmd: "true"}
      check_mode: false
      changed_when: false
      when: not found.stat.exists
    - name: Make a folder
      ansible.builtin.file: {path: "{{ folder }}", state: directory, mode: "0755"}
      loop: "{{ words }}"
      notify: Say so
    - name: Write a file
      ansible.builtin.copy: {content: "{{ words | join(',') }}\\n", dest: "{{ folder }}.txt"}
      when: words | length > 1 and (found is defined or ansible_facts.nothing | default(false) | bool)
    - name: Write another from a template
      ansible.builtin.template: {src: text.j2, dest: "{{ folder }}.text"}
    - ansible.builtin.set_fact: {several: "{{ words | length > 1 }}"}
    - ansible.builtin.assert: {that: several}
    - name: A block
      when: false
      block:
        - ansible.builtin.debug: {msg: "{{ hostvars[inventory_hostname].words }}"}
  handlers:
    - name: Say so
      ansible.builtin.debug: {var: words}
`;

const template = '{% for word in words %}\n{{ word }}\n{% endfor %}\n';

/** Runs a small playbook on this machine, as it is and over SSH, so that V8 compiles what nearly every run needs. */
export async function warmUp(program: typeof Program): Promise<void> {
  const folder = mkdtempSync(path.join(tmpdir(), 'kplay-bundle-'));
  const write = process.stdout.write;
  const host = await startHost(folder);
  try {
    const files = { 'playbook.yml': playbook, 'templates/text.j2': template, 'hosts.yml': host.inventory };
    mkdirSync(path.join(folder, 'templates'));
    for (const [name, text] of Object.entries(files)) writeFileSync(path.join(folder, name), text);
    let said = '';
    process.stdout.write = ((text: string) => {
      said += text;
      return true;
    }) as typeof write;
    for (const words of [
      ['-i', 'localhost,', '-c', 'local'],
      ['-i', path.join(folder, 'hosts.yml')],
    ]) {
      const code = await program(['run', path.join(folder, 'playbook.yml'), '--check', ...words]);
      if (code !== 0) throw new Error(`the bundle does not work:\n${said}`);
    }
  } finally {
    process.stdout.write = write;
    await host.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
