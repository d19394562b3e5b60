import { type BecomeMethod, becomeMethodOf, becomeMethodsHint, unknownBecomeMethod } from '../become-methods.ts';
import type { Become, ConnectionSettings } from '../connection/connection.ts';
import { KplayError } from '../errors.ts';
import type { Scope } from '../template/templar.ts';
import type { Value } from '../value.ts';
import { allConnectionNames } from './connection-names.ts';
import { booleanOf, ConnectionReader, keywordText, numberOf } from './connection-reader.ts';
import { TaskScope } from './task-scope.ts';

/** Keywords of a task that decide about its connection, rendered; undefined where they are absent or omitted. */
export interface ConnectionKeywords {
  readonly connection?: Value | undefined;
  readonly port?: Value | undefined;
  readonly remoteUser?: Value | undefined;
  readonly become?: Value | undefined;
  readonly becomeMethod?: Value | undefined;
  readonly becomeUser?: Value | undefined;
  readonly becomeFlags?: Value | undefined;
  readonly becomeExe?: Value | undefined;
}

/** What the command line says about connections. */
export interface ConnectionFlags {
  readonly connection?: string | undefined;
  readonly user?: string | undefined;
  readonly privateKeyFile?: string | undefined;
  readonly timeoutSeconds: number;
  /** Where ansible_ssh_common_args is not set. */
  readonly sshCommonArgs?: string | undefined;
  /** Where ansible_ssh_extra_args is not set. */
  readonly sshExtraArgs?: string | undefined;
  readonly become: boolean;
  readonly becomeMethod?: string | undefined;
  readonly becomeUser?: string | undefined;
  readonly becomeFlags?: string | undefined;
  readonly becomeExe?: string | undefined;
  readonly password?: string | undefined;
  readonly becomePassword?: string | undefined;
  /** From ANSIBLE_HOST_KEY_CHECKING; keys are checked when absent. */
  readonly hostKeyChecking?: boolean | undefined;
}

/** How a host is reached, and as whom commands run there. */
export interface Reached {
  readonly settings: ConnectionSettings;
  readonly become: Become | undefined;
  /** Seconds for which a command is found again after a connection that broke; undefined where it ends with the connection. */
  readonly reattachSeconds?: number | undefined;
}

/** What a host's last answer was made of: hardly ever does one task differ from the one before. */
interface Known {
  readonly variables: ReadonlyMap<string, Value | undefined>;
  readonly keywords: ConnectionKeywords;
  readonly reached: Reached;
}

const knownByFlags = new WeakMap<ConnectionFlags, Map<string, Known>>();

/**
 * How a task reaches its host (the delegate, when it is delegated) and as whom its commands run there: variables beat
 * keywords, which beat the command line. The same object as long as nothing differs.
 * Throws KplayError: `unsupported` for ways that kplay has not, `variables` for values that make no sense, `undefined`
 * for variables that rest on undefined ones.
 */
export function connectionFor(scope: Scope, keywords: ConnectionKeywords, flags: ConnectionFlags): Reached {
  if (!(scope instanceof TaskScope)) return reach(new ConnectionReader(scope, allConnectionNames), keywords, flags);
  const variables = scope.connection.held(allConnectionNames);
  const reader = new ConnectionReader(scope.connection, variables);
  let hosts = knownByFlags.get(flags);
  if (!hosts) {
    hosts = new Map();
    knownByFlags.set(flags, hosts);
  }
  const host = reader.hostName();
  const known = hosts.get(host);
  if (known && sameVariables(known.variables, variables) && sameKeywords(known.keywords, keywords))
    return known.reached;
  const reached = reach(reader, keywords, flags);
  hosts.set(host, { variables, keywords, reached });
  return reached;
}

/** Whether variables are the same; those with templates are not, since they may rest on anything. */
function sameVariables(a: ReadonlyMap<string, Value | undefined>, b: ReadonlyMap<string, Value | undefined>): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of b) if (value === undefined || a.get(name) !== value) return false;
  return true;
}

function sameKeywords(a: ConnectionKeywords, b: ConnectionKeywords): boolean {
  return (
    a.connection === b.connection &&
    a.port === b.port &&
    a.remoteUser === b.remoteUser &&
    a.become === b.become &&
    a.becomeMethod === b.becomeMethod &&
    a.becomeUser === b.becomeUser &&
    a.becomeFlags === b.becomeFlags &&
    a.becomeExe === b.becomeExe
  );
}

