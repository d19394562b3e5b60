import { spawn, spawnSync } from 'node:child_process';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryDirectory } from '../temporary.ts';
import { freePort, listening } from './sshd.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** A Kerberos realm of a test's own, below a temporary folder. */
export interface Realm {
  /** For programs that are to use it; there is no ticket yet. */
  readonly environment: Environment;
  /** The environment with a ticket of a user in a file of its own. `words` are kinit's (`-l 1s`). */
  ticket(user: string, ...words: string[]): Environment;
  /** Ends its KDC. */
  stop(): void;
}

const name = 'KPLAY.TEST';
/** By the Debian package that has them. */
const programs = { 'krb5-kdc': 'krb5kdc', 'krb5-admin-server': 'kadmin.local', 'krb5-user': 'kinit' };
const folders = ['/usr/sbin', '/usr/bin'];

/** Why there can be no realm here, or undefined. */
export function missingKerberos(): string | undefined {
  const missing = Object.entries(programs).filter(
    ([, program]) => !folders.some((folder) => existsSync(join(folder, program))),
  );
  if (missing.length > 0) return `${missing.map(([name]) => name).join(', ')} (Debian) not installed`;
  const { stdout } = spawnSync('ssh', ['-F', 'none', '-o', 'GSSAPIAuthentication=yes', '-G', 'host']);
  return /^gssapiauthentication yes$/m.test(String(stdout)) ? undefined : 'this ssh was built without GSSAPI';
}

/**
 * Starts a KDC with a principal for each of the users, and one for the host 127.0.0.1, whose key is in the keytab of `environment`.
 * Nothing is asked of DNS, and nothing is written elsewhere.
 */
export async function startRealm(users: readonly string[]): Promise<Realm> {
  const folder = temporaryDirectory('kplay-realm');
  const port = await freePort();
  writeFileSync(
    join(folder, 'krb5.conf'),
    `[libdefaults]
  default_realm = ${name}
  dns_lookup_kdc = false
  dns_lookup_realm = false
  dns_canonicalize_hostname = false
  rdns = false
  forwardable = true
  udp_preference_limit = 1
[realms]
  ${name} = {
    kdc = 127.0.0.1:${port}
  }
`,
  );
  writeFileSync(
    join(folder, 'kdc.conf'),
    `[kdcdefaults]
  kdc_listen = ""
  kdc_tcp_listen = 127.0.0.1:${port}
[realms]
  ${name} = {
    database_name = ${folder}/principals
    key_stash_file = ${folder}/stash
    acl_file = ${folder}/acl
    supported_enctypes = aes256-cts-hmac-sha1-96:normal
  }
`,
  );
  const environment = {
    ...process.env,
    PATH: `${process.env.PATH}:${folders.join(':')}`,
    KRB5_CONFIG: join(folder, 'krb5.conf'),
    KRB5_KDC_PROFILE: join(folder, 'kdc.conf'),
    KRB5_KTNAME: `FILE:${folder}/keytab`,
    KRB5CCNAME: `FILE:${folder}/none`,
    // The system's would stand in /var/tmp.
    KRB5RCACHENAME: 'none:',
  };
  const run = (program: string, ...words: string[]) => {
    const { status, stderr, error } = spawnSync(program, words, { env: environment, timeout: 120_000 });
    if (status !== 0) throw new Error(`${program} ${words.join(' ')}: ${error?.message ?? String(stderr)}`);
  };
  const admin = (...words: string[]) => run('kadmin.local', '-r', name, ...words);
  run('kdb5_util', 'create', '-s', '-r', name, '-P', 'master');
  for (const principal of ['host/127.0.0.1', ...users]) admin('addprinc', '-randkey', principal);
  admin('ktadd', '-k', join(folder, 'keytab'), 'host/127.0.0.1');
  for (const user of users) admin('ktadd', '-k', join(folder, `${user}.keytab`), user);
  const kdc = spawn('krb5kdc', ['-n', '-r', name], { stdio: 'ignore', env: environment });
  await listening(port);
  let tickets = 0;
  return {
    environment,
    ticket: (user, ...words) => {
      const cache = `FILE:${folder}/ticket-${++tickets}`;
      run('kinit', ...words, '-c', cache, '-k', '-t', join(folder, `${user}.keytab`), user);
      return { ...environment, KRB5CCNAME: cache };
    },
    stop: () => kdc.kill(),
  };
}
