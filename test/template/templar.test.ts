import { readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import { rememberPlace } from '../../runner/position.ts';
import { createTemplar } from '../../runner/template/create.ts';
import { Float, mapping, UnsafeText, type Value } from '../../runner/value.ts';
import { temporaryDirectory } from '../temporary.ts';
import { contextOf, problemOf } from './context.ts';

const templar = createTemplar();

test('every text in a value is rendered, the rest stays', (t) => {
  const value = { a: '{{ i }}', b: ['x{{ i }}', 1, null, { c: '{{ l }}' }], d: new Float(1) };
  t.deepEqual(templar.render(value as unknown as Value, contextOf({ i: 5, l: [1] })), {
    a: 5,
    b: ['x5', 1, null, { c: [1] }],
    d: new Float(1),
  } as unknown as Value);
});

test('a value without templates is given back itself, one with templates is left alone', (t) => {
  const plain = { a: ['x'] };
  t.is(templar.render(plain, contextOf({})), plain);
  const source = { a: ['{{ i }}'] };
  templar.render(source, contextOf({ i: 1 }));
  t.deepEqual(source, { a: ['{{ i }}'] });
});

test('the place of an entry is that of its error', (t) => {
  const value = mapping([['a', ['x', '{{ nope }}']]]);
  rememberPlace(value.a as Value[], 1, { file: 'f.yml', line: 7, column: 3 });
  t.is(problemOf(() => templar.render(value, contextOf({}))).position?.line, 7);
});

test('unsafe text is never rendered', (t) => {
  t.is(templar.render(new UnsafeText('{{ i }}'), contextOf({ i: 1 })), '{{ i }}');
  t.is(templar.render('<{{ u }}>', contextOf({ u: new UnsafeText('{{ i }}') })), '<{{ i }}>');
  t.is(templar.render('{{ d.u | upper }}', contextOf({ d: { u: new UnsafeText('a') } })), 'A');
});

test('results are never rendered again', (t) => {
  t.is(templar.render('{{ s }}', contextOf({ s: '{{ 1 + 1 }}' })), '{{ 1 + 1 }}');
  t.is(templar.render("{{ s ~ '' }}!", contextOf({ s: '{{ boom }}' })), '{{ boom }}!');
});

test('omit stays what it is', (t) => {
  t.is(templar.render('{{ x | default(omit) }}', contextOf({ omit: templar.omit })), templar.omit);
});

test('a condition in braces may be the text of a literal by the rules up to 2.18, and is never evaluated again', (t) => {
  const older = createTemplar({ rules: '2.18' });
  for (const [text, expected] of [
    ['True', true],
    ['false', false],
    ['no', false],
    ['yes', true],
    ['1', true],
    ['0', false],
    ['', false],
  ] as const) {
    t.is(older.test('{{ c }}', contextOf({ c: text })), expected, text);
  }
  for (const text of ['i > 3', "lookup('pipe', 'touch /tmp/never')", 'inventory_hostname']) {
    for (const rules of [older, templar]) {
      const problem = problemOf(() => rules.test('{{ out }}', contextOf({ out: text, i: 5 })));
      t.regex(problem.message, /came out of its template as text/);
      t.regex(problem.hint ?? '', /without braces/);
    }
  }
});

test('names of JavaScript reach nothing', (t) => {
  const context = contextOf({ d: mapping(), s: 'x', l: [], n: 1 });
  for (const name of ['constructor', '__proto__', 'hasOwnProperty', 'toString', 'valueOf', 'prototype', '__class__']) {
    for (const target of ['d', 's', 'l', 'n', 's.upper', 'range', 'd.items()', 'namespace()']) {
      t.is(templar.evaluate(`${target}.${name} is defined`, context), false, `${target}.${name}`);
      t.is(templar.evaluate(`${target}['${name}'] is defined`, context), false, `${target}[${name}]`);
    }
    t.is(templar.evaluate(`${name} is defined`, context), false);
    t.throws(() => templar.evaluate(`'x' | ${name}`, context));
    t.throws(() => templar.evaluate(`'x' is ${name}`, context));
  }
  t.deepEqual(templar.evaluate("{'__proto__': 1}['__proto__']", context), 1);
  t.is(templar.evaluate('(\'{"__proto__": {"a": 1}}\' | from_json).a is defined', context), false);
  t.is(templar.evaluate("({} | combine({'__proto__': {'a': 1}})).a is defined", context), false);
});

test('filters of one’s own', (t) => {
  const own = createTemplar({
    extraFilters: { twice: (value, args, keywords) => [value, ...args, keywords.k ?? null] },
  });
  t.deepEqual(own.evaluate("'a' | twice('b', k=1)", contextOf({})), ['a', 'b', 1]);
  t.notThrows(() => own.check('{{ x | twice }}'));
});

test('a lookup as with_ runs it', (t) => {
  t.deepEqual(templar.lookup('items', ['a', ['b']], {}, contextOf({})), ['a', 'b']);
  t.deepEqual(templar.lookup('ansible.builtin.sequence', ['count=2'], {}, contextOf({})), ['1', '2']);
  t.true(templar.lookupNames.has('fileglob'));
  t.regex(problemOf(() => templar.lookup('nope', [], {}, contextOf({}))).message, /not found/);
});

test('the password lookup keeps what it made, for its owner only', (t) => {
  const folder = temporaryDirectory('kplay');
  const file = path.join(folder, 'sub/pw');
  const text = `{{ lookup('password', '${file} length=15 chars=ascii_letters') }}`;
  const first = templar.render(text, contextOf({}));
  t.regex(first as string, /^[A-Za-z]{15}$/);
  t.is(templar.render(text, contextOf({})), first);
  t.is(readFileSync(file, 'utf8'), `${first}\n`);
  t.is(statSync(file).mode & 0o777, 0o600);
});

test('settings of a template file', (t) => {
  const context = contextOf({ i: 1 });
  t.is(
    templar.renderFile('<% if i %>\n[[ i ]]\n<% endif %>\n', '/x', context, {
      blockStart: '<%',
      blockEnd: '%>',
      variableStart: '[[',
      variableEnd: ']]',
    }),
    '1\n',
  );
  t.is(
    templar.renderFile('a\r\nb\n', '/x', context, { newlineSequence: '\r\n' }),
    'a\r\nb\n'.replace(/\r?\n/g, '\r\n'),
  );
  t.is(templar.renderFile('{% if i %}\nx\n{% endif %}\n', '/x', context, { trimBlocks: false }), '\nx\n');
  t.is(templar.renderFile('  {% if i %}\nx\n{% endif %}\n', '/x', context, { lstripBlocks: true }), 'x\n');
});

test('break, continue and do', (t) => {
  const text =
    '{% for x in l %}{% if x == 2 %}{% continue %}{% endif %}{% if x == 4 %}{% break %}{% endif %}{{ x }}{% endfor %}';
  t.is(templar.renderFile(text, '/x', contextOf({ l: [1, 2, 3, 4, 5] })), '13');
  t.is(templar.renderFile('{% set a = none %}{{ a is none }}', '/x', contextOf({ a: 1 })), 'True');
  t.is(templar.renderFile('{% for x in [none, 1] if not x %}{{ x is none }}{% endfor %}', '/x', contextOf({})), 'True');
  t.is(templar.renderFile('{% set a = [] %}{% do a.append(1) %}{{ a }}', '/x', contextOf({})), '[1]');
});

test('what an expression gives keeps its type; a range has to be made a list, but for the rules up to 2.18', (t) => {
  t.deepEqual(createTemplar({ rules: '2.18' }).evaluate('range(3)', contextOf({})), [0, 1, 2]);
  t.deepEqual(templar.evaluate('range(3) | list', contextOf({})), [0, 1, 2]);
  const problem = problemOf(() => templar.evaluate('range(3)', contextOf({})));
  t.regex(problem.message, /Type 'range' is unsupported/);
  t.regex(problem.hint ?? '', /range\(3\) \| list/);
  t.is(templar.evaluate('d.a', contextOf({ d: { a: 1 } })), 1);
});

test('an expression in braces is evaluated like one without', (t) => {
  t.deepEqual(templar.evaluate('{{ l }}', contextOf({ l: [1] })), [1]);
  t.is(templar.evaluate("{'a': {'b': 1}}.a.b", contextOf({})), 1);
});

test('dict of community.general makes a dict of pairs', (t) => {
  const context = contextOf({ pairs: ['a=1', 'b=2'] });
  t.is(templar.evaluate("(pairs | map('split', '=') | community.general.dict).b", context), '2');
  t.regex(problemOf(() => templar.evaluate('[1] | dict', context)).message, /not iterable/);
});
