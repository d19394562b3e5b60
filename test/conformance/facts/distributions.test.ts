import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { distribution } from '../../../modules/setup/distribution.ts';
import { releaseFilesReading } from '../../../modules/setup/release-files.ts';
import { packageRoot } from '../../../runner/root.ts';
import { temporaryDirectory } from '../../temporary.ts';

// What ansible-core says of the systems in distributions.txt is in recorded/; record-distributions.py records it again.
const folder = path.join(packageRoot, 'test/conformance/facts');
const recorded = JSON.parse(readFileSync(path.join(folder, 'recorded/distributions.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, string | boolean>>>
>;

/** Where kplay knows better, on purpose: docs/facts.md says why. */
const better: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Zorin 17': { os_family: 'Debian' },
  // The pattern that Ansible looks with does not end at the line's end.
  'UOS 20': { distribution_release: 'fou', os_family: 'RedHat' },
  'Kylin desktop V10': { os_family: 'Debian' },
  'Fedora with os-release alone': { os_family: 'RedHat' },
  'Huawei Cloud EulerOS 2.0': { os_family: 'RedHat' },
  'Anolis 8': { os_family: 'RedHat' },
  'Anolis 23': { os_family: 'RedHat' },
  'TencentOS 4': { os_family: 'RedHat' },
  'OpenCloudOS 9': { os_family: 'RedHat' },
  'Rocky without redhat-release': { os_family: 'RedHat' },
  EndeavourOS: { os_family: 'Archlinux' },
  'Astra Linux': { os_family: 'Debian' },
};

for (const [name, files] of systems()) {
  test(`distribution: ${name}`, (t) => {
    const read = readAt(rootWith(files));
    const facts = distribution.parse('', {}, { shared: () => read, warn: (text) => t.fail(text) });
    t.deepEqual(Object.fromEntries(Object.entries(facts).sort()), { ...recorded[name], ...better[name] });
  });
}

test('each system is recorded', (t) => {
  t.deepEqual([...systems().keys()], Object.keys(recorded));
  for (const name of Object.keys(better)) t.truthy(recorded[name], name);
});

/** By systems' names, their files: text, or `FILE -> TARGET` with none. */
function systems(): Map<string, Map<string, string>> {
  const found = new Map<string, Map<string, string>>();
  let files = new Map<string, string>();
  let file = '';
  for (const line of readFileSync(path.join(folder, 'distributions.txt'), 'utf8').trimEnd().split('\n')) {
    if (line.startsWith('== ')) {
      files = new Map();
      found.set(line.slice(3), files);
    } else if (line.startsWith('-- ')) {
      file = line.slice(3);
      files.set(file, '');
    } else files.set(file, `${files.get(file)}${line}\n`);
  }
  return found;
}

function rootWith(files: ReadonlyMap<string, string>): string {
  const root = temporaryDirectory('kplay-distribution');
  for (const [name, text] of files) {
    const [file = '', target] = name.split(' -> ');
    mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
    if (target === undefined) writeFileSync(path.join(root, file), text);
    else symlinkSync(target, path.join(root, file));
  }
  return root;
}

/** What the reading prints of a system whose files stand below a folder. */
function readAt(root: string): string {
  const script = releaseFilesReading.script.replaceAll(/(\/usr\/lib|\/etc)\//g, `${root}$1/`);
  const ran = spawnSync('sh', ['-c', `{\n${script}\n} 2>/dev/null`], { encoding: 'utf8' });
  return ran.stdout.replaceAll(`@file ${root}`, '@file ');
}
