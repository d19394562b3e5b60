import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import blockinfile from '../../modules/blockinfile.ts';
import ini_file from '../../modules/ini_file.ts';
import lineinfile from '../../modules/lineinfile.ts';
import mount from '../../modules/mount.ts';
import pam_limits from '../../modules/pam_limits.ts';
import replace from '../../modules/replace.ts';
import type { Module } from '../../runner/module/contract.ts';
import { packageRoot } from '../../runner/root.ts';
import type { Mapping } from '../../runner/value.ts';
import { runModule, temporaryFolder } from './harness.ts';

/** What real Ansible made of a file: test/fixtures/modules/make-edit-cases.py. */
interface Case {
  readonly module: string;
  readonly args: Mapping;
  readonly before: string | null;
  readonly after: string | null;
  readonly changed: boolean;
  readonly failed: boolean;
  readonly msg: string;
}

const modules: Record<string, { readonly module: Module; readonly argument: string }> = {
  lineinfile: { module: lineinfile, argument: 'path' },
  blockinfile: { module: blockinfile, argument: 'path' },
  replace: { module: replace, argument: 'path' },
  ini_file: { module: ini_file, argument: 'path' },
  pam_limits: { module: pam_limits, argument: 'dest' },
  mount: { module: mount, argument: 'fstab' },
};

const fixtures = path.join(packageRoot, 'test/fixtures/modules/edit-cases.json');
const cases = JSON.parse(readFileSync(fixtures, 'utf8')) as Case[];

for (const name of Object.keys(modules)) {
  test(`${name} makes of files what Ansible makes of them`, async (t) => {
    const { module, argument } = modules[name]!;
    const mine = cases.filter((one) => one.module === name);
    t.true(mine.length > 10);
    const folder = temporaryFolder();
    for (const [index, one] of mine.entries()) {
      const file = `${folder}/${index}`;
      if (one.before !== null) writeFileSync(file, one.before);
      const args = { ...one.args, [argument]: file };
      const dry = await runModule(module, args, { check: true, diff: true });
      const label = `${JSON.stringify(one)} → ${JSON.stringify({ msg: dry.msg, failed: dry.failed })}`;
      t.is(existsSync(file) ? readFileSync(file, 'utf8') : null, one.before, `check mode changed: ${label}`);
      const result = await runModule(module, args);
      const after = existsSync(file) ? readFileSync(file, 'utf8') : null;
      t.is(result.failed, one.failed, label);
      t.is(dry.failed, one.failed, label);
      if (one.failed) continue;
      t.is(after, one.after, label);
      t.is(result.changed, one.changed, label);
      t.is(dry.changed, one.changed, label);
      if (name !== 'mount' && name !== 'pam_limits') {
        t.is(String(result.msg ?? '').replace(file, 'FILE'), one.msg, label);
      }
    }
  });
}