function reach(reader: ConnectionReader, keywords: ConnectionKeywords, flags: ConnectionFlags): Reached {
  const settings = settingsOf(reader, keywords, flags);
  const reattach = reader.seconds('reattach');
  // What runs on this machine has no connection that could break.
  const reattachSeconds = settings.kind === 'local' ? undefined : reattach || undefined;
  return { settings, become: becomeOf(reader, keywords, flags), reattachSeconds };
}

function settingsOf(
  reader: ConnectionReader,
  keywords: ConnectionKeywords,
  flags: ConnectionFlags,
): ConnectionSettings {
  return {
    kind:
      reader.choice('connection', connectionKind) ??
      connectionKind(keywordText(keywords.connection) ?? flags.connection ?? 'ssh'),
    host: reader.text('host') ?? reader.hostName(),
    port: reader.port() ?? numberOf(keywords.port, 'port'),
    user: reader.text('user') ?? keywordText(keywords.remoteUser) ?? flags.user,
    password: reader.text('password') ?? flags.password,
    privateKeyFile: reader.text('privateKeyFile') ?? flags.privateKeyFile,
    privateKey: reader.text('privateKey'),
    privateKeyPassphrase: reader.text('privateKeyPassphrase'),
    sshArgs: sshArgsOf(reader, flags),
    sshExecutable: reader.text('sshExecutable'),
    connectTimeoutSeconds: reader.number('timeout') ?? flags.timeoutSeconds,
    hostKeyChecking: reader.boolean('hostKeyChecking') ?? flags.hostKeyChecking ?? true,
    retries: reader.number('retries'),
    shell: reader.text('shell'),
  };
}

function connectionKind(name: string): ConnectionSettings['kind'] {
  const plain = name.replace(/^ansible\.(builtin|legacy)\./, '');
  switch (plain) {
    case 'ssh':
    case 'smart':
    case 'paramiko':
    case 'paramiko_ssh':
      return 'ssh';
    case 'local':
    case 'openssh':
      return plain;
    default:
      throw unsupported(`The connection "${name}" is not supported.`, 'Use ssh, openssh or local.');
  }
}

function sshArgsOf(reader: ConnectionReader, flags: ConnectionFlags): string | undefined {
  const common = reader.words('sshCommonArgs') ?? flags.sshCommonArgs;
  const extra = reader.words('sshExtraArgs') ?? flags.sshExtraArgs;
  const args = [reader.text('sshArgs'), common, extra, controlPathOf(reader)].filter(
    (part) => part !== undefined && part.trim() !== '',
  );
  return args.length > 0 ? args.join(' ') : undefined;
}

/** The place of a connection that may be open already, which counts where OpenSSH's client is used. Ansible writes `%%` for `%`. */
function controlPathOf(reader: ConnectionReader): string | undefined {
  const path = reader.text('controlPath');
  if (path === undefined) return undefined;
  const written = path.replaceAll('%(directory)s', '~/.ansible/cp').replaceAll('%%', '%');
  return `-o "ControlPath=${written.replace(/["\\$`]/g, '\\$&')}"`;
}

function becomeOf(reader: ConnectionReader, keywords: ConnectionKeywords, flags: ConnectionFlags): Become | undefined {
  const wanted = reader.boolean('become') ?? booleanOf(keywords.become, 'become') ?? flags.become;
  if (!wanted) return undefined;
  const method =
    reader.choice('becomeMethod', becomeMethod) ??
    becomeMethod(keywordText(keywords.becomeMethod) ?? flags.becomeMethod ?? 'sudo');
  return {
    method,
    user:
      reader.text(`${method}User`) ??
      reader.text('becomeUser') ??
      keywordText(keywords.becomeUser) ??
      flags.becomeUser ??
      'root',
    password: reader.text(`${method}Password`) ?? reader.text('becomePassword') ?? flags.becomePassword,
    flags:
      reader.text(`${method}Flags`) ??
      reader.text('becomeFlags') ??
      keywordText(keywords.becomeFlags) ??
      flags.becomeFlags,
    exe: reader.text(`${method}Exe`) ?? reader.text('becomeExe') ?? keywordText(keywords.becomeExe) ?? flags.becomeExe,
  };
}

function becomeMethod(name: string): BecomeMethod {
  const method = becomeMethodOf(name);
  if (method) return method;
  throw unsupported(unknownBecomeMethod(name), becomeMethodsHint);
}

function unsupported(message: string, hint: string): KplayError {
  return new KplayError({ code: 'unsupported', message, hint });
}
