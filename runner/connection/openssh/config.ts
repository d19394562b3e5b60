import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { globSync } from '../../glob.ts';
import { shellWords } from '../ssh/arguments.ts';
import { expandHome } from '../ssh/home.ts';

/** What a user's words for ssh say about the file that it reads. */
export interface Configuration {
  /** The words without `-F`. */
  readonly words: readonly string[];
  /** The files that ssh is to read, in order; the first value of an option wins. */
  readonly files: readonly string[];
}

/** Takes the file out of a user's words. @param home where ~/.ssh is */
export function configurationOf(sshArgs: string, home: string): Configuration {
  const words: string[] = [];
  let file: string | undefined;
  const given = shellWords(sshArgs);
  while (given.length > 0) {
    const word = given.shift()!;
    if (!/^-F/.test(word)) words.push(word);
    else file = word.length > 2 ? word.slice(2) : given.shift();
  }
  if (file === undefined) return { words, files: [join(home, '.ssh/config'), '/etc/ssh/ssh_config'] };
  return { words, files: file === 'none' ? [] : [expandHome(file, home)] };
}

/**
 * Writes the file that ssh is given: those of the user and of the system, and behind them, so that they win, kplay's own values.
 * The client for a jump host reads it, too.
 */
export function writeConfiguration(folder: string, files: readonly string[], defaults: readonly string[]): string {
  const file = join(folder, 'config');
  // What files say when they are read again comes before what nobody says.
  const behind = textsOf(files).some((text) => /^\s*match\s(?:.*\s)?!?final\b/im.test(text))
    ? 'Match final all'
    : 'Match all';
  const text = [...files.map((name) => `Match all\nInclude "${name}"`), behind, ...defaults];
  writeFileSync(file, `${text.join('\n')}\n`, { mode: 0o600 });
  return file;
}

/** Options that have to be known before the login, where words or files may set them. */
const telling =
  /^\s*(?:-o\s*)?(?:controlpath|forwardagent|include|match|stricthostkeychecking|\w*knownhostsfile|proxyjump)\b|^-\w*[AJS]/im;
/** An option with a value that stands for itself: no token, no variable, no quote, not below a home directory. */
const literal = /^\s*(\w+)\s*[=\s]\s*([^\s%~$"'\\][^\s%$"'\\]*)\s*$/;

/**
 * What a user's words and files come to for the options that have to be known before the login, by lower-case name, where that can be
 * told without ssh: files set none of them, and the words set them to what stands for itself.
 * @returns undefined where ssh has to be asked
 */
export function toldOptions({ words, files }: Configuration): ReadonlyMap<string, string> | undefined {
  const told = new Map<string, string>();
  for (const [index, word] of words.entries()) {
    const isValue = words[index - 1] === '-o';
    const option = isValue ? word : word.startsWith('-o') ? word.slice(2) : undefined;
    if (!telling.test(option ?? word)) continue;
    const [, name = '', value = ''] = literal.exec(option ?? '') ?? [];
    if (name === '') return undefined;
    const key = name.toLowerCase();
    if (!told.has(key)) told.set(key, value);
  }
  return textsOf(files).some((text) => telling.test(text)) ? undefined : told;
}

const system = '/etc/ssh/ssh_config';

/** What stands in the files, and in those of the system's folder, which Debian's own includes; not in others that are included. */
function textsOf(files: readonly string[]): string[] {
  const texts = files.filter((file) => file !== system).map(textOf);
  if (!files.includes(system)) return texts;
  const own = textOf(system).replaceAll(/^Include \/etc\/ssh\/ssh_config\.d\/\*\.conf$/gm, '');
  return [...texts, own, ...globSync(`${system}.d/*.conf`).map(textOf)];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
