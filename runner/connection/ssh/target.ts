import { homedir, hostname, userInfo } from 'node:os';
import { KplayError } from '../../errors.ts';
import type { ConnectionSettings } from '../connection.ts';
import { parseSshArguments } from './arguments.ts';
import { markOption } from './beyond.ts';
import { hostOf, type Options, readConfigFiles } from './config-file.ts';
import { expandHome, expandTokens } from './home.ts';
import { expandProxyCommand } from './proxy-command.ts';

/** What is done about a host's key: refuse unless known, add when new, accept anything. */
export type KeyPolicy = 'known' | 'accept-new' | 'any';

/** Everything about one SSH hop, with ~/.ssh/config applied. */
export interface Target {
  /** The name that was asked for. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly password: string | undefined;
  readonly passphrase: string | undefined;
  /** A private key itself. */
  readonly privateKey: string | undefined;
  /** Key files that were named, in order; when none was, OpenSSH's default ones. */
  readonly identityFiles: readonly string[];
  readonly identitiesNamed: boolean;
  readonly identitiesOnly: boolean;
  /** The agent's socket. */
  readonly agent: string | undefined;
  readonly methods: readonly AuthenticationMethod[];
  /** Ways to log in that were asked for and that kplay's own SSH does not have: `gssapi`, `hostbased`. */
  readonly otherMethods: readonly string[];
  /** Those of them that come before any that kplay's own SSH has: by PreferredAuthentications, or since a ticket is to be handed on. */
  readonly otherFirst: readonly string[];
  /** Further hosts to go through, first to last. */
  readonly jumps: readonly string[];
  readonly proxyCommand: string | undefined;
  readonly userKnownHosts: readonly string[];
  readonly globalKnownHosts: readonly string[];
  readonly keyPolicy: KeyPolicy;
  readonly hashKnownHosts: boolean;
  readonly hostKeyAlias: string | undefined;
  /** Whether keys of loopback addresses are not looked at. */
  readonly trustLoopback: boolean;
  readonly connectTimeoutSeconds: number;
  /** Seconds without a word of the host until it is asked whether it is there; 0: never. */
  readonly aliveIntervalSeconds: number;
  /** Questions without an answer after which the connection is lost, one interval after the last. */
  readonly aliveCountMax: number;
  readonly family: 0 | 4 | 6;
  readonly bindAddress: string | undefined;
  /** Lists of algorithms as OpenSSH writes them (`+ssh-rsa`), by option name in lower case. */
  readonly algorithms: Readonly<Record<string, string>>;
  /** Settings that a hop on the way to this one starts from. */
  readonly configFile: string | undefined;
  /** Told of every private key that is read. */
  readonly onSecret?: ((text: string) => void) | undefined;
}

export type AuthenticationMethod = 'publickey' | 'keyboard-interactive' | 'password';

/** Where things are looked up; the process's own by default. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly home?: string | undefined;
  /** Told of every private key that is read. */
  readonly onSecret?: ((text: string) => void) | undefined;
}

