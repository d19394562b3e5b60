import type { BecomeMethod } from '../become-methods.ts';
import { encode, StreamDecoder } from '../python/bytes.ts';
import { later } from '../wait.ts';
import { onTerminal, typedOnTerminal } from './become-terminal.ts';
import type { Channel } from './channel.ts';
import { type Become, Unreachable } from './connection.ts';
import { quote } from './quote.ts';
import { bootCommand, dollarlessBootCommand, helloOf } from './shell-program.ts';
import { lastWords, loginWords, withinLimit } from './start-up.ts';

/** Becoming another user was refused: wrong or missing password, not allowed, no such user. Not a lost host. */
export class BecomeError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BecomeError';
  }
}

/** The same by a program that does it on a terminal only. */
export class TerminalNeeded extends BecomeError {}

/**
 * The command that starts a `shell` as the other user. `token` makes sudo's prompt one of a kind, and a line that says that the
 * login has come to run the command.
 */
export function becomeCommand(become: Become, shell: string, token: string): string {
  return `echo ${loginHello(token)};${plainCommand(become, shell, token)}`;
}

/** The same for a program that wants a terminal: what the login starts, and a line of sh text to be sent to that. */
export function becomeOnTerminal(
  become: Become,
  shell: string,
  token: string,
): { readonly command: string; readonly line: string } {
  const plain = plainCommand(become, shell, token);
  const line =
    become.method === 'doas'
      ? typedOnTerminal(shell, doasCommand(become, bootCommand(shell, token), true), plain)
      : onTerminal(shell, plain);
  return { command: bootCommand(shell, loginToken(token)), line };
}

function plainCommand(become: Become, shell: string, token: string): string {
  const boot = throughLoginShell(become) ? dollarlessBootCommand(shell, token) : bootCommand(shell, token);
  return commands[become.method](become, boot, token);
}

/** Whether sudo has the other user's login shell start the command. */
function throughLoginShell({ method, flags = '' }: Become): boolean {
  return method === 'sudo' && /(^|\s)(-[a-zA-Z]*[is]|--login|--shell)/.test(flags);
}

const commands: Record<BecomeMethod, (become: Become, boot: string, token: string) => string> = {
  sudo: sudoCommand,
  su: suCommand,
  doas: (become, boot) => doasCommand(become, boot, false),
  run0: run0Command,
};

function loginToken(token: string): string {
  return `login-${token}`;
}

function loginHello(token: string): string {
  return helloOf(loginToken(token));
}

function sudoCommand(become: Become, boot: string, token: string): string {
  let flags = become.flags ?? '-H -S -n';
  if (become.password !== undefined) {
    flags = withoutN(flags);
    if (!/(^|\s)(-[a-zA-Z]*S|--stdin)/.test(flags)) flags = `${flags} -S`;
  }
  return `${become.exe ?? 'sudo'} ${flags} -p ${quote(sudoPrompt(token))} -u ${quote(become.user)} ${boot}`;
}

/** Flags without the one by which nothing is asked. */
function withoutN(flags: string): string {
  return flags
    .split(/\s+/)
    .map((flag) => (/^-[a-zA-Z]*n[a-zA-Z]*$/.test(flag) ? flag.replace('n', '') : flag))
    .filter((flag) => flag !== '-' && flag !== '--non-interactive' && flag !== '')
    .join(' ');
}

function sudoPrompt(token: string): string {
  return `kplay-password-${token}:`;
}

function suCommand(become: Become, boot: string): string {
  return [become.exe ?? 'su', become.flags ?? '', quote(become.user), '-c', quote(boot)].filter(Boolean).join(' ');
}

/** doas asks on a terminal only: without one it is told to refuse rather than wait for an answer. */
function doasCommand(become: Become, boot: string, asks: boolean): string {
  const flags = asks ? withoutN(become.flags ?? '') : (become.flags ?? '');
  const quiet = asks || /(^|\s)-[a-zA-Z]*n/.test(flags) ? '' : '-n';
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
  /** Whether the method has a terminal. */
  readonly terminal: boolean;
  /** Seconds for the login, and, with {@link extraSeconds} more, for becoming. */
  readonly timeoutSeconds: number;
}

/** Ansible waits that much longer than its timeout: sudo may look names up in vain for as long as that. */
const extraSeconds = 2;

