/** Options of mount, apart from a password among them. */
export interface SplitOptions {
  /** What may stand on a command line; empty when nothing is left. */
  readonly shown: string;
  /** The password that the helper of mount takes from its environment instead. */
  readonly password: string | undefined;
  /** Names of options that hold a secret and that only a command line can give. */
  readonly exposed: readonly string[];
}

/** File systems whose helper (mount.cifs) takes a password from the variable PASSWD, too. */
const takesPassword: ReadonlySet<string> = new Set(['cifs', 'smb3']);
const passwords: ReadonlySet<string> = new Set(['pass', 'passwd', 'password']);
const secrets = /^(?:pass|passwd|password2?|passphrase|secret|key)$/;

/** Takes what nobody on the host may see out of the options of a mount. */
export function splitOptions(fstype: string, opts: string): SplitOptions {
  const list = opts.split(',');
  const isPassword = (option: string): boolean =>
    takesPassword.has(fstype) && option.includes('=') && passwords.has(nameOf(option));
  const password = list.filter(isPassword).at(-1);
  const shown = list.filter((option) => !isPassword(option));
  const exposed = shown.filter((option) => /=./.test(option) && secrets.test(nameOf(option))).map(nameOf);
  return { shown: shown.join(','), password: password?.slice(password.indexOf('=') + 1), exposed };
}

/** The values of options that are secrets. */
export function secretValues(opts: string): string[] {
  return opts
    .split(',')
    .filter((option) => secrets.test(nameOf(option)))
    .map((option) => option.slice(nameOf(option).length + 1));
}

function nameOf(option: string): string {
  return option.split('=', 1)[0]!.toLowerCase();
}
