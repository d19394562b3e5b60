import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { KplayError } from '../../runner/errors.ts';
import { parseKeyValues } from '../../runner/language/key-values.ts';
import { fixtures } from './stubs/project.ts';

interface Recorded {
  readonly text: string;
  readonly values: Record<string, string> | null;
  readonly freeForm: Record<string, string> | null;
}

const recorded = JSON.parse(readFileSync(path.join(fixtures, 'key-values.json'), 'utf8')) as Recorded[];

/** Ansible crashes on these; kplay reads them. */
const crashes = new Set(['  creates=/x  ', '\n\na b']);

/** Ansible drops a single blank at a line's start here; kplay keeps the text of a command as it is. */
const keepsBlank = new Set(['k=v\\\n j=w', 'x=1 \n y=2']);

function split(text: string, freeForm: boolean): Record<string, unknown> | null {
  try {
    const { _raw, ...values } = parseKeyValues(text, undefined, freeForm);
    return _raw === undefined ? values : { ...values, _raw_params: _raw };
  } catch (error) {
    if (error instanceof KplayError) return null;
    throw error;
  }
}

for (const { text, values, freeForm } of recorded) {
  test(`splits as Ansible does: ${JSON.stringify(text)}`, (t) => {
    if (crashes.has(text)) {
      t.not(split(text, true), null);
      return;
    }
    if (keepsBlank.has(text)) t.notDeepEqual(split(text, true), freeForm);
    else t.deepEqual(split(text, true), freeForm);
    t.deepEqual(split(text, false), values);
  });
}
