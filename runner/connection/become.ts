import type { BecomeMethod } from '../become-methods.ts';
import { encode, StreamDecoder } from '../python/bytes.ts';
import { later } from '../wait.ts';
import type { Channel } from './channel.ts';
import { type Become, Unreachable } from './connection.ts';
import { quote } from './quote.ts';
import { helloOf } from './shell-program.ts';
import { lastWords, loginWords, withinLimit } from './start-up.ts';

/** Becoming another user was refused: wrong or missing password, not allowed, no such user. Not a lost host. */
export class BecomeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BecomeError';
  }
}

/**
 * The command that starts `boot` as the other user. `token` makes sudo's prompt one of a kind, and a line that says that the
 * login has come to run the command.
 */
export function becomeCommand(become: Become, boot: string, token: string): string {
  return `echo ${loginHello(token)};${commands[become.method](become, boot, token)}`;
}

const commands: Record<BecomeMethod, (become: Become, boot: string, token: string) => string> = {
  sudo: sudoCommand,
  su: suCommand,
  doas: doasCommand,
  run0: run0Command,
};

function loginHello(token: string): string {
  return `kplay-login-${token}`;
}

function sudoCommand(become: Become, boot: string, token: string): string {
  let flags = become.flags ?? '-H -S -n';
  if (become.password !== undefined) {
    flags = flags
      .split(/\s+/)
      .map((flag) => (/^-[a-zA-Z]*n[a-zA-Z]*$/.test(flag) ? flag.replace('n', '') : flag))
      .filter((flag) => flag !== '-' && flag !== '--non-interactive' && flag !== '')
      .join(' ');
    if (!/(^|\s)(-[a-zA-Z]*S|--stdin)/.test(flags)) flags = `${flags} -S`;
  }
  return `${become.exe ?? 'sudo'} ${flags} -p ${quote(sudoPrompt(token))} -u ${quote(become.user)} ${boot}`;
}

function sudoPrompt(token: string): string {
  return `kplay-password-${token}:`;
}

function suCommand(become: Become, boot: string): string {
  return [become.exe ?? 'su', become.flags ?? '', quote(become.user), '-c', quote(boot)].filter(Boolean).join(' ');
}

/** doas asks on a terminal only: it is told to refuse rather than wait for an answer. */
function doasCommand(become: Become, boot: string): string {
  const flags = become.flags ?? '';
  const quiet = /(^|\s)-[a-zA-Z]*n/.test(flags) ? '' : '-n';
  return [become.exe ?? 'doas', flags, quiet, '-u', quote(become.user), boot].filter(Boolean).join(' ');
}

/** run0 has polkit ask, which nobody here could answer. */
function run0Command(become: Become, boot: string): string {
  const user = quote(`--user=${become.user}`);
  return [become.exe ?? 'run0', become.flags ?? '', '--no-ask-password', user, boot].filter(Boolean).join(' ');
}

/** What the dialog needs to know. */
export interface BecomeDialog {
  readonly become: Become;
  readonly token: string;
  /** The line that says that we are there. */
  readonly hello: string;
  /** Seconds for the login, and, with {@link extraSeconds} more, for becoming. */
  readonly timeoutSeconds: number;
}

/** Ansible waits that much longer than its timeout: sudo may look names up in vain for as long as that. */
const extraSeconds = 2;

/**
 * Waits until the other user's shell says hello, giving the password when it is asked for, once. Whatever arrives before
 * is thrown away. Throws {@link BecomeError}, and {@link Unreachable} when the login did not even start sudo or su; the channel
 * is to be dropped then.
 */
export function waitForHello(channel: Channel, dialog: BecomeDialog): Promise<void> {
  return new Promise((resolve, reject) => {
    const texts = { stdout: '', stderr: '' };
    let answered = false;
    let loggedIn = false;
    const finish = (error?: Error) => {
      timer.cancel();
      channel.stdout.off('data', onStdout);
      channel.stderr.off('data', onStderr);
      if (error) reject(error);
      else resolve();
    };
    const check = () => {
      loggedIn ||= texts.stdout.includes(loginHello(dialog.token));
      if (texts.stdout.includes(`${dialog.hello}\n`)) return finish();
      if (!asksForPassword(dialog, texts.stderr)) return;
      const { become } = dialog;
      if (become.password === undefined) return finish(new BecomeError(`Missing ${become.method} password`));
      if (answered) return finish(new BecomeError(`Incorrect ${become.method} password`));
      answered = true;
      texts.stdout = '';
      texts.stderr = '';
      channel.stdin.write(encode(`${become.password}\n`));
    };
    const collect = (stream: 'stdout' | 'stderr') => {
      const decoder = new StreamDecoder();
      return (chunk: Buffer) => {
        texts[stream] = (texts[stream] + decoder.write(chunk)).slice(-65536);
        check();
      };
    };
    const onStdout = collect('stdout');
    const onStderr = collect('stderr');
    channel.stdout.on('data', onStdout);
    channel.stderr.on('data', onStderr);
    const said = () => `${texts.stderr}\n${texts.stdout}`;
    let timer = later(dialog.timeoutSeconds * 1000, () => {
      if (!loggedIn) return finish(notLoggedIn(dialog, said(), withinLimit(dialog.timeoutSeconds)));
      timer = later(extraSeconds * 1000, () => finish(late(dialog, said())));
    });
    void channel.closed.then(() => finish(loggedIn ? refusal(dialog, said()) : notLoggedIn(dialog, said(), undefined)));
  });
}

