import { readFileSync } from 'node:fs';
import { decode, encode } from './bytes.ts';

/**
 * A variable of this process's environment. process.env puts U+FFFD in the place of bytes that are not UTF-8; they are
 * kept here (bytes.ts) where the kernel tells them (/proc).
 */
export function environmentVariable(name: string): string | undefined {
  const value = process.env[name];
  return value?.includes('\ufffd') ? exactly(name, value) : value;
}

/** All variables of this process's environment, each as {@link environmentVariable} gives it. */
export function processEnvironment(): Environment {
  const lossy = Object.entries(process.env).filter(([, value]) => value?.includes('\ufffd'));
  if (lossy.length === 0) return process.env;
  return { ...process.env, ...Object.fromEntries(lossy.map(([name, value]) => [name, exactly(name, value!)])) };
}

/** The words of the command line behind the program's own name, with bytes that are not UTF-8 kept. */
export function commandLineWords(): string[] {
  const words = process.argv.slice(2);
  if (!words.some((word) => word.includes('\ufffd'))) return words;
  const all = kernelStrings('/proc/self/cmdline').slice(-words.length);
  return words.map((word, index) => sameText(all[index], word));
}

/** Variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** What node:child_process takes to run a script. */
export interface ShellCommand {
  readonly file: string;
  readonly args: string[];
  readonly env: Record<string, string | undefined>;
}

/**
 * The command that runs a script by /bin/sh here. Node gives its children no bytes that are not UTF-8, so what holds
 * such bytes is spelled for sh to print.
 */
export function shellCommand(script: string, environment: Environment): ShellCommand {
  const env = { ...environment };
  const spelled = Object.entries(environment).filter(([, value]) => value?.isWellFormed() === false);
  const exports = spelled.map(([name, value]) => {
    delete env[name];
    // A command substitution takes line ends off the end.
    return `${name}=$(printf '${spell(value!)}_'); export ${name}="\${${name}%_}"; `;
  });
  const body = script.isWellFormed() ? script : `eval "$(printf '${spell(script)}')"`;
  return { file: '/bin/sh', args: ['-c', exports.join('') + body], env };
}

function spell(text: string): string {
  return Array.from(encode(text), (byte) => `\\${byte.toString(8).padStart(3, '0')}`).join('');
}

/** What the process began with, when that is what has become lossy. */
function exactly(name: string, lossy: string): string {
  const start = Buffer.from(`${name}=`);
  const found = kernelStrings('/proc/self/environ').find((bytes) => bytes.subarray(0, start.length).equals(start));
  return sameText(found?.subarray(start.length), lossy);
}

function sameText(bytes: Buffer | undefined, lossy: string): string {
  return bytes?.toString('utf8') === lossy ? decode(bytes) : lossy;
}

/** The strings of a file of /proc, each of which ends with a NUL; none where there is no such file. */
function kernelStrings(file: string): Buffer[] {
  let content: Buffer;
  try {
    content = readFileSync(file);
  } catch {
    return [];
  }
  const strings: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const end = content.indexOf(0, at);
    strings.push(content.subarray(at, end < 0 ? content.length : end));
    at = end < 0 ? content.length : end + 1;
  }
  return strings;
}
