import type { SecretRegister } from '../secrets/register.ts';
import type { Value } from '../value.ts';
import { connectionNames } from './connection-names.ts';

/** Variables that are secret as a whole, and those whose text may have a secret inside (`sshpass -p …` of a ProxyCommand). */
const kinds: ReadonlyMap<string, 'secret' | 'text'> = new Map([
  ...Object.entries(connectionNames).flatMap(([sort, names]) => {
    const kind = /pass(?:word|phrase)$/i.test(sort) ? 'secret' : /^ssh\w*Args$/.test(sort) ? 'text' : undefined;
    return kind ? names.map((name) => [name, kind] as const) : [];
  }),
  // Other connections', which Ansible's users may have in the same inventory.
  ...['private_key', 'ssh_private_key', 'paramiko_password', 'winrm_password', 'winrm_pass', 'httpapi_password'].map(
    (name) => [`ansible_${name}`, 'secret'] as const,
  ),
]);

/** Adds the value of a variable to the register where its name says that it is secret. */
export function learnVariable(name: string, value: Value | undefined, secrets: SecretRegister): void {
  const kind = kinds.get(name);
  if (kind === undefined || value === undefined) return;
  if (kind === 'secret') secrets.add(value);
  else if (typeof value === 'string') secrets.addNamed(value);
}

/** Whether the value of a variable is of interest to {@link learnVariable}. */
export function mayBeSecret(name: string): boolean {
  return kinds.has(name);
}