/** Applies `ssh_args`, ~/.ssh/config and /etc/ssh/ssh_config, in that order, to the settings. Throws KplayError. */
export function resolveTarget(settings: ConnectionSettings, surroundings: Surroundings): Target {
  const home = surroundings.home ?? homedir();
  const { environment } = surroundings;
  const localUser = userInfo().username;
  const { options, configFile } = parseSshArguments(settings.sshArgs ?? '');
  const query = { name: settings.host, user: settings.user ?? first(options, 'user'), localUser, home };
  if (configFile === undefined) readConfigFiles([`${home}/.ssh/config`, '/etc/ssh/ssh_config'], query, options);
  else if (configFile !== 'none') readConfigFiles([expandHome(configFile, home)], query, options);
  if (yes(options, 'gssapikeyexchange', false)) throw keyExchangeByTicket();

  const host = hostOf(query, options);
  const port = settings.port ?? number(options, 'port') ?? 22;
  const user = settings.user ?? first(options, 'user') ?? localUser;
  const tokens = { h: host, n: settings.host, p: String(port), r: user, d: home, u: localUser, l: hostname() };
  const path = (text: string) => expandHome(expandTokens(text, tokens), home);
  const named = [settings.privateKeyFile, ...(options.get('identityfile') ?? [])].filter((file) => file !== undefined);
  const proxyCommand = first(options, 'proxycommand');
  const jump = first(options, 'proxyjump');
  const connectTimeoutSeconds = settings.connectTimeoutSeconds;
  return {
    name: settings.host,
    host,
    port,
    user,
    home,
    environment,
    password: settings.password,
    passphrase: settings.privateKeyPassphrase,
    privateKey: settings.privateKey,
    identityFiles:
      named.length > 0 || settings.privateKey !== undefined
        ? named.map(path)
        : defaultIdentities.map((file) => `${home}/.ssh/${file}`),
    identitiesNamed: named.length > 0 || settings.privateKey !== undefined,
    ...otherMethods(options),
    identitiesOnly: yes(options, 'identitiesonly', false),
    agent: agentSocket(first(options, 'identityagent'), environment, path),
    methods: authenticationMethods(options),
    jumps: jump === undefined || jump.toLowerCase() === 'none' ? [] : jump.split(',').map((hop) => hop.trim()),
    proxyCommand:
      proxyCommand === undefined || proxyCommand.toLowerCase() === 'none'
        ? undefined
        : expandProxyCommand(proxyCommand, tokens),
    userKnownHosts: files(options, 'userknownhostsfile', '~/.ssh/known_hosts ~/.ssh/known_hosts2').map(path),
    globalKnownHosts: files(options, 'globalknownhostsfile', '/etc/ssh/ssh_known_hosts /etc/ssh/ssh_known_hosts2').map(
      path,
    ),
    keyPolicy: settings.hostKeyChecking ? keyPolicy(first(options, 'stricthostkeychecking')) : 'any',
    hashKnownHosts: yes(options, 'hashknownhosts', false),
    hostKeyAlias: first(options, 'hostkeyalias'),
    trustLoopback: yes(options, 'nohostauthenticationforlocalhost', false) && !options.has('hostkeyalias'),
    connectTimeoutSeconds: number(options, 'connecttimeout') ?? connectTimeoutSeconds,
    ...keepalive(options),
    family: family(first(options, 'addressfamily')),
    bindAddress: first(options, 'bindaddress'),
    algorithms: Object.fromEntries(
      ['hostkeyalgorithms', 'kexalgorithms', 'ciphers', 'macs'].flatMap((key) => {
        const value = first(options, key);
        return value === undefined ? [] : [[key, value]];
      }),
    ),
    configFile,
    ...(surroundings.onSecret ? { onSecret: surroundings.onSecret } : {}),
  };
}

const defaultIdentities = ['id_rsa', 'id_ecdsa', 'id_ed25519'];

function first(options: Options, key: string): string | undefined {
  return options.get(key)?.[0];
}

function number(options: Options, key: string): number | undefined {
  const text = first(options, key);
  if (text === undefined || text.toLowerCase() === 'none') return undefined;
  if (!/^\d+$/.test(text)) throw invalid(key, text, 'a number');
  return Number(text);
}

function yes(options: Options, key: string, fallback: boolean): boolean {
  const text = first(options, key)?.toLowerCase();
  if (text === undefined) return fallback;
  if (text === 'yes' || text === 'true') return true;
  if (text === 'no' || text === 'false') return false;
  throw invalid(key, text, 'yes or no');
}

/** A host may be known by the realm then, and by no key. */
function keyExchangeByTicket(): KplayError {
  const message = 'ssh option "GSSAPIKeyExchange yes" is not supported by kplay';
  return markOption(new KplayError({ code: 'unsupported', message }));
}

function invalid(key: string, value: string, wanted: string): KplayError {
  return new KplayError({ code: 'options', message: `ssh option ${key}: "${value}" is not ${wanted}` });
}

