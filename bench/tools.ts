import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { insideNamespace } from '../test/lab/shell.ts';
import { type Measured, measure } from './measure.ts';

/**
 * `openssh` is kplay through the OpenSSH client, `openssh-x25519` the same with the key exchange that kplay's own SSH uses, `before` an
 * earlier kplay.
 */
export type ToolName = 'kplay' | 'openssh' | 'openssh-x25519' | 'before' | 'ansible' | 'mitogen' | 'floor';

/** What a tool is run with. */
export interface Command {
  readonly words: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

const program = fileURLToPath(new URL('../runner/cli/main.cjs', import.meta.url));
let earlier: string | undefined;

/** Has the tool `before` be the kplay that is built in another checkout's directory. */
export function setBefore(checkout: string): void {
  earlier = path.join(path.resolve(checkout), 'dist/runner/cli/main.cjs');
  if (!existsSync(earlier)) throw new Error(`${earlier} is not there: build that checkout first`);
}

/** The command of kplay itself, or of the build before; undefined for the other tools. */
export function kplayCommand(tool: ToolName, words: readonly string[]): Command | undefined {
  if (tool === 'kplay') return { words: [process.execPath, program, ...words] };
  if (tool.startsWith('openssh') && words[0] === 'run') {
    const exchange = tool === 'openssh' ? [] : ['--ssh-extra-args', '-o KexAlgorithms=curve25519-sha256'];
    return { words: [process.execPath, program, ...words, '-c', 'openssh', ...exchange] };
  }
  return tool === 'before' && earlier !== undefined ? { words: [process.execPath, earlier, ...words] } : undefined;
}
const mitogenPlugins = '/usr/lib/python3/dist-packages/ansible_mitogen/plugins/strategy';

/** The command with which a tool runs a playbook. */
export function playbookCommand(tool: ToolName, words: readonly string[], config: string): Command {
  const kplay = kplayCommand(tool, ['run', ...words]);
  if (kplay) return kplay;
  const environment = { ANSIBLE_CONFIG: config, ANSIBLE_NOCOLOR: '1' };
  if (tool === 'ansible') return { words: ['ansible-playbook', ...words], environment };
  return {
    words: ['ansible-playbook', ...words],
    environment: { ...environment, ANSIBLE_STRATEGY_PLUGINS: mitogenPlugins, ANSIBLE_STRATEGY: 'mitogen_linear' },
  };
}

/** Why a tool cannot be measured here, or undefined. */
export function missing(tool: ToolName): string | undefined {
  if (tool === 'before' && earlier === undefined) return '--before names no checkout';
  if (tool === 'mitogen' && !existsSync(mitogenPlugins)) return 'Debian package ansible-mitogen is not installed';
  if (tool !== 'ansible' && tool !== 'mitogen') return undefined;
  return existsSync('/usr/bin/ansible-playbook') ? undefined : 'Debian package ansible-core is not installed';
}

/** Runs a command inside the lab's network and measures it. Throws when it fails. */
export async function runMeasured(name: string, command: Command, inLab: boolean, memory: boolean): Promise<Measured> {
  // Connections that an earlier run left open would be used again: every run makes its own.
  const sockets = mkdtempSync(path.join(tmpdir(), 'kb-'));
  const environment = { ...command.environment, ANSIBLE_SSH_CONTROL_PATH_DIR: sockets };
  try {
    const measured = await measure([...(inLab ? insideNamespace : []), ...command.words], { environment, memory });
    if (measured.code !== 0) {
      throw new Error(`${name} ended with ${measured.code}:\n${measured.output.slice(-3000)}`);
    }
    return measured;
  } finally {
    endMasters(sockets);
    rmSync(sockets, { recursive: true, force: true });
  }
}

/** Ends the ssh processes that keep Ansible's connections of one run. */
function endMasters(sockets: string): void {
  const found = execFileSync('sh', ['-c', 'ls -1 "$1" 2>/dev/null || :', 'sh', sockets], { encoding: 'utf8' });
  for (const name of found.split('\n').filter(Boolean)) {
    try {
      execFileSync('ssh', ['-F', 'none', '-O', 'exit', '-S', path.join(sockets, name), 'any'], { stdio: 'ignore' });
    } catch {
      // It has ended by itself.
    }
  }
}
