import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { ArgumentSpec } from '../../runner/module/arguments.ts';
import { createCatalog } from '../../runner/module/catalog.ts';
import { packageRoot } from '../../runner/root.ts';

/** An option as `ansible-doc -j` of ansible-core 2.14 and its collections tells it. */
interface Option {
  readonly type: string;
  readonly required?: boolean;
  readonly choices?: readonly unknown[];
  readonly aliases?: readonly string[];
  readonly elements?: string;
  readonly default?: unknown;
}

const file = path.join(packageRoot, 'test/fixtures/modules/ansible-options.json');
const ansible = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Record<string, Option>>;

/** Where kplay is different on purpose: `module.option`, and what of it. */
const different: Readonly<Record<string, readonly string[]>> = {
  // A text that holds commas is one condition or message, not a list of them.
  'assert.that': ['type', 'elements'],
  'assert.fail_msg': ['type'],
  'assert.success_msg': ['type'],
  // Any value can be shown.
  'debug.msg': ['type', 'default'],
  'debug.var': ['type'],
  'pause.minutes': ['type'],
  'pause.seconds': ['type'],
  'pause.prompt': ['type'],
  // The package manager's module decides.
  'package.name': ['type', 'elements', 'required'],
  'package.state': ['type', 'choices', 'required'],
  'dnf.name': ['required'],
  'dnf.use_backend': ['choices'],
  'uri.headers': ['default'],
  'uri.unredirected_headers': ['default'],
  'reboot.reboot_command': ['default'],
  'ufw.proto': ['choices'],
  'dnf.download_only': ['default'],
  'selinux.update_kernel_param': ['default'],
  // A list since ansible-core 2.17.
  'rpm_key.fingerprint': ['type', 'elements'],
};

for (const [module, options] of Object.entries(ansible)) {
  test(`${module} has Ansible's arguments`, async (t) => {
    const schema = (await createCatalog().signature(module))!.args;
    for (const [name, option] of Object.entries(options)) {
      const spec = schema[name];
      if (!spec) {
        t.fail(`${module} lacks ${name}`);
        continue;
      }
      compare(`${module}.${name}`, option, spec, (property, actual, expected) => {
        t.deepEqual(actual, expected, `${property} of ${name}`);
      });
    }
  });
}

type Check = (property: string, actual: unknown, expected: unknown) => void;

function compare(name: string, option: Option, spec: ArgumentSpec, check: Check): void {
  // The documentation tells yum's own defaults; nothing is written for what is not given.
  const skipped = different[name] ?? (name.startsWith('yum_repository.') ? ['default'] : []);
  const each = (property: string, actual: unknown, expected: unknown): void => {
    if (!skipped.includes(property)) check(property, actual, expected);
  };
  if (spec.unsupported !== undefined) return;
  each('type', spec.type, option.type);
  each('required', spec.required ?? false, option.required ?? false);
  each('choices', [...(spec.choices ?? [])].sort(), [...(option.choices ?? [])].sort());
  for (const alias of option.aliases ?? []) each(`alias ${alias}`, (spec.aliases ?? []).includes(alias), true);
  if (option.elements !== undefined) each('elements', spec.elements ?? 'dict', option.elements);
  each('default', plain(spec.default), plain(option.default));
}

/** Ansible's documentation writes defaults as texts and as values; an empty one and none are the same. */
function plain(value: unknown): string {
  if (value === undefined || value === null || value === '' || value === false || value === 'no') return '';
  if (value === true || value === 'yes') return 'yes';
  if (Array.isArray(value)) return value.join(',');
  return String(value);
}
