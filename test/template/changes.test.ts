import test from 'ava';
import { createTemplar } from '../../runner/template/create.ts';
import type { Scope } from '../../runner/template/templar.ts';
import { mapping, type Value } from '../../runner/value.ts';
import { contextOf, problemOf } from './context.ts';

const templar = createTemplar();

test('a change is seen in the evaluation that makes it, and gone after it', (t) => {
  const context = contextOf({ l: [1], d: mapping([['inner', [1]]]) });
  t.is(templar.render('x {{ l.append(2) }}{{ l }}', context), 'x [1, 2]');
  t.is(templar.render('x {{ d.inner.append(2) }}{{ d }}', context), "x {'inner': [1, 2]}");
  t.deepEqual(templar.evaluate('[l, d]', context), [[1], mapping([['inner', [1]]])]);
});

test('what an evaluation gives is a copy where it was changed, and the thing itself elsewhere', (t) => {
  const [l, other]: [Value[], Value[]] = [[1], [2]];
  const context = contextOf({ l, other });
  const result = templar.evaluate('[l.append(2) or l, other]', context) as Value[];
  t.deepEqual(result, [[1, 2], [2]]);
  t.not(result[0], l);
  t.is(result[1], other);
  t.deepEqual(l, [1]);
});

test('the order of keys is put back', (t) => {
  const d = mapping([
    ['b', 1],
    ['a', 2],
  ]);
  t.deepEqual(templar.evaluate("[d.pop('b'), d.setdefault('b', 3), d | list]", contextOf({ d })), [1, 3, ['a', 'b']]);
  t.deepEqual(Object.keys(d), ['b', 'a']);
});

test('a change is gone after an error, too', (t) => {
  const l: Value[] = [1];
  t.is(problemOf(() => templar.render('{{ l.clear() }}{{ nope }}', contextOf({ l }))).code, 'undefined');
  t.deepEqual(l, [1]);
});

test('a template file and what it includes see one change', (t) => {
  const l: Value[] = [1];
  const text = '{% macro add(x) %}{% set _ = x.append(2) %}{% endmacro %}{{ add(l) }}{{ l }}';
  t.is(templar.renderFile(text, '/t/x.j2', contextOf({ l })), '[1, 2]');
  t.deepEqual(l, [1]);
});

test('a variable that is looked up meanwhile is worked out without the change', (t) => {
  const l: Value[] = [1];
  const known = new Map<string, Value>();
  const written: Record<string, string> = { size: '{{ l | length }}', same: '{{ l }}', more: '{{ l.append(9) or l }}' };
  const scope: Scope = {
    get: (name) => {
      if (name === 'l') return l;
      const text = written[name];
      if (text !== undefined && !known.has(name)) known.set(name, templar.render(text, context));
      return known.get(name);
    },
    has: (name) => name === 'l' || name in written,
    names: () => ['l', ...Object.keys(written)],
  };
  const context = { ...contextOf({}), scope };
  t.is(templar.render('{{ l.append(2) }}{{ size }} {{ same }} {{ more }} {{ l }} ', context), '1 [1] [1, 9] [1, 2] ');
  t.is(templar.render('{{ size }} {{ same }} {{ more }} {{ l }} ', context), '1 [1] [1, 9] [1] ');
});
