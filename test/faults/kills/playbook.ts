/** How many commands note in the ledger that they have run. */
export const commandCount = 12;
/** How many files are written whole. */
export const fileCount = 8;

/** The content of a file in a version: long, so that half of it would be seen. */
export function contentOf(file: number, version: number): string {
  return `file ${file} version ${version}\n`.repeat(4000 + 3000 * (file % 3));
}

/**
 * A playbook of commands, files and edits of all ways in which kplay writes. Nothing ends it, so that what follows a kill
 * runs as well. `ledger` gets a line of every command that runs; version and run are variables.
 */
export function playbook(directory: string): string {
  const commands = Array.from({ length: commandCount }, (_, index) => command(index, directory));
  const files = Array.from({ length: fileCount }, (_, index) => file(index, directory));
  const tasks: string[] = [];
  while (commands.length + files.length > 0) tasks.push(...commands.splice(0, 2), ...files.splice(0, 1));
  return `- hosts: all
  gather_facts: false
  ignore_errors: true
  ignore_unreachable: true
  tasks:
${tasks.join('')}${edits(directory)}`;
}

function command(index: number, directory: string): string {
  const become = index % 4 === 3 ? '\n      become: true' : '';
  return `    - name: command ${index}
      shell: echo {{ run }}.${index} >>${directory}/files/ledger; sleep 0.0${index % 5}; echo done {{ run }}.${index}${become}
      register: r${index}
`;
}

function file(index: number, directory: string): string {
  const become = index % 3 === 2 ? '\n      become: true' : '';
  return `    - name: file ${index}
      ${index % 2 === 0 ? 'copy' : 'template'}:
        src: ${directory}/sources/{{ version }}/${index}
        dest: ${directory}/files/file${index}
        mode: "0640"${become}
`;
}

function edits(directory: string): string {
  return `    - name: a line
      lineinfile: {path: ${directory}/files/lines, line: "version {{ version }}", regexp: ^version, create: true}
    - name: a block
      blockinfile: {path: ${directory}/files/block, block: "{{ ('version ' ~ version ~ '\\n') * 2000 }}", create: true}
    - name: standard input
      command: cat
      args: {stdin: "{{ 'x' * 100000 }}"}
    - name: a script
      script: ${directory}/sources/script.sh
`;
}
