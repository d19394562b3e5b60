/**
 * Variables that decide how, as whom and where commands run, by what they decide. Where several are set, the last
 * named wins, as in Ansible.
 */
export const connectionNames = {
  connection: ['ansible_connection'],
  host: ['ansible_host', 'ansible_ssh_host'],
  port: ['ansible_port', 'ansible_ssh_port'],
  user: ['ansible_user', 'ansible_ssh_user'],
  password: ['ansible_password', 'ansible_ssh_pass', 'ansible_ssh_password'],
  privateKeyFile: ['ansible_private_key_file', 'ansible_ssh_private_key_file'],
  privateKey: ['ansible_private_key', 'ansible_ssh_private_key'],
  privateKeyPassphrase: ['ansible_private_key_passphrase', 'ansible_ssh_private_key_passphrase'],
  sshArgs: ['ansible_ssh_args'],
  sshCommonArgs: ['ansible_ssh_common_args'],
  sshExtraArgs: ['ansible_ssh_extra_args'],
  sshExecutable: ['ansible_ssh_executable'],
  controlPath: ['ansible_control_path'],
  timeout: ['ansible_timeout', 'ansible_ssh_timeout'],
  retries: ['ansible_ssh_retries'],
  hostKeyChecking: ['ansible_host_key_checking', 'ansible_ssh_host_key_checking'],
  shell: ['ansible_shell_executable'],
  reattach: ['ansible_kplay_reattach'],
  become: ['ansible_become'],
  becomeMethod: ['ansible_become_method'],
  becomeUser: ['ansible_become_user'],
  becomePassword: ['ansible_become_password', 'ansible_become_pass'],
  becomeFlags: ['ansible_become_flags'],
  becomeExe: ['ansible_become_exe'],
  sudoUser: ['ansible_sudo_user'],
  sudoPassword: ['ansible_sudo_password', 'ansible_sudo_pass'],
  sudoFlags: ['ansible_sudo_flags'],
  sudoExe: ['ansible_sudo_exe'],
  suUser: ['ansible_su_user'],
  suPassword: ['ansible_su_password', 'ansible_su_pass'],
  suFlags: ['ansible_su_flags'],
  suExe: ['ansible_su_exe'],
  doasUser: ['ansible_doas_user'],
  doasPassword: ['ansible_doas_password', 'ansible_doas_pass'],
  doasFlags: ['ansible_doas_flags'],
  doasExe: ['ansible_doas_exe'],
  run0User: ['ansible_run0_user'],
  run0Password: ['ansible_run0_password', 'ansible_run0_pass'],
  run0Flags: ['ansible_run0_flags'],
  run0Exe: ['ansible_run0_exe'],
} as const;

/** All variables that connections are made by. */
export const allConnectionNames: ReadonlySet<string> = new Set(Object.values(connectionNames).flat());

/** Whether a variable decides about connections; facts of a host never set these. */
export function isConnectionVariable(name: string): boolean {
  return (
    allConnectionNames.has(name) ||
    /^ansible_(become|sudo|su|doas|run0|shell|winrm|paramiko)_|_interpreter$/.test(name) ||
    (name.startsWith('ansible_ssh_') && !name.startsWith('ansible_ssh_host_key_'))
  );
}
