import type { Arguments } from '../runner/module/arguments.ts';
import type { Change } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { removeCommand } from '../runner/module/host-files.ts';
import { attributeChanges, wantedBits } from './shared/attributes.ts';
import { editableText, editLimit, textChange } from './shared/edited-file.ts';
import { modeText } from './shared/file-mode.ts';
import type { FileState } from './shared/file-state.ts';
import { probeFile } from './shared/file-state.ts';
import { placeWarnings } from './shared/forecast.ts';
import { repositorySettings, yumRepositoryArguments } from './yum_repository/arguments.ts';

type Given = Arguments<typeof yumRepositoryArguments>;

export default stateModule({
  name: 'yum_repository',
  summary: 'Add or remove a repository of dnf and yum, as a section of a file in /etc/yum.repos.d.',
  notes: ['Other sections of the file, comments included, stay as they are.'],
  examples: `
- ansible.builtin.yum_repository:
    name: kubernetes
    description: Kubernetes
    baseurl: https://pkgs.k8s.io/core:/stable:/v1.30/rpm/
    gpgkey: https://pkgs.k8s.io/core:/stable:/v1.30/rpm/repodata/repomd.xml.key
    gpgcheck: true
    exclude: [kubelet, kubeadm, kubectl]
`,
  returns: { repo: 'Id of the repository.', state: 'Its state.' },
  args: yumRepositoryArguments,
  async probe(given, host): Promise<FileState> {
    const path = `${given.reposdir.replace(/\/$/, '')}/${given.file ?? given.name}.repo`;
    return probeFile(host, path, { follow: true, content: editLimit, attributes: given });
  },
  plan(given, file, host) {
    const result = { repo: given.name, state: given.state };
    const before = editableText(file);
    if (given.state === 'absent') return { changes: removal(given, file, before), result };
    check(given);
    if (!file.inFolder) throw new ModuleFailure(`Repo directory '${given.reposdir}' does not exist.`);
    const wanted = settingsOf(given);
    const present = parseSection(before, given.name);
    const isSame =
      present !== undefined &&
      present.size === wanted.size &&
      [...wanted].every(([key, value]) => present.get(key) === value);
    const bits = wantedBits(given, file, false);
    if (isSame) return { changes: attributeChanges(given, file), result };
    const after = withSection(before, given.name, sectionText(given.name, wanted));
    const changes: Change[] = textChange(file, after).map((change) => ({
      ...change,
      send: {
        ...change.send!,
        attributes: {
          ...change.send!.attributes,
          ...(bits === undefined ? {} : { mode: modeText(bits) }),
          ...(given.owner === undefined ? {} : { owner: given.owner }),
          ...(given.group === undefined ? {} : { group: given.group }),
        },
      },
    }));
    return { changes, result, warnings: placeWarnings(given, file, host) };
  },
});

function check(given: Given): void {
  if (given.description === undefined) throw new ModuleFailure("Parameter 'description' is required.");
  if (given.baseurl === undefined && given.metalink === undefined && given.mirrorlist === undefined) {
    throw new ModuleFailure("Parameter 'baseurl', 'metalink' or 'mirrorlist' is required.");
  }
}

function settingsOf(given: Given): Map<string, string> {
  const settings = new Map<string, string>([['name', given.description!]]);
  for (const name of Object.keys(repositorySettings)) {
    const value = given[name];
    if (value !== undefined && value !== null) settings.set(name, settingText(name, value));
  }
  return new Map([...settings].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function settingText(name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (!Array.isArray(value)) return String(value);
  return value.join(name === 'exclude' || name === 'includepkgs' ? ' ' : '\n');
}

function sectionText(name: string, settings: ReadonlyMap<string, string>): string {
  const lines = [...settings].map(([key, value]) => `${key} = ${value.replaceAll('\n', '\n\t')}`);
  return `[${name}]\n${lines.join('\n')}\n`;
}

/** The place of a section's text, its header included, and the blank lines after it not. */
function sectionPlace(text: string, name: string): { start: number; end: number } | undefined {
  const header = `[${name}]`;
  let offset = 0;
  let start: number | undefined;
  let end = 0;
  for (const line of text.split('\n')) {
    if (start !== undefined && line.startsWith('[')) break;
    if (line.trim() === header) start = offset;
    if (start !== undefined && line.trim() !== '') end = Math.min(text.length, offset + line.length + 1);
    offset += line.length + 1;
  }
  return start === undefined ? undefined : { start, end };
}

function parseSection(text: string, name: string): Map<string, string> | undefined {
  const place = sectionPlace(text, name);
  if (!place) return undefined;
  const settings = new Map<string, string>();
  let last = '';
  for (const line of text.slice(place.start, place.end).split('\n').slice(1)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const pair = /^(\S[^=:]*?)\s*[=:]\s*(.*?)\s*$/.exec(line);
    if (/^\s/.test(line) && last !== '') settings.set(last, `${settings.get(last)}\n${line.trim()}`);
    else if (pair) {
      last = pair[1]!.toLowerCase();
      settings.set(last, pair[2]!);
    }
  }
  return settings;
}

function withSection(text: string, name: string, section: string): string {
  const place = sectionPlace(text, name);
  if (place) return text.slice(0, place.start) + section + text.slice(place.end);
  if (text.trim() === '') return section;
  return `${text.replace(/\n*$/, '\n')}\n${section}`;
}

function removal(given: Given, file: FileState, before: string): Change[] {
  const place = sectionPlace(before, given.name);
  if (!place) return [];
  const after = before.slice(0, place.start).replace(/\n+$/, '\n') + before.slice(place.end).replace(/^\n+/, '');
  if (after.trim() !== '') return textChange(file, after);
  const diff = { before, after: '', beforeHeader: file.path, afterHeader: '/dev/null' };
  return [{ what: file.path, diff, command: removeCommand(file.path, file.identity), guarded: true }];
}
