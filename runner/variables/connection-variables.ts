import type { Become, ConnectionSettings } from '../connection/connection.ts';
import { KplayError } from '../errors.ts';
import type { Scope } from '../template/templar.ts';
import type { Value } from '../value.ts';
import { Float, Undefined } from '../value.ts';
import { allConnectionNames, connectionNames } from './connection-names.ts';
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
  /** In place of ansible_ssh_common_args and ansible_ssh_extra_args. */
  readonly sshArgs?: string | undefined;
  readonly become: boolean;
  readonly becomeMethod?: string | undefined;
  readonly becomeUser?: string | undefined;
  readonly password?: string | undefined;
  readonly becomePassword?: string | undefined;
  /** From ANSIBLE_HOST_KEY_CHECKING; keys are checked when absent. */
  readonly hostKeyChecking?: boolean | undefined;
}

type Sort = keyof typeof connectionNames;

/** The names of each sort, that which wins first. */
const winningFirst: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries(connectionNames).map(([sort, names]) => [sort, names.toReversed()]),
);

/**
 * How a task reaches its host (the delegate, when it is delegated) and as whom its commands run there: variables beat
 * keywords, which beat the command line. Throws KplayError: `unsupported` for ways that kplay has not, `variables`
 * for values that make no sense, `undefined` for variables that rest on undefined ones.
 */
export function connectionFor(
  scope: Scope,
  keywords: ConnectionKeywords,
  flags: ConnectionFlags,
): { settings: ConnectionSettings; become: Become | undefined } {
  const reader = new Reader(scope instanceof TaskScope ? scope.connection : scope);
  return { settings: settingsOf(reader, keywords, flags), become: becomeOf(reader, keywords, flags) };
}

function settingsOf(reader: Reader, keywords: ConnectionKeywords, flags: ConnectionFlags): ConnectionSettings {
  return {
    kind: connectionKind(reader.text('connection') ?? keywordText(keywords.connection) ?? flags.connection ?? 'ssh'),
    host: reader.text('host') ?? reader.hostName(),
    port: reader.port() ?? numberOf(keywords.port, 'port'),
    user: reader.text('user') ?? keywordText(keywords.remoteUser) ?? flags.user,
    password: reader.text('password') ?? flags.password,
    privateKeyFile: reader.text('privateKeyFile') ?? flags.privateKeyFile,
    privateKeyPassphrase: reader.text('privateKeyPassphrase'),
    sshArgs: sshArgsOf(reader, flags),
    connectTimeoutSeconds: reader.number('timeout') ?? flags.timeoutSeconds,
    hostKeyChecking: reader.boolean('hostKeyChecking') ?? flags.hostKeyChecking ?? true,
    retries: reader.number('retries'),
    shell: reader.text('shell'),
  };
}

function connectionKind(name: string): 'ssh' | 'local' {
  switch (name.replace(/^ansible\.(builtin|legacy)\./, '')) {
    case 'ssh':
    case 'smart':
    case 'paramiko':
    case 'paramiko_ssh':
      return 'ssh';
    case 'local':
      return 'local';
    default:
      throw unsupported(`The connection "${name}" is not supported.`, 'Use ssh or local.');
  }
}

function sshArgsOf(reader: Reader, flags: ConnectionFlags): string | undefined {
  const common = reader.text('sshCommonArgs');
  const extra = reader.text('sshExtraArgs');
  const given = common === undefined && extra === undefined ? [flags.sshArgs] : [common, extra];
  const args = [reader.text('sshArgs'), ...given].filter((part) => part !== undefined && part.trim() !== '');
  return args.length > 0 ? args.join(' ') : undefined;
}

