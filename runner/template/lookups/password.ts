import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { makeDirectories } from '../../directories.ts';
import { checkCharacters } from '../../python/bounds.ts';
import { encode } from '../../python/bytes.ts';
import { EvaluationError } from '../../python/evaluation-error.ts';
import { readText, systemPath } from '../../python/file-names.ts';
import type { V } from '../../python/object.ts';
import { chooserFor } from '../../python/random.ts';
import { str } from '../../python/text.ts';
import { table } from '../../table.ts';
import { filters } from '../filters/all.ts';
import { randomSalt } from '../filters/sha-crypt.ts';
import type { Lookup, LookupOptions, Run } from '../run.ts';
import { optional, type Parameter, Signature, text } from '../runtime/parameters.ts';

const sets: Readonly<Record<string, string>> = table<string>({
  ascii_letters: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  ascii_lowercase: 'abcdefghijklmnopqrstuvwxyz',
  ascii_uppercase: 'ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  digits: '0123456789',
  hexdigits: '0123456789abcdefABCDEF',
  letters: 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ',
  octdigits: '01234567',
  punctuation: '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~',
});

interface Request {
  readonly file: string;
  readonly length: number;
  readonly characters: string;
  readonly encrypt: string | undefined;
  /** What makes the same password again; by chance where it is absent. */
  readonly seed: string | undefined;
}

/** Words with commas between, also as a list. */
const wordList: Parameter<string> = {
  ...text('ascii_letters,digits,.,:,-,_'),
  read: (value) => (Array.isArray(value) ? value.map(str).join(',') : str(value)),
};

const passwordOptions = new Signature({
  length: text('20'),
  chars: wordList,
  encrypt: optional(text()),
  seed: optional(text()),
});

/** `path length=20 chars=ascii_letters,digits encrypt=sha512_crypt`, or the same as options. */
function readRequest(term: string, options: LookupOptions, run: Run): Request {
  const words = term.trim().split(/\s+/);
  const settings = new Map<string, V>();
  while (words.length > 1 && /^(?:length|chars|encrypt|ident|seed)=/.test(words.at(-1)!)) {
    const [key = '', ...value] = words.pop()!.split('=');
    settings.set(key, value.join('='));
  }
  for (const [key, value] of Object.entries(options)) settings.set(key, value);
  const { length, chars, encrypt, seed } = passwordOptions.bindNames(settings);
  return {
    file: path.resolve(run.context.playbookFolder, words.join(' ')),
    length: Number(length),
    characters: charactersOf(chars),
    seed,
    encrypt: encrypt === '' || encrypt === 'None' ? undefined : encrypt,
  };
}

function charactersOf(words: string): string {
  const parts = words.replaceAll(',,', ',\0').split(',');
  return parts.map((part) => (Object.hasOwn(sets, part) ? sets[part]! : part.replace('\0', ','))).join('');
}

function createPassword({ length, characters, seed }: Request): string {
  if (characters === '') throw new EvaluationError('The lookup "password" has no characters to choose from.');
  checkCharacters(length);
  const chooser = chooserFor(seed);
  return Array.from({ length }, () => characters[chooser.below(characters.length)]).join('');
}

/** The password in the file; made and kept there (readable by its owner only) when there is none. */
const password: Lookup = (terms, options, run) =>
  terms.map((term): V => {
    const request = readRequest(str(term), options, run);
    const keep = request.file !== '/dev/null';
    const stored = keep && existsSync(systemPath(request.file)) ? readText(request.file).trimEnd() : undefined;
    const [, plain = stored ?? createPassword(request), oldSalt] = /^(.*?)(?: salt=(\S+))?$/s.exec(stored ?? '') ?? [];
    const made = stored === undefined ? createPassword(request) : plain;
    const salt = oldSalt ?? (request.encrypt ? randomSalt(request.encrypt.startsWith('md5') ? 8 : 16) : undefined);
    if (keep && (stored === undefined || (salt !== undefined && oldSalt === undefined))) {
      makeDirectories(path.dirname(request.file), 0o700);
      writeFileSync(systemPath(request.file), encode(`${made}${salt === undefined ? '' : ` salt=${salt}`}\n`), {
        mode: 0o600,
      });
    }
    if (!request.encrypt) return made;
    return filters.get('password_hash')!.call('password_hash', made, [request.encrypt, salt ?? null], new Map(), run);
  });

/** The lookup that makes passwords. */
export const passwordLookups: Readonly<Record<string, Lookup>> = { password };
