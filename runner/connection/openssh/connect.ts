import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { Environment } from '../../python/process.ts';
import { later } from '../../wait.ts';
import type { Transport } from '../channel.ts';
import { type ConnectionSettings, Unreachable } from '../connection.ts';
import { shellWords } from '../ssh/arguments.ts';
import type { Surroundings } from '../ssh/target.ts';
import { withinLimit } from '../start-up.ts';
import { Askpass } from './askpass.ts';
import { type Effective, effectiveOptions, findClient, isShared, settingsWords } from './client.ts';
import { configurationOf, toldOptions, writeConfiguration } from './config.ts';
import { Master } from './master.ts';
import { privateFolder } from './private-folder.ts';
import { OpenSshTransport, type SharedConnection } from './transport.ts';
import { loginSentence } from './words.ts';

/**
 * Logs in with OpenSSH's client, which does all that its options and files say; a connection that is open at its ControlPath is used.
 * Throws {@link Unreachable} with ssh's own words.
 * @param tell told what is to be done by hand meanwhile
 */
export async function connectOpenSsh(
  settings: ConnectionSettings,
  surroundings: Surroundings,
  tell: (text: string) => void,
): Promise<Transport> {
  const { environment } = surroundings;
  const { host } = settings;
  const client = findClient(settings.sshExecutable, environment);
  if (client === undefined) {
    const name = settings.sshExecutable ?? 'ssh';
    throw new Unreachable(`${host}: ${name}, OpenSSH's client (Debian: openssh-client), is not there on this machine`);
  }
  const home = surroundings.home ?? homedir();
  const configuration = configurationOf(settings.sshArgs ?? '', home);
  const folder = privateFolder(environment, home);
  try {
    const file = writeConfiguration(folder, configuration.files, defaultsOf(settings));
    const words = ['-F', file, ...settingsWords(settings, configuration.words)];
    // The file goes with the client, and only adds what nobody sets.
    const own = settingsWords(settings, shellWords(settings.sshArgs ?? ''));
    const ask = () => effectiveOptions(client, own, host, environment);
    const effective: Effective = toldOptions(configuration) ?? (await ask());
    const shared = { client, host, environment, channelWords: channelWords(configuration.words, effective) };
    const path = effective.get('controlpath');
    if (path !== undefined && path !== 'none' && (await isShared(client, path, host, environment))) {
      rmSync(folder, { recursive: true, force: true });
      return new OpenSshTransport({ ...shared, path, master: undefined });
    }
    return new OpenSshTransport(
      await login({ shared, settings, surroundings, effective, words, folder, home, ask, tell }),
    );
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

/** What counts where neither the user nor the system says anything, as with kplay's own SSH. */
function defaultsOf(settings: ConnectionSettings): string[] {
  return [
    `ConnectTimeout ${Math.max(1, Math.ceil(settings.connectTimeoutSeconds))}`,
    'ServerAliveInterval 30',
    'ServerAliveCountMax 5',
    'StrictHostKeyChecking yes',
  ];
}

/** Options that a channel asks the host for. */
function channelWords(words: readonly string[], effective: Effective): string[] {
  const agent = effective.get('forwardagent') ?? 'no';
  // Those of files would send the language of this machine (Debian's ssh_config), which hosts are not asked in.
  const sent = words.flatMap((word, index) => {
    const option = word.startsWith('-o') && word.length > 2 ? word.slice(2) : words[index - 1] === '-o' ? word : '';
    return /^(?:SendEnv|SetEnv)[\s=]/i.test(option) ? ['-o', option] : [];
  });
  return [...(agent === 'no' ? [] : ['-o', `ForwardAgent=${agent}`]), ...sent];
}

/** What a login is made from. */
interface Login {
  readonly shared: Pick<SharedConnection, 'client' | 'host' | 'environment' | 'channelWords'>;
  readonly settings: ConnectionSettings;
  readonly surroundings: Surroundings;
  readonly effective: Effective;
  readonly words: readonly string[];
  readonly folder: string;
  readonly home: string;
  /** Asks for all options in effect. */
  readonly ask: () => Promise<Effective>;
  readonly tell: (text: string) => void;
}

async function login(login: Login): Promise<SharedConnection> {
  const { shared, settings, surroundings, words, folder } = login;
  let tellPid: (pid: number) => void = () => {};
  const pid = new Promise<number>((resolve) => {
    tellPid = resolve;
  });
  const helpers: { close(): void }[] = [];
  try {
    const path = join(folder, 's');
    const askpass = await startAskpass(login, pid);
    helpers.push(askpass);
    const agentWords: string[] = [];
    if (settings.privateKey !== undefined) {
      const { KeyAgent } = await import('./key-agent.ts');
      const agent = await KeyAgent.start(folder, settings.privateKey, settings.privateKeyPassphrase, surroundings);
      helpers.push(agent);
      agentWords.push('-o', `IdentityAgent=${agent.path}`);
    }
    const all = [shared.client, ...masterWords(path, login), ...agentWords, ...words];
    // Why GSSAPI did not log in is said with `-v` only, which goes to the clients for jump hosts, too, and wins over a user's `-q`.
    const master = new Master([...all, '-v', '--', shared.host], path, askpassEnvironment(shared.environment, askpass));
    void master.pid.then(tellPid);
    await logsIn(master, login, askpass);
    return { ...shared, path, master };
  } finally {
    for (const helper of helpers) helper.close();
  }
}

function startAskpass({ folder, settings, tell }: Login, client: Promise<number>): Promise<Askpass> {
  const { host, password, privateKeyPassphrase: passphrase } = settings;
  const saying = (text: string) => tell(`${host}: ssh says: ${text}`);
  return Askpass.start(folder, { password, passphrase, tell: saying }, client);
}

/** Nobody is asked but by the program that answers; a desktop's own would show windows. */
function askpassEnvironment(environment: Environment, askpass: Askpass): Environment {
  // Before OpenSSH 8.4 the program is used only where there is a display.
  const DISPLAY = environment.DISPLAY ?? 'kplay';
  return { ...environment, DISPLAY, SSH_ASKPASS: askpass.program, SSH_ASKPASS_REQUIRE: 'force' };
}

/** The words of the client that logs in; what stands first wins. */
function masterWords(path: string, login: Login): string[] {
  const { password, privateKeyPassphrase } = login.settings;
  const answered = password !== undefined || privateKeyPassphrase !== undefined;
  const options = [
    'ControlMaster=yes',
    `ControlPath=${path}`,
    'ControlPersist=no',
    'PermitLocalCommand=no',
    'RemoteCommand=none',
    'RequestTTY=no',
    'EscapeChar=none',
    'LogLevel=INFO',
    answered ? 'NumberOfPasswordPrompts=1' : 'BatchMode=yes',
    ...hostKeyOptions(login),
  ];
  return ['-N', '-T', ...options.flatMap((option) => ['-o', option])];
}

/** As kplay's own SSH has it: nothing is written down where keys are not checked, and a changed key is found all the same. */
function hostKeyOptions({ settings, effective, home }: Login): string[] {
  const strict = effective.get('stricthostkeychecking') ?? 'yes';
  if (settings.hostKeyChecking && !/^(?:no|off|false)$/.test(strict)) return [];
  const user = effective.get('userknownhostsfile') ?? `${home}/.ssh/known_hosts ${home}/.ssh/known_hosts2`;
  const global = effective.get('globalknownhostsfile') ?? '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2';
  const known = `${user} ${global}`.split(' ').filter((file) => !['', 'none', '/dev/null'].includes(file));
  const files = known.map((file) => `"${file}"`).join(' ') || '/dev/null';
  return ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', `GlobalKnownHostsFile=${files}`];
}

/** Waits until it is logged in. Throws {@link Unreachable}, and the client has ended then. */
async function logsIn(master: Master, { settings, effective, ask }: Login, askpass: Askpass): Promise<void> {
  const seconds = settings.connectTimeoutSeconds * (1 + hopsOf(effective));
  let late = false;
  const timer = later(seconds * 1000, () => {
    late = true;
    void master.close();
  });
  const ready = await master.ready;
  timer.cancel();
  const revoked = /REVOKED HOST KEY/.test(master.said);
  if (ready && !late && !revoked) return master.forgetSaid();
  await (ready ? master.close() : master.ended);
  const known = await ask().catch(() => effective);
  const address = known.get('hostname') ?? settings.host;
  const where = address === settings.host ? address : `${settings.host} (${address})`;
  const waited = askpass.waitsFor === undefined ? '' : `; ssh said: ${askpass.waitsFor}`;
  if (late) throw new Unreachable(`${where}: no connection ${withinLimit(seconds)}${waited}`);
  if (ready) throw new Unreachable(`${where}: its host key is marked as revoked.`);
  const port = known.get('port') ?? '22';
  const command = `ssh ${port === '22' ? '' : `-p ${port} `}${known.get('user') ?? ''}@${address}`;
  throw new Unreachable(`${where}: ${loginSentence(master.said, askpass.unanswered, command)}`);
}

function hopsOf(effective: Effective): number {
  const jump = effective.get('proxyjump') ?? 'none';
  return jump === 'none' ? 0 : jump.split(',').length;
}