function files(options: Options, key: string, fallback: string): string[] {
  return (first(options, key) ?? fallback).split(/\s+/).filter((file) => file !== '' && file.toLowerCase() !== 'none');
}

function keyPolicy(text: string | undefined): KeyPolicy {
  const value = text?.toLowerCase() ?? 'ask';
  // There is nobody to ask: an unknown key is refused, with how to accept it.
  if (value === 'ask' || value === 'yes' || value === 'true') return 'known';
  if (value === 'accept-new') return 'accept-new';
  if (value === 'no' || value === 'off' || value === 'false') return 'any';
  throw invalid('StrictHostKeyChecking', value, 'yes, no, ask or accept-new');
}

/** The ways to log in that kplay's own SSH has, in OpenSSH's order. */
const known: readonly AuthenticationMethod[] = ['publickey', 'keyboard-interactive', 'password'];

function authenticationMethods(options: Options): AuthenticationMethod[] {
  const preferred = preferredMethods(options);
  const interactive = yes(
    options,
    'kbdinteractiveauthentication',
    yes(options, 'challengeresponseauthentication', true),
  );
  const allowed: Record<AuthenticationMethod, boolean> = {
    publickey: (first(options, 'pubkeyauthentication') ?? 'yes').toLowerCase() !== 'no',
    'keyboard-interactive': interactive,
    password: yes(options, 'passwordauthentication', true),
  };
  const ordered = preferred ? preferred.flatMap((name) => known.filter((method) => method === name)) : known;
  return ordered.filter((method) => allowed[method]);
}

function preferredMethods(options: Options): string[] | undefined {
  return first(options, 'preferredauthentications')
    ?.split(',')
    .map((name) => name.trim());
}

function otherMethods(options: Options): Pick<Target, 'otherMethods' | 'otherFirst'> {
  const preferred = preferredMethods(options);
  const place = (method: string) => preferred?.findIndex((name) => name.startsWith(method)) ?? 0;
  const asked = ['gssapi', 'hostbased'].filter(
    (method) => yes(options, `${method}authentication`, false) && place(method) >= 0,
  );
  // OpenSSH tries GSSAPI before keys; who has both gets in with a key as well, unless the ticket is to go along.
  const delegates = asked.includes('gssapi') && yes(options, 'gssapidelegatecredentials', false);
  const own = preferred?.findIndex((name) => known.includes(name as AuthenticationMethod)) ?? -1;
  const isFirst = (method: string) => (preferred ? own < 0 || place(method) < own : delegates && method === 'gssapi');
  return { otherMethods: asked, otherFirst: asked.filter(isFirst) };
}

function agentSocket(
  option: string | undefined,
  environment: Surroundings['environment'],
  path: (text: string) => string,
): string | undefined {
  if (option === undefined || option === 'SSH_AUTH_SOCK') return environment.SSH_AUTH_SOCK || undefined;
  if (option.toLowerCase() === 'none') return undefined;
  return option.startsWith('$') ? environment[option.replace(/^\$\{?(\w+)\}?$/, '$1')] : path(option);
}

/**
 * How long a silent host is waited for, three minutes unless ~/.ssh/config or ssh_args set an interval (0: for ever). A
 * network that is away for a minute must cost nothing: until it is back the kernel sends again at intervals that double,
 * so data may flow only twice as late as the network is back.
 */
function keepalive(options: Options): Pick<Target, 'aliveIntervalSeconds' | 'aliveCountMax'> {
  const interval = number(options, 'serveraliveinterval');
  if (interval === undefined) return { aliveIntervalSeconds: 30, aliveCountMax: 5 };
  return { aliveIntervalSeconds: interval, aliveCountMax: number(options, 'serveralivecountmax') ?? 3 };
}

function family(text: string | undefined): 0 | 4 | 6 {
  if (text?.toLowerCase() === 'inet') return 4;
  return text?.toLowerCase() === 'inet6' ? 6 : 0;
}
