import test from 'ava';
import { createTemplar } from '../../runner/template/create.ts';
import type { Value } from '../../runner/value.ts';
import { contextOf, problemOf } from './context.ts';

// Read when a limit is first asked for; lower than usual, so that reaching them takes no time.
process.env.KPLAY_MAX_ITEMS = '1000000';
process.env.KPLAY_MAX_CHARACTERS = '1000000';

const templar = createTemplar();

/** A list that holds another twice, that another twice, and so on: 2^40 values in 40 lists. */
function shared(innermost: Value): Value {
  let list: Value = [innermost];
  for (let level = 0; level < 40; level++) list = [list, list];
  return list;
}

const context = contextOf({ few: ['a', 'b'], text: 'abc', templates: shared('{{ 1 + 1 }}'), plain: shared('x') });

const tooLong = [
  'range(100000000) | list',
  '[1] * 100000000',
  "'ab' * 1000000000",
  "'%1000000000d' % 5",
  "'%-1000000000s' % 5",
  "'{:1000000000}'.format(5)",
  "'{:^1000000000}'.format(text)",
  "'%.1000000000f' % 1e22",
  'text | center(1000000000)',
  'text.ljust(1000000000)',
  'text.zfill(1000000000)',
  "'\\t'.expandtabs(1000000000)",
  'text | indent(1000000000)',
  'text | comment(prefix_count=1000000000)',
  'few | to_json(indent=1000000000)',
  "('x' * 100000) | replace('x', 'y' * 1000)",
  "('x' * 100000).replace('x', 'y' * 1000)",
  "('x' * 100000) | regex_replace('x', 'y' * 1000)",
  "(['x' * 1000] * 100000) | join('')",
  'range(12) | permutations | list',
  'range(60) | combinations(30) | list',
  'range(1000) | product(range(1000), range(1000)) | list',
  'few | product(repeat=40) | list',
  "lookup('sequence', 'start=1 end=1000000000')",
  "lookup('nested', range(1000), range(1000), range(1000))",
  "few | batch(1000000000, 'x') | list",
  'few | slice(1000000000) | list',
];

for (const expression of tooLong) {
  test(`${expression} is longer than a template may make`, (t) => {
    const problem = problemOf(() => templar.evaluate(expression, context));
    t.regex(problem.message, /^A (?:list|text) of \d+ (?:items|characters) is longer than the limit of 1000000 /);
    t.regex(problem.hint!, /^The environment variable KPLAY_MAX_(?:ITEMS|CHARACTERS) allows more/);
  });
}

test('a text that doubles in a loop comes to its limit', (t) => {
  const text = "{% set n = namespace(t='x') %}{% for i in range(100) %}{% set n.t = n.t ~ n.t %}{% endfor %}";
  t.regex(problemOf(() => templar.render(text, context)).message, /^A text of \d+ characters is longer/);
});

test('a list that doubles in a loop comes to its limit', (t) => {
  const text = '{% set l = [1] %}{% for i in range(100) %}{% do l.extend(l) %}{% endfor %}';
  t.regex(problemOf(() => templar.render(text, context)).message, /^A list of \d+ items is longer/);
});

test('what is long but within the limits is made', (t) => {
  t.is(templar.evaluate('range(1000000) | list | length', context), 1_000_000);
  t.is(templar.evaluate("('ab' * 500000) | length", context), 1_000_000);
  t.is(templar.evaluate('range(8) | permutations | length', context), 40_320);
  t.deepEqual(templar.evaluate('range(4) | combinations(2) | map("join") | list', context), [
    '01',
    '02',
    '03',
    '12',
    '13',
    '23',
  ]);
  t.is(templar.evaluate('few | combinations(3) | length', context), 0);
  t.is(templar.evaluate('range(1000000000000)[999999999999]', context), 999_999_999_999);
});

test('a list that is shared is rendered once, and stays shared', (t) => {
  const rendered = templar.render(
    '{{ templates }}',
    contextOf({ templates: templar.render(shared('{{ 1 + 1 }}'), context) }),
  );
  let list = rendered as Value[];
  for (let level = 0; level < 40; level++) list = list[level % 2] as Value[];
  t.deepEqual(list, [2]);
});

test('lists that are shared are compared once', (t) => {
  t.true(templar.evaluate('plain == other', contextOf({ plain: shared('x'), other: shared('x') })));
  t.false(templar.evaluate('plain == other', contextOf({ plain: shared('x'), other: shared('y') })));
});

test('dicts that are shared are combined once', (t) => {
  const nest = (leaf: Record<string, Value>): Value => {
    let dict: Value = leaf;
    for (let level = 0; level < 40; level++) dict = { left: dict, right: dict };
    return dict;
  };
  const values = contextOf({ low: nest({ a: 1 }), high: nest({ b: 2 }), path: Array(40).fill('left') });
  t.deepEqual(templar.evaluate("low | combine(high, recursive=true) | json_query(path | join('.'))", values), {
    a: 1,
    b: 2,
  });
});

for (const filter of ['to_json', 'to_nice_json', 'to_yaml', 'string', 'flatten | length']) {
  test(`${filter} of lists that are shared ends at a limit`, (t) => {
    t.regex(problemOf(() => templar.evaluate(`plain | ${filter}`, context)).message, /longer than/);
  });
}
