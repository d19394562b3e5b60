import { KplayError } from '../../errors.ts';
import { expandTokens } from './home.ts';

/** What a shell would act on, as OpenSSH has it. */
const unsafeHost = /^-|['`"$\\;&<>|(){},\s\x00-\x1f\x7f]/;
const unsafeUser = /^-|\s-|\\$|['`";&<>|(){}\x00-\x1f\x7f]/;

/**
 * A ProxyCommand with its percent tokens replaced. It is run by a shell of this machine, and names may come from anywhere, what a
 * host answered (add_host) too: throws KplayError for names that would be more than a word there.
 */
export function expandProxyCommand(command: string, tokens: Readonly<Record<string, string>>): string {
  for (const [letter, unsafe] of [
    ['h', unsafeHost],
    ['n', unsafeHost],
    ['r', unsafeUser],
  ] as const) {
    const name = tokens[letter] ?? '';
    if (!unsafe.test(name)) continue;
    throw new KplayError({
      code: 'connection',
      message: `${JSON.stringify(name)} is no name that a ProxyCommand may be given: a shell would act on what it holds`,
    });
  }
  return expandTokens(command, tokens);
}
