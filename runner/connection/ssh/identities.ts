import { existsSync, readFileSync, statSync } from 'node:fs';
import ssh2, { type BaseAgent, type ParsedKey } from 'ssh2';
import { isSecurityKey, openSshKeyType } from './openssh-key.ts';
import { loadPrivateKey, parseKey } from './private-key.ts';
import type { Target } from './target.ts';

/** A private key to try. */
export interface FileIdentity {
  readonly kind: 'file';
  readonly label: string;
  readonly key: ParsedKey;
}

/** A key that an agent holds. */
export interface AgentIdentity {
  readonly kind: 'agent';
  readonly label: string;
  readonly agent: BaseAgent;
  readonly key: ParsedKey;
}

export type Identity = FileIdentity | AgentIdentity;

/** The keys to try, in OpenSSH's order, and what was passed over and why. */
export interface Identities {
  readonly identities: readonly Identity[];
  readonly notes: readonly string[];
  /** What was found and only OpenSSH's client can log in with: certificates, keys on hardware. */
  readonly beyond: readonly string[];
}

interface IdentityFile {
  readonly path: string;
  readonly publicKey: Buffer | undefined;
  readonly load: () => ParsedKey | string;
}

/** Finds the keys for a host: the agent's that were named by a file, the agent's other ones, then the files. */
export async function findIdentities(target: Target): Promise<Identities> {
  const notes: string[] = [];
  const beyond = target.identityFiles.flatMap(onlyForOpenSsh);
  if (!target.identitiesNamed) beyond.push(...hardwareIdentities(target.home).flatMap(onlyForOpenSsh));
  const given = givenIdentity(target, notes);
  const files = target.identityFiles.flatMap((path) => {
    const file = identityFile(path, target);
    if (file) return [file];
    if (target.identitiesNamed) notes.push(`key ${path} (not there or not readable)`);
    return [];
  });
  const agentKeys = await listAgent(target, notes);
  const inAgent = (file: IdentityFile) =>
    file.publicKey && agentKeys.find(({ key }) => key.getPublicSSH().equals(file.publicKey!));
  const named = files.map(inAgent).filter((key) => key !== undefined);
  const others = target.identitiesOnly ? [] : agentKeys.filter((key) => !named.includes(key));
  const fromFiles = files
    .filter((file) => !inAgent(file))
    .flatMap((file): FileIdentity[] => {
      const key = file.load();
      if (typeof key !== 'string') return [{ kind: 'file', label: `key ${file.path}`, key }];
      notes.push(`key ${file.path} (${key})`);
      return [];
    });
  const first = target.identitiesNamed ? named : [];
  const rest = target.identitiesNamed ? others : [...named, ...others];
  return { identities: [...given, ...first, ...rest, ...fromFiles], notes, beyond };
}

/** The key that was given itself, not by a file. */
function givenIdentity({ privateKey, passphrase, onSecret }: Target, notes: string[]): FileIdentity[] {
  if (privateKey === undefined) return [];
  const label = 'key of ansible_ssh_private_key';
  onSecret?.(privateKey);
  const key = loadPrivateKey(privateKey, passphrase, 'FILE');
  if (typeof key !== 'string') return [{ kind: 'file', label, key }];
  notes.push(`${label} (${key})`);
  return [];
}

/** OpenSSH's default files of keys on hardware. */
function hardwareIdentities(home: string): string[] {
  return ['id_ecdsa_sk', 'id_ed25519_sk'].map((file) => `${home}/.ssh/${file}`);
}

function onlyForOpenSsh(path: string): string[] {
  const found = existsSync(`${path}-cert.pub`) ? [`the certificate ${path}-cert.pub`] : [];
  const type = readText(`${path}.pub`) ?? openSshKeyType(readText(path) ?? '') ?? '';
  if (isSecurityKey(type)) found.push(`the security key of ${path}`);
  return found;
}

function identityFile(path: string, { passphrase, onSecret }: Target): IdentityFile | undefined {
  const text = readText(path);
  const publicText = readText(`${path}.pub`) ?? text;
  if (text === undefined && publicText === undefined) return undefined;
  const load = () => {
    if (text === undefined) return 'only its public half is there';
    onSecret?.(text);
    return loadPrivate(path, text, passphrase);
  };
  return { path, publicKey: publicPart(publicText, passphrase), load };
}

function publicPart(text: string | undefined, passphrase: string | undefined): Buffer | undefined {
  const parsed = text === undefined ? undefined : parseKey(text, passphrase);
  return parsed instanceof Error || parsed === undefined ? undefined : parsed.getPublicSSH();
}

function loadPrivate(path: string, text: string, passphrase: string | undefined): ParsedKey | string {
  if ((statSync(path).mode & 0o077) !== 0) return 'others may read it: give it mode 0600';
  return loadPrivateKey(text, passphrase, path);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

async function listAgent(target: Target, notes: string[]): Promise<AgentIdentity[]> {
  if (target.agent === undefined) return [];
  const agent = ssh2.createAgent(target.agent);
  return new Promise((resolve) => {
    agent.getIdentities((error: Error | null | undefined, keys?: unknown[]) => {
      if (error) notes.push(`agent ${target.agent} (${error.message})`);
      const parsed = (keys ?? []).map(asParsedKey).filter((key) => key !== undefined);
      resolve(parsed.map((key) => ({ kind: 'agent', label: `agent key ${key.comment || key.type}`, agent, key })));
    });
  });
}

function asParsedKey(key: unknown): ParsedKey | undefined {
  if (typeof key === 'object' && key !== null && 'getPublicSSH' in key) return key as ParsedKey;
  const parsed: unknown = ssh2.utils.parseKey(key as Buffer);
  if (parsed instanceof Error) return undefined;
  return (Array.isArray(parsed) ? parsed[0] : parsed) as ParsedKey;
}
