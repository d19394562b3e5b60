import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { loadAll } from 'js-yaml';
import { packageRoot } from '../../runner/root.ts';

/** All texts in a value, keys left out. */
function texts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(texts);
}

// As in Ansible, a backslash in a template of YAML is doubled before the template is read: '\\1' in a folded text is no group.
test('groups in replacements of roles and playbooks have one backslash when YAML has been read', (t) => {
  const files = ['roles', 'playbooks'].flatMap((folder) =>
    readdirSync(path.join(packageRoot, folder), { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.yml'))
      .map((name) => path.join(packageRoot, folder, name)),
  );
  t.true(files.length > 100);
  const wrong = files.flatMap((file) =>
    texts(loadAll(readFileSync(file, 'utf8')))
      .filter((text) => /regex_replace.*'[^']*\\\\\d/s.test(text))
      .map((text) => `${file}: ${text}`),
  );
  t.deepEqual(wrong, []);
});
