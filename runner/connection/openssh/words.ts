import { withHint } from '../ssh/hints.ts';
import { lastWords } from '../start-up.ts';

/** Lines of ssh's that say nothing about why it failed. */
const chatter =
  /^(?:Warning: Permanently added |\*\* |debug\d: |Authenticated to |Transferred: |Bytes per second: |OpenSSH_[^,]*, )/;

/** What ssh said without what only tells what it does. What it says of GSSAPI stands in lines of their own behind such a line. */
export function withoutChatter(said: string): string {
  return said
    .split(/(?<=\n)/)
    .filter((line) => !(line.endsWith('\n') && chatter.test(line)))
    .join('');
}

/** ssh's own last words about what failed, each once: it says the same of each mechanism of GSSAPI, and of each key. */
function clientWords(said: string): string {
  const lines = said.split(/[\r\n]+/).filter((line) => !chatter.test(line) && !/^@+$|^@ .*@$/.test(line.trim()));
  return lastWords([...new Set(lines)].join('\n'));
}

/** Why a connection was lost, in ssh's words, with the setting that would help. */
export function lossSentence(said: string): string {
  const words = clientWords(said.split('\n').slice(-5).join('\n')) || 'ssh ended without saying why';
  return /Timeout, server .* not responding/.test(words)
    ? `${words} (a silent host is waited for as the ssh options ServerAliveInterval and ServerAliveCountMax say)`
    : words;
}

/** Why ssh did not log in, in its words, with what would help. */
export function loginSentence(said: string, unanswered: readonly string[], loginCommand: string): string {
  const words = clientWords(said) || 'ssh ended without saying why';
  const asked =
    unanswered.length > 0 ? `; it asked what nobody answers here: ${[...new Set(unanswered)].join(', ')}` : '';
  const key = /No \S+ host key is known|authenticity of host/.test(said)
    ? `. If the fingerprint is the host's, accept it by logging in once with \`${loginCommand}\`, or for all new hosts with ssh_args "-o StrictHostKeyChecking=accept-new".`
    : '';
  return `${withHint(words)}${asked}${key}`;
}
