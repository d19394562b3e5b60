import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { HashBehaviour } from '../dicts.ts';
import { KplayError } from '../errors.ts';
import { readText } from '../python/file-names.ts';
import { booleanWord } from '../python/truth-words.ts';
import { readRules, rulesWanted, type TemplateRules } from '../template/rules.ts';
import { readSettingsFile, type Setting } from './settings-file.ts';

/** What ansible.cfg and the environment say that kplay heeds as Ansible does; undefined where they say nothing. */
export interface AnsibleSettings {
  readonly inventory: readonly string[] | undefined;
  /** Folders of roles, after those beside the playbook. */
  readonly rolePath: readonly string[];
  /** Folders of collections, after collections/ beside the playbook. */
  readonly collectionPath: readonly string[];
  readonly forks: number | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly user: string | undefined;
  readonly privateKeyFile: string | undefined;
  readonly hostKeyChecking: boolean | undefined;
  readonly become: boolean | undefined;
  readonly becomeMethod: string | undefined;
  readonly becomeUser: string | undefined;
  readonly becomeFlags: string | undefined;
  readonly becomeExe: string | undefined;
  readonly hashBehaviour: HashBehaviour | undefined;
  /** kplay's own: `template_rules` in the section `kplay`. */
  readonly templateRules: TemplateRules | undefined;
  /** Whether a condition of any type counts by the rules from 2.19 on, too. */
  readonly brokenConditionals: boolean | undefined;
  /** What the user is to know: settings that have no effect, a file that is passed over. */
  readonly warnings: readonly string[];
}

/** Where settings come from. */
export interface SettingsSource {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
  readonly home: string | undefined;
}

/** Where roles are looked for when nobody says otherwise. */
const standardRolePath = ['~/.ansible/roles', '/usr/share/ansible/roles', '/etc/ansible/roles'];

/** The same for collections. */
const standardCollectionPath = ['~/.ansible/collections', '/usr/share/ansible/collections'];

/** Settings that mean nothing here: kplay has no Python on hosts, no retry files, no cows, and keeps connections by itself. */
const meaningless = new Set([
  'ANSIBLE_CONFIG',
  'ANSIBLE_HOME',
  ...`ANY_UNPARSED_IS_FAILED COW_SELECTION DEPRECATION_WARNINGS INTERPRETER_PYTHON INVENTORY_UNPARSED_WARNING
  LOCALHOST_WARNING LOCAL_TEMP LOCAL_TMP NOCOWS PIPELINING PYTHON_INTERPRETER REMOTE_TEMP REMOTE_TMP RETRY_FILES_ENABLED
  RETRY_FILES_SAVE_PATH SSH_CONTROL_PATH SSH_CONTROL_PATH_DIR SSH_PIPELINING CONTROL_PATH CONTROL_PATH_DIR`
    .split(/\s+/)
    .map((name) => `ANSIBLE_${name}`),
]);

/**
 * Reads the settings of Ansible that hold here: the first of the file that ANSIBLE_CONFIG names, ansible.cfg in the working
 * folder, ~/.ansible.cfg and /etc/ansible/ansible.cfg; and ANSIBLE_* variables, which go before it. All that has no effect
 * is named in a warning. Throws KplayError for a file that cannot be read and for wrong values.
 */
export function readAnsibleSettings(source: SettingsSource): AnsibleSettings {
  const warnings: string[] = [];
  const file = findFile(source, warnings);
  const settings = [
    ...environmentSettings(source),
    ...(file === undefined ? [] : readSettingsFile(readText(file), file)),
  ];
  const known = new Map<string, Setting>();
  const idle: Setting[] = [];
  for (const setting of settings) {
    const name = nameOf(setting);
    const earlier = known.get(name);
    if (readers.has(name)) known.set(name, earlier === undefined || goesBefore(setting, earlier) ? setting : earlier);
    else if (!meaningless.has(variableOf(setting))) idle.push(setting);
  }
  if (idle.length > 0) warnings.push(`Settings of Ansible that kplay does not heed: ${idle.map(describe).join(', ')}.`);
  const value = <T>(name: string): T | undefined => {
    const setting = known.get(name);
    return setting && (readers.get(name)!(setting, source) as T);
  };
  return {
    inventory: value('inventory'),
    rolePath: value('roles_path') ?? standardRolePath.map((folder) => expanded(folder, source, source.folder)),
    collectionPath:
      value('collections_path') ?? standardCollectionPath.map((folder) => expanded(folder, source, source.folder)),
    forks: value('forks'),
    timeoutSeconds: value('timeout'),
    user: value('remote_user'),
    privateKeyFile: value('private_key_file'),
    hostKeyChecking: value('host_key_checking'),
    become: value('become'),
    becomeMethod: value('become_method'),
    becomeUser: value('become_user'),
    becomeFlags: value('become_flags'),
    becomeExe: value('become_exe'),
    hashBehaviour: value('hash_behaviour'),
    templateRules: value('template_rules'),
    brokenConditionals: value('allow_broken_conditionals'),
    warnings,
  };
}

type Reader = (setting: Setting, source: SettingsSource) => unknown;

const readers: ReadonlyMap<string, Reader> = new Map<string, Reader>([
  ['inventory', (setting, source) => parts(setting, ',').map((part) => inventorySource(part, setting, source))],
  ['roles_path', folders],
  ['collections_path', folders],
  ['forks', wholeNumber],
  ['timeout', wholeNumber],
  ['remote_user', ({ value }) => value],
  ['private_key_file', (setting, source) => expanded(setting.value, source, folderOf(setting, source))],
  ['host_key_checking', truth],
  ['become', truth],
  ['become_method', ({ value }) => value],
  ['become_user', ({ value }) => value],
  ['become_flags', ({ value }) => value],
  ['become_exe', ({ value }) => value],
  ['hash_behaviour', hashBehaviour],
  ['template_rules', templateRules],
  ['allow_broken_conditionals', truth],
]);

