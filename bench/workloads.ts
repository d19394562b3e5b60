import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { insideNamespace } from '../test/lab/shell.ts';
import { benchHosts, onHosts, parallelSsh, sshKey, sshOptions, sshUser } from './lab.ts';
import { commands, convergingTasks, skippedRole } from './playbooks.ts';
import { type Command, kplayCommand, playbookCommand, type ToolName } from './tools.ts';
import { write, writeTree } from './tree.ts';

/** One thing to measure with several tools. */
export interface Workload {
  readonly name: string;
  readonly title: string;
  readonly rounds: number;
  readonly inLab: boolean;
  /** The command of a tool; undefined where the tool has no such thing. */
  command(tool: ToolName): Command | undefined;
  /** Tasks times hosts, for the processor time of each. */
  readonly taskCount?: number;
  /** Done before every run, not measured. */
  before?(): void;
}

/** Makes the workloads' files in a folder. */
export function makeWorkloads(folder: string, inventory: string, config: string): readonly Workload[] {
  const playbook = (name: string, text: string): string => {
    const file = path.join(folder, `${name}.yml`);
    write(file, text);
    return file;
  };
  const run =
    (file: string, ...words: string[]) =>
    (tool: ToolName): Command | undefined =>
      tool === 'floor' ? undefined : playbookCommand(tool, [file, '-i', inventory, ...words], config);
  const withFloor = (command: ReturnType<typeof run>, floor: Command) => (tool: ToolName) =>
    tool === 'floor' ? floor : command(tool);
  const shell = (text: string): Command => ({ words: ['sh', '-c', text] });
  const scp = ['scp', '-q', ...sshOptions, '-i', sshKey];
  const play = (tasks: string): string => `- hosts: all\n  gather_facts: false\n  tasks:\n${tasks}`;

  const small = path.join(folder, 'small');
  mkdirSync(small, { recursive: true });
  for (let index = 0; index < 200; index++) {
    writeFileSync(path.join(small, `file-${index}`), `${String(index).padEnd(63, '.')}\n`.repeat(160));
  }
  const big = path.join(folder, 'big.bin');
  const first = benchHosts[0]!;
  const items = Array.from({ length: 1000 }, (_, index) => `echo ${index}`).join('\n');
  const modules = playbook('modules', convergingTasks());
  const tree = writeTree(path.join(folder, 'tree'), { roles: 200, tasksPerRole: 50 });
  const clean =
    'sudo rm -rf /etc/kplay-bench /tmp/kplay-bench; sudo userdel -f benchuser 2>/dev/null; sudo groupdel benchers 2>/dev/null; :';
  const hosts = benchHosts.length;

  return [
    {
      name: 'commands',
      title: '30 commands per host',
      rounds: 3,
      inLab: true,
      taskCount: 30 * hosts,
      command: withFloor(
        run(playbook('commands', commands(30))),
        shell(parallelSsh(Array.from({ length: 30 }, (_, index) => `/bin/echo ${index} host`).join('\n'))),
      ),
    },
    {
      name: 'first',
      title: '27 mixed module calls, first run',
      rounds: 2,
      inLab: true,
      taskCount: 27 * hosts,
      before: () => onHosts(clean),
      command: run(modules),
    },
    {
      name: 'converged',
      title: 'the same, converged',
      rounds: 3,
      inLab: true,
      taskCount: 27 * hosts,
      before: () => converge(run(modules)('kplay')!),
      command: run(modules),
    },
    {
      name: 'loop',
      title: 'loop of 1000 commands',
      rounds: 1,
      inLab: true,
      taskCount: 1000 * hosts,
      command: withFloor(
        run(
          playbook(
            'loop',
            play('    - ansible.builtin.command: echo {{ item }}\n      loop: "{{ range(1000) | list }}"\n'),
          ),
        ),
        shell(parallelSsh(items.replaceAll('echo', '/bin/echo'))),
      ),
    },
    {
      name: 'files',
      title: '200 files of 10 KiB',
      rounds: 1,
      inLab: true,
      before: () => onHosts('rm -rf /tmp/kplay-bench; mkdir /tmp/kplay-bench'),
      command: withFloor(
        run(
          playbook(
            'files',
            play(`    - ansible.builtin.copy: {src: ${small}/, dest: /tmp/kplay-bench/, mode: "0644"}\n`),
          ),
        ),
        shell(
          `p=; ${benchHosts.map(({ address }) => `${scp.join(' ')} -r ${small} ${sshUser}@${address}:/tmp/kplay-bench/ & p="$p $!"`).join('; ')}; wait $p`,
        ),
      ),
    },
    {
      name: 'big',
      title: 'a file of 1 GiB to one host (floor: scp)',
      rounds: 3,
      inLab: true,
      before: () => {
        makeBigFile(big);
        onHosts('rm -rf /tmp/kplay-bench; mkdir /tmp/kplay-bench');
      },
      command: withFloor(
        run(
          playbook(
            'big',
            play(`    - ansible.builtin.copy: {src: ${big}, dest: /tmp/kplay-bench/big, mode: "0644"}\n`),
          ),
          '--limit',
          first.name,
        ),
        shell(`${scp.join(' ')} ${big} ${sshUser}@${first.address}:/tmp/kplay-bench/big`),
      ),
    },
    {
      name: 'facts',
      title: 'fact gathering',
      rounds: 3,
      inLab: true,
      taskCount: hosts,
      command: run(playbook('facts', '- hosts: all\n  tasks: []\n')),
    },
    {
      name: 'skips',
      title: 'a role of 300 tasks, 290 skipped',
      rounds: 2,
      inLab: true,
      taskCount: 300 * hosts,
      command: run(skippedRole(folder)),
    },
    {
      name: 'list',
      title: '--list-tasks of 10,000 tasks in 200 roles',
      rounds: 3,
      inLab: false,
      command: run(tree, '--list-tasks'),
    },
    {
      name: 'start',
      title: '--version (floor: an empty Node program)',
      rounds: 15,
      inLab: false,
      command: (tool) => {
        const empty = path.join(folder, 'empty.mjs');
        write(empty, '');
        if (tool === 'floor') return { words: [process.execPath, empty] };
        if (tool === 'ansible')
          return { words: ['ansible-playbook', '--version'], environment: { ANSIBLE_CONFIG: config } };
        return kplayCommand(tool, ['--version']);
      },
    },
  ];
}

let converged = false;

/** Once: what is measured then finds nothing to change. */
function converge({ words }: Command): void {
  if (converged) return;
  converged = true;
  const [enter, ...rest] = [...insideNamespace, ...words];
  execFileSync(enter!, rest, { stdio: ['ignore', 'ignore', 2] });
}

let bigFileMade = false;

/** A file that no compression makes small. */
function makeBigFile(file: string): void {
  if (bigFileMade) return;
  bigFileMade = true;
  onLocal(`head -c 1G /dev/urandom >'${file}'`);
}

function onLocal(script: string): void {
  execFileSync('sh', ['-c', script]);
}
