import { KplayError } from '../../errors.ts';
import { ShellWordsError, shellWords as splitLine } from '../../python/shlex.ts';
import { table } from '../../table.ts';
import { markOption } from './beyond.ts';
import { addOption, type Options, splitWords } from './config-file.ts';
import { effectiveOptions, needlessOptions } from './option-table.ts';

/** What the text of `ssh_args` asks for. */
export interface SshArguments {
  readonly options: Options;
  /** `-F`: the file read in place of ~/.ssh/config and /etc/ssh/ssh_config. */
  readonly configFile: string | undefined;
}

/** Options with a value that become an option of the configuration. */
const valueFlags: Readonly<Record<string, string>> = table<string>({
  p: 'port',
  i: 'identityfile',
  J: 'proxyjump',
  l: 'user',
  b: 'bindaddress',
  c: 'ciphers',
  m: 'macs',
});
/** Flags that change nothing here: no terminal, no compression, no forwarding, quiet or verbose. */
const needlessFlags = 'CTqvxaAnG';
const needlessValueFlags = 'SEO';

/** Understands OpenSSH's command line options. Throws KplayError `unsupported` for those that kplay does not know. */
export function parseSshArguments(text: string): SshArguments {
  const options: Options = new Map();
  let configFile: string | undefined;
  const words = shellWords(text);
  while (words.length > 0) {
    const word = words.shift()!;
    if (!/^-[A-Za-z0-9]/.test(word)) throw unsupported(word);
    let letters = word.slice(1);
    while (letters !== '') {
      const letter = letters[0]!;
      letters = letters.slice(1);
      if (letter === '4' || letter === '6') addOption(options, 'addressfamily', letter === '4' ? 'inet' : 'inet6');
      else if (needlessFlags.includes(letter)) continue;
      else if ('oF'.includes(letter) || letter in valueFlags || needlessValueFlags.includes(letter)) {
        const value = letters !== '' ? letters : words.shift();
        if (value === undefined) throw unsupported(`-${letter} without a value`);
        letters = '';
        if (letter === 'o') addWrittenOption(options, value);
        else if (letter === 'F') configFile = value;
        else if (letter in valueFlags) addOption(options, valueFlags[letter]!, value);
      } else if (letter === 'K' || letter === 'k') delegate(options, letter === 'K');
      else throw unsupported(`-${letter}`);
    }
  }
  return { options, configFile };
}

/** `-K` logs in by GSSAPI and hands the ticket on, `-k` hands none on. */
function delegate(options: Options, isTo: boolean): void {
  if (isTo) addOption(options, 'gssapiauthentication', 'yes');
  addOption(options, 'gssapidelegatecredentials', isTo ? 'yes' : 'no');
}

function addWrittenOption(options: Options, text: string): void {
  const [name, ...values] = splitWords(text);
  const key = name?.toLowerCase() ?? text;
  if (effectiveOptions.has(key)) addOption(options, key, values.join(' '));
  else if (!needlessOptions.has(key)) throw unsupported(`-o ${text}`);
}

/** Splits a user's options into words, as Ansible does. Throws KplayError for a quote that is not closed. */
export function shellWords(text: string): string[] {
  try {
    return splitLine(text).map((word) => word.text);
  } catch (error) {
    if (!(error instanceof ShellWordsError)) throw error;
    throw new KplayError({
      code: 'unsupported',
      message: `The options for ssh cannot be split into words: ${error.message}.`,
    });
  }
}

function unsupported(what: string): KplayError {
  return markOption(
    new KplayError({
      code: 'unsupported',
      message: `the ssh option "${what}" in ssh_args is not supported by kplay`,
      hint: 'kplay speaks SSH itself; the options that it knows are listed in its documentation of the connection.',
    }),
  );
}
