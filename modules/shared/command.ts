import { randomBytes } from 'node:crypto';
import type { ArgumentSchema } from '../../runner/module/arguments.ts';
import type { Host, ModuleResult } from '../../runner/module/contract.ts';
import type { Mapping } from '../../runner/value.ts';
import { globWord, pathWord } from './shell-path.ts';
import { quote } from './shell-quote.ts';

/** Arguments that command, shell and script share. */
export const guardArguments = {
  chdir: { type: 'path', doc: 'Folder to be in while it runs.' },
  creates: { type: 'path', doc: 'File (wildcards allowed); when it is there, nothing is run.' },
  removes: { type: 'path', doc: 'File (wildcards allowed); when it is not there, nothing is run.' },
} as const satisfies ArgumentSchema;

/** What {@link runGuarded} runs. */
export interface GuardedCommand {
  /** sh text that runs the command, last in its script. */
  readonly script: string;
  /** The command as it is told in the result. */
  readonly cmd: string | readonly string[];
  readonly chdir?: string | undefined;
  readonly creates?: string | undefined;
  readonly removes?: string | undefined;
  readonly stdin?: Buffer | string | undefined;
  /** A program that must be found, as a word of sh and as it is named in the message. */
  readonly program?: { readonly word: string; readonly name: string } | undefined;
  /** Whether line ends at the end of the output are taken off. */
  readonly strip: boolean;
}

/** The result, and the guard for which nothing was run because nothing was needed. */
export interface GuardedResult extends ModuleResult {
  readonly unneeded?: 'creates' | 'removes' | undefined;
}

/**
 * Runs a command behind its guards, all in one round trip: chdir, creates, removes, then the command. In check mode it
 * only looks at the guards. The result is that of Ansible's command modules.
 */
export async function runGuarded(command: GuardedCommand, host: Host): Promise<GuardedResult> {
  const token = `kplay-${randomBytes(12).toString('hex')}`;
  const guarded = command.creates !== undefined || command.removes !== undefined;
  const cmd = typeof command.cmd === 'string' ? command.cmd : [...command.cmd];
  if (host.checkMode && !guarded) {
    const msg = 'Command would have run if not in check mode';
    return { skipped: true, changed: false, msg, fields: { cmd, rc: 0, stdout: '', stderr: '' } };
  }
  const script = guards(command, token) + (host.checkMode ? `echo ${token} would` : command.script);
  const started = new Date();
  const { rc, stdout, stderr } = await host.run(script, {
    stdin: command.stdin,
    stream: !host.checkMode,
    userPath: true,
  });
  const verdict = stdout.startsWith(`${token} `) ? stdout.slice(token.length + 1).trim() : undefined;
  if (verdict !== undefined) return stopped(command, verdict, stderr, cmd);
  const fields: Mapping = { cmd, rc, ...outputOf(stdout, stderr, command.strip), ...timesOf(started, new Date()) };
  if (rc === 0) return { changed: true, msg: '', fields };
  return { changed: true, failed: true, msg: 'The command exited with a non-zero return code.', fields };
}

/** What the guards found, when it kept the command from running. */
function stopped(command: GuardedCommand, verdict: string, stderr: string, cmd: Mapping[string]): GuardedResult {
  const none = { cmd, stdout: '', stderr: '' };
  switch (verdict) {
    case 'creates':
      return { ...skippedSince(`${command.creates} exists`, cmd), unneeded: 'creates' };
    case 'removes':
      return { ...skippedSince(`${command.removes} does not exist`, cmd), unneeded: 'removes' };
    case 'would':
      return { changed: true, msg: 'Command would have run if not in check mode', fields: { ...none, rc: 0 } };
    case 'chdir': {
      const msg = `Unable to change directory before execution: ${stderr.trim() || command.chdir}`;
      return { failed: true, msg, fields: { ...none, rc: 1 } };
    }
    default: {
      const [rc, error] = verdict === 'program 2' ? [13, 'Permission denied'] : [2, 'No such file or directory'];
      return { failed: true, msg: `[Errno ${rc}] ${error}: b'${command.program?.name}'`, fields: { ...none, rc } };
    }
  }
}

function skippedSince(reason: string, cmd: Mapping[string]): ModuleResult {
  const msg = `Did not run command since '${reason.replace(/ (exists|does not exist)$/, "' $1")}`;
  return { changed: false, msg, fields: { cmd, rc: 0, stdout: `skipped, since ${reason}`, stderr: '' } };
}

function guards(command: GuardedCommand, token: string): string {
  const lines: string[] = [];
  if (command.chdir !== undefined) lines.push(`cd ${pathWord(command.chdir)} || { echo ${token} chdir; exit 0; }`);
  if (command.creates !== undefined) {
    lines.push(`for f in ${globWord(command.creates)}; do`);
    lines.push(`  if [ -e "$f" ] || [ -L "$f" ]; then echo ${token} creates; exit 0; fi`, 'done');
  }
  if (command.removes !== undefined) {
    lines.push(`found=; for f in ${globWord(command.removes)}; do`);
    lines.push(`  if [ -e "$f" ] || [ -L "$f" ]; then found=1; fi`, 'done');
    lines.push(`[ "$found" ] || { echo ${token} removes; exit 0; }`, 'unset found');
  }
  if (command.program) lines.push(`kplay_program ${command.program.word} || { echo ${token} program $?; exit 0; }`);
  return lines.length === 0 ? '' : `${lines.join('\n')}\nunset f\n`;
}

function outputOf(stdout: string, stderr: string, strip: boolean): Mapping {
  const text = (output: string): string => (strip ? output.replace(/[\r\n]+$/, '') : output);
  return { stdout: text(stdout), stderr: text(stderr) };
}

/** start, end and delta as Ansible writes them; this machine's clock. */
function timesOf(start: Date, end: Date): Mapping {
  const milliseconds = Math.max(0, end.getTime() - start.getTime());
  const seconds = Math.floor(milliseconds / 1000);
  const two = (part: number): string => String(part).padStart(2, '0');
  const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return {
    start: start.toISOString().replace('T', ' ').replace('Z', '000'),
    end: end.toISOString().replace('T', ' ').replace('Z', '000'),
    delta: `${clock}.${String(milliseconds % 1000).padStart(3, '0')}000`,
  };
}

/** The `stdin` argument as what is sent, with the line end that is added unless told otherwise. */
export function stdinText(stdin: string | undefined, addNewline: boolean): string | undefined {
  if (stdin === undefined) return undefined;
  return addNewline && !stdin.endsWith('\n') ? `${stdin}\n` : stdin;
}

/** sh text that runs a text with a shell. */
export function shellScript(text: string, executable: string | undefined): string {
  return `exec ${executable === undefined ? '/bin/sh' : pathWord(executable)} -c ${quote(text)}`;
}

/** sh text that runs a text of the user with the connection's shell (`ansible_shell_executable`), apart from ours. */
export function userScript(text: string): string {
  return `exec "\${kplay_shell:-/bin/sh}" -c ${quote(text)}`;
}