/** How long nothing may follow a text that ends as a question does: programs write messages in pieces, "su: " first. */
const quietMilliseconds = 100;

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
    let asked: ReturnType<typeof later> | undefined;
    const finish = (error?: Error) => {
      timer.cancel();
      asked?.cancel();
      channel.stdout.off('data', onStdout);
      channel.stderr.off('data', onStderr);
      if (error) reject(error);
      else resolve();
    };
    const answer = () => {
      const { become } = dialog;
      if (become.password === undefined) return finish(new BecomeError(`Missing ${become.method} password`));
      if (answered) return finish(new BecomeError(`Incorrect ${become.method} password`));
      answered = true;
      texts.stdout = '';
      texts.stderr = '';
      channel.stdin.write(encode(`${become.password}\n`));
    };
    const check = () => {
      loggedIn ||= texts.stdout.includes(loginHello(dialog.token));
      if (texts.stdout.includes(`${dialog.hello}\n`)) return finish();
      asked?.cancel();
      asked = undefined;
      const question = questionIn(dialog, texts.stderr);
      if (question === 'password') answer();
      else if (question === 'perhaps') asked = later(quietMilliseconds, answer);
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
    void channel.closed.then(() =>
      finish(loggedIn ? refusal(dialog, said(), answered) : notLoggedIn(dialog, said(), undefined)),
    );
  });
}

/** Whether the program asks for the password: surely, or by what it looks like as long as nothing follows. */
function questionIn(dialog: BecomeDialog, text: string): 'password' | 'perhaps' | undefined {
  const { method } = dialog.become;
  // sudo-rs puts the prompt into one of its own.
  if (method === 'sudo') return text.includes(sudoPrompt(dialog.token)) ? 'password' : undefined;
  if (method !== 'su' && !(method === 'doas' && dialog.terminal)) return undefined;
  // The prompt is in the host's language, but always ends the output with a colon.
  if (!/[:：]\s*$/.test(text) || /\n$/.test(text) || /^su: /m.test(text)) return undefined;
  return /^Password: ?$/m.test(text) ? 'password' : 'perhaps';
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
    'kplay makes one with script(1) where a host has it; "Defaults !requiretty" in sudoers lets sudo do without',
  ],
  [
    /not allowed to execute|may not run|not in the sudoers|I'm sorry .*afraid/i,
    'kplay runs a shell as the other user, which a rule in sudoers has to allow',
  ],
  [
    /doas: (Authentication|Authorization) (required|failed)|doas: a tty is required/i,
    'doas asks for a password on a terminal only, which kplay makes with script(1) where a host has it; a rule with nopass in doas.conf lets doas do without',
  ],
  [/doas: (Operation not permitted|doas is not enabled)/i, 'a rule in doas.conf has to allow it'],
  [
    /interactive authentication (is )?required|Access denied|not authorized/i,
    'nobody can answer polkit there: a polkit rule for org.freedesktop.systemd1.manage-units has to allow it',
  ],
  [/not found|No such file/i, 'ansible_become_method and ansible_become_exe say what is used'],
];

/** The error for a program that ended instead of starting the shell. */
function refusal(dialog: BecomeDialog, said: string, answered: boolean): BecomeError {
  const { method, user, password } = dialog.become;
  if (/incorrect (password|authentication)|Authentication fail(ure|ed,)|Sorry, try again/i.test(said)) {
    return new BecomeError(`Incorrect ${method} password`);
  }
  const doasAsks = method === 'doas' && /doas: (Authentication|Authorization) (required|failed)/i.test(said);
  if (doasAsks && answered) return new BecomeError('Incorrect doas password');
  if (doasAsks && password === undefined) return new BecomeError('Missing doas password');
  if (method === 'sudo' && /a password is required|no password was provided|authentication is required/i.test(said))
    return new BecomeError(`Missing ${method} password`);
  const words = wordsOf(dialog, said);
  const help = helps.find(([pattern]) => pattern.test(words))?.[1];
  const hint = help === undefined ? '' : ` (${help})`;
  const message = `${method} did not let us become ${user}: ${words || 'it ended without saying why'}${hint}`;
  const needsTerminal = doasAsks || (method === 'sudo' && /must have a tty/i.test(words));
  return needsTerminal ? new TerminalNeeded(message) : new BecomeError(message);
}