/** Sections of the file in which the settings that are heeded stand. */
const sections: Readonly<Record<string, string>> = {
  become: 'privilege_escalation',
  become_method: 'privilege_escalation',
  become_user: 'privilege_escalation',
  become_flags: 'privilege_escalation',
  template_rules: 'kplay',
  become_exe: 'privilege_escalation',
};

/** Settings that may stand among those of the connection too, or begin so as variables; there they go before the general ones. */
const alsoOfSsh: ReadonlySet<string> = new Set(['host_key_checking', 'timeout']);

/** Whether a setting goes before one that was found earlier, in the same place. */
function goesBefore(setting: Setting, earlier: Setting): boolean {
  const samePlace = (setting.section === undefined) === (earlier.section === undefined);
  return samePlace && isOfSsh(setting) && !isOfSsh(earlier);
}

function isOfSsh({ name, section }: Setting): boolean {
  return section === undefined ? name.startsWith('ANSIBLE_SSH_') : section === 'ssh_connection';
}

function environmentSettings({ environment }: SettingsSource): Setting[] {
  return Object.entries(environment)
    .filter(([name, value]) => name.startsWith('ANSIBLE_') && value !== undefined && value !== '')
    .map(([name, value]) => ({ name, value: value!, section: undefined, place: undefined }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** The variable of the environment that says the same as a setting. */
function variableOf({ name, section }: Setting): string {
  return section === undefined ? name : `ANSIBLE_${name.toUpperCase()}`;
}

/** The name that a setting goes by here; one that stands in another section than it should has none. */
function nameOf({ name, section }: Setting): string {
  if (section === undefined) {
    const plain = name.slice('ANSIBLE_'.length).toLowerCase();
    const ofSsh = plain.replace(/^ssh_/, '');
    return alsoOfSsh.has(ofSsh) ? ofSsh : plain;
  }
  if (alsoOfSsh.has(name) && section === 'ssh_connection') return name;
  return section === (sections[name] ?? 'defaults') ? name : `${section}.${name}`;
}

function describe({ name, section, place }: Setting): string {
  return place === undefined ? `${name} (environment)` : `${name} ([${section}], ${place.file}:${place.line})`;
}

function findFile({ environment, folder, home }: SettingsSource, warnings: string[]): string | undefined {
  const asked = environment.ANSIBLE_CONFIG;
  if (asked !== undefined && asked !== '') {
    const file = path.resolve(folder, asked.replace(/^~(?=\/|$)/, home ?? '~'));
    const inside = existsSync(file) && statSync(file).isDirectory() ? path.join(file, 'ansible.cfg') : file;
    if (existsSync(inside)) return inside;
    warnings.push(`ANSIBLE_CONFIG names ${file}, which is not there.`);
  }
  const own = path.join(folder, 'ansible.cfg');
  if (existsSync(own)) {
    if ((statSync(folder).mode & 0o002) === 0) return own;
    warnings.push(`${own} is passed over, since anybody may write to its folder. ANSIBLE_CONFIG can name it.`);
  }
  const others = [...(home === undefined ? [] : [path.join(home, '.ansible.cfg')]), '/etc/ansible/ansible.cfg'];
  return others.find((other) => existsSync(other));
}

function parts({ value }: Setting, separator: string): string[] {
  return value
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** Files are relative to the file that names them; names of hosts are left alone. */
function inventorySource(part: string, setting: Setting, source: SettingsSource): string {
  const file = expanded(part, source, folderOf(setting, source));
  // One host with a comma behind it, `a,`, has lost it by now.
  return existsSync(file) || !setting.value.includes(',') ? file : `${part},`;
}

function folders(setting: Setting, source: SettingsSource): string[] {
  return parts(setting, ':').map((part) => expanded(part, source, folderOf(setting, source)));
}

function folderOf({ place }: Setting, { folder }: SettingsSource): string {
  return place === undefined ? folder : path.dirname(place.file);
}

function expanded(name: string, { environment, folder, home }: SettingsSource, relativeTo: string): string {
  const full = name
    .replace(/^~(?=\/|$)/, home ?? '~')
    .replaceAll('{{CWD}}', folder)
    .replaceAll(/\$(?:\{(\w+)\}|(\w+))/g, (whole, braced, bare) => environment[braced ?? bare] ?? whole);
  return path.resolve(relativeTo, full);
}

function wholeNumber(setting: Setting): number {
  if (/^[1-9]\d*$/.test(setting.value)) return Number(setting.value);
  throw wrong(setting, 'a whole number above 0');
}

function truth(setting: Setting): boolean {
  const value = booleanWord(setting.value);
  if (value !== undefined) return value;
  throw wrong(setting, 'true or false');
}

function hashBehaviour(setting: Setting): HashBehaviour {
  const { value } = setting;
  if (value === 'replace' || value === 'merge') return value;
  throw wrong(setting, 'replace or merge');
}

function templateRules(setting: Setting): TemplateRules {
  const rules = readRules(setting.value);
  if (rules !== undefined) return rules;
  throw wrong(setting, rulesWanted);
}

function wrong(setting: Setting, what: string): KplayError {
  return new KplayError({ code: 'options', message: `${describe(setting)} must be ${what}.` });
}
