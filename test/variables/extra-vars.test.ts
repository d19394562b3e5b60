import { writeFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { KplayError } from '../../runner/errors.ts';
import { Float, mapping } from '../../runner/value.ts';
import { parseExtraVars } from '../../runner/variables/extra-vars.ts';
import { temporaryDirectory } from '../temporary.ts';

test('name=value gives texts, quotes and templates kept together', (t) => {
  t.deepEqual(
    parseExtraVars(['a=1 b="x y" c=\'it is\' d={{ a b }} e=f=g', 'empty=']),
    mapping([
      ['a', '1'],
      ['b', 'x y'],
      ['c', 'it is'],
      ['d', '{{ a b }}'],
      ['e', 'f=g'],
      ['empty', ''],
    ]),
  );
});

test('JSON and YAML keep their types', (t) => {
  const vars = parseExtraVars(['{"a": 1, "b": [true, null], "c": 1.0}', '{d: yes, e: {f: text}}']);
  t.deepEqual(vars.a, 1);
  t.deepEqual(vars.b, [true, null]);
  t.deepEqual(vars.c, new Float(1));
  t.is(vars.d, true);
  t.deepEqual(vars.e, mapping([['f', 'text']]));
});

test('files are read, and later values win', (t) => {
  const file = path.join(temporaryDirectory('kplay-extra'), 'vars.yml');
  writeFileSync(file, 'a: file\nb: file\n');
  t.deepEqual(
    parseExtraVars(['b=early', `@${file}`, 'a=late']),
    mapping([
      ['b', 'file'],
      ['a', 'late'],
    ]),
  );
});

test('what is no variable is an error that does not show the value', (t) => {
  for (const value of ['secret', '[1, secret]', '@', 'a=1 secret']) {
    const error = t.throws(() => parseExtraVars([value]), { instanceOf: KplayError });
    t.is((error as KplayError).problems[0]?.code, 'options');
    t.false(JSON.stringify((error as KplayError).problems).includes('secret'));
  }
  t.throws(() => parseExtraVars(['@/nonexistent/vars.yml']), { message: /no such file.*\/nonexistent/ });
  t.throws(() => parseExtraVars(['{a: [']), { instanceOf: KplayError });
});