function asksForPassword(dialog: BecomeDialog, text: string): boolean {
  const { method } = dialog.become;
  // sudo-rs puts the prompt into one of its own.
  if (method === 'sudo') return text.includes(sudoPrompt(dialog.token));
  if (method !== 'su') return false;
  // su's prompt is in the host's language, but always ends the output with a colon.
  return /[:：]\s*$/.test(text) && !/\n$/.test(text) && !/^su: /m.test(text);
}

/** What others than we said before the method was started. */
function wordsOfLogin(dialog: BecomeDialog, said: string): string {
  const lines = said.split('\n').filter((line) => !line.includes(dialog.token));
  return lastWords(lines.join('\n'));
}

/** What the method said. sudo quotes the command that it refuses, of which only the program matters to anybody. */
function wordsOf({ token }: BecomeDialog, said: string): string {
  const ours = [loginHello(token), sudoPrompt(token)];
  const lines = said
    .replaceAll(new RegExp(`echo\\W{1,3}${helloOf(token)}.*?done`, 'g'), '…')
    .split('\n')
    .filter((line) => !ours.some((text) => line.includes(text)));
  return lastWords(lines.join('\n').replaceAll(token, '…'));
}

function notLoggedIn(dialog: BecomeDialog, said: string, limit: string | undefined): Unreachable {
  const words = loginWords(wordsOfLogin(dialog, said));
  return new Unreachable(`the shell on the host did not start${limit ? ` ${limit}` : ''}: ${words}`);
}

function late(dialog: BecomeDialog, said: string): BecomeError {
  const { method, user } = dialog.become;
  const words = wordsOf(dialog, said);
  const limit = withinLimit(dialog.timeoutSeconds + extraSeconds);
  return new BecomeError(
    `Timed out waiting for ${method} to become ${user} ${limit}: ${words ? `${method} said: ${words}` : `${method} said nothing`}`,
  );
}

/** The words by which the methods refuse, and what would help. */
const helps: readonly (readonly [RegExp, string])[] = [
  [
    /must have a tty|must be run from a terminal|terminal is required/i,
    'kplay has no terminal there: "Defaults !requiretty" in sudoers lets sudo do without',
  ],
  [
    /not allowed to execute|may not run|not in the sudoers|I'm sorry .*afraid/i,
    'kplay runs a shell as the other user, which a rule in sudoers has to allow',
  ],
  [
    /doas: (Authentication|Authorization) (required|failed)|doas: a tty is required/i,
    'doas asks for a password on a terminal only, which kplay has not: a rule with nopass in doas.conf lets doas do without',
  ],
  [/doas: (Operation not permitted|doas is not enabled)/i, 'a rule in doas.conf has to allow it'],
  [
    /interactive authentication (is )?required|Access denied|not authorized/i,
    'nobody can answer polkit there: a polkit rule for org.freedesktop.systemd1.manage-units has to allow it',
  ],
  [/not found|No such file/i, 'ansible_become_method and ansible_become_exe say what is used'],
];

/** The error for a program that ended instead of starting the shell. */
function refusal(dialog: BecomeDialog, said: string): BecomeError {
  const { method, user } = dialog.become;
  if (/incorrect (password|authentication)|Authentication fail(ure|ed,)|Sorry, try again/i.test(said)) {
    return new BecomeError(`Incorrect ${method} password`);
  }
  if (method === 'sudo' && /a password is required|no password was provided|authentication is required/i.test(said))
    return new BecomeError(`Missing ${method} password`);
  const words = wordsOf(dialog, said);
  const help = helps.find(([pattern]) => pattern.test(words))?.[1];
  const hint = help === undefined ? '' : ` (${help})`;
  return new BecomeError(`${method} did not let us become ${user}: ${words || 'it ended without saying why'}${hint}`);
}