function becomeOf(reader: Reader, keywords: ConnectionKeywords, flags: ConnectionFlags): Become | undefined {
  const wanted = reader.boolean('become') ?? booleanOf(keywords.become, 'become') ?? flags.become;
  if (!wanted) return undefined;
  const method = becomeMethod(
    reader.text('becomeMethod') ?? keywordText(keywords.becomeMethod) ?? flags.becomeMethod ?? 'sudo',
  );
  return {
    method,
    user:
      reader.text(`${method}User`) ??
      reader.text('becomeUser') ??
      keywordText(keywords.becomeUser) ??
      flags.becomeUser ??
      'root',
    password: reader.text(`${method}Password`) ?? reader.text('becomePassword') ?? flags.becomePassword,
    flags: reader.text(`${method}Flags`) ?? reader.text('becomeFlags') ?? keywordText(keywords.becomeFlags),
    exe: reader.text(`${method}Exe`) ?? reader.text('becomeExe') ?? keywordText(keywords.becomeExe),
  };
}

function becomeMethod(name: string): 'sudo' | 'su' {
  const method = name.replace(/^ansible\.(builtin|legacy)\.|^community\.general\./, '');
  if (method === 'sudo' || method === 'su') return method;
  throw unsupported(`The become method "${name}" is not supported.`, 'Use sudo or su.');
}

/** Reads variables that decide about connections. Values of passwords are never in an error. */
class Reader {
  readonly #scope: Scope;
  readonly #omit: Value | undefined;
  /** Few of the many names are ever set: the others are not looked for in every layer. */
  readonly #set: ReadonlySet<string>;

  constructor(scope: Scope) {
    this.#scope = scope;
    this.#omit = scope.get('omit');
    this.#set = scope instanceof TaskScope ? scope.namesAmong(allConnectionNames) : allConnectionNames;
  }

  hostName(): string {
    return String(this.#scope.get('inventory_hostname') ?? 'localhost');
  }

  text(sort: Sort): string | undefined {
    const found = this.#find(sort);
    return found === undefined ? undefined : keywordText(found.value);
  }

  boolean(sort: Sort): boolean | undefined {
    const found = this.#find(sort);
    return found && booleanOf(found.value, found.name);
  }

  number(sort: Sort): number | undefined {
    const found = this.#find(sort);
    return found && numberOf(found.value, found.name);
  }

  port(): number | undefined {
    const port = this.number('port');
    if (port === undefined || (Number.isInteger(port) && port > 0 && port < 65536)) return port;
    throw wrongValue('ansible_port', 'a port number', port);
  }

  #find(sort: Sort): { name: string; value: Value } | undefined {
    for (const name of winningFirst.get(sort)!) {
      if (!this.#set.has(name)) continue;
      const value = this.#scope.get(name);
      if (value === undefined || value === null || value === this.#omit) continue;
      if (value instanceof Undefined) throw new KplayError({ code: 'undefined', message: value.message });
      return { name, value };
    }
    return undefined;
  }
}

function keywordText(value: Value | undefined): string | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  if (value instanceof Float) return value.value.toFixed(1);
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return String(value);
}

function numberOf(value: Value | undefined, name: string): number | undefined {
  if (value === undefined || value === null || value === '') return undefined;
  const number = value instanceof Float ? value.value : Number(value);
  if (Number.isFinite(number)) return number;
  throw wrongValue(name, 'a number', value);
}

function booleanOf(value: Value | undefined, name: string): boolean | undefined {
  if (value === undefined || value === null) return undefined;
  const word = String(value instanceof Float ? value.value : value).toLowerCase();
  if (['yes', 'on', '1', 'true', 'y', 't'].includes(word)) return true;
  if (['no', 'off', '0', 'false', 'n', 'f', ''].includes(word)) return false;
  throw wrongValue(name, 'true or false', value);
}

function wrongValue(name: string, wanted: string, value: Value): KplayError {
  return new KplayError({ code: 'variables', message: `${name} must be ${wanted}, not "${String(value)}".` });
}

function unsupported(message: string, hint: string): KplayError {
  return new KplayError({ code: 'unsupported', message, hint });
}
