import path from 'node:path';
import test from 'ava';
import { createTemplar } from '../../runner/template/create.ts';
import { contextOf, fixtures, problemOf } from './context.ts';

const templar = createTemplar();
const position = { file: 'play.yml', line: 10, column: 7 };
const context = contextOf({ s: 'text', d: { a: 1 }, l: [1] });

test('an undefined variable is named, with the place of the text', (t) => {
  const problem = problemOf(() => templar.render('{{ nope }}', context, position));
  t.like(problem, { code: 'undefined', message: "'nope' is undefined", position });
});

test('an undefined attribute is named', (t) => {
  t.is(problemOf(() => templar.render('{{ d.nope }}', context)).message, "'dict object' has no attribute 'nope'");
  t.is(problemOf(() => templar.evaluate('l[3]', context)).message, 'list object has no element 3');
});

test('the line inside a text of several lines is added', (t) => {
  const problem = problemOf(() => templar.render('a\nb\n{{ nope }}\n', context, position));
  t.deepEqual(problem.position, { file: 'play.yml', line: 12, column: 7 });
});

test('a template file shows file, line and column', (t) => {
  const problem = problemOf(() => templar.renderFile('ok\n  {{ d.nope }}\n', '/t/x.j2', context));
  t.deepEqual(problem.position, { file: '/t/x.j2', line: 2, column: 3 });
});

test('the line of a header counts', (t) => {
  const text = '#jinja2: lstrip_blocks: True\nok\n{{ nope }}\n';
  t.is(problemOf(() => templar.renderFile(text, '/t/x.j2', context)).position?.line, 3);
  t.is(problemOf(() => templar.checkFile('#jinja2: trim_blocks: False\n{{ 1 + }}', '/t/x.j2')).position?.line, 2);
});

test('a failure in an included file has the place in that file', (t) => {
  const problem = problemOf(() => templar.renderFile("a\n{% include 'broken.j2' %}", '/t/x.j2', context));
  t.deepEqual(problem.position, { file: path.join(fixtures, 'templates/broken.j2'), line: 2, column: 1 });
});

test('a failure in an imported macro has the place in the file of the macro', (t) => {
  const text = "{% from 'macro.j2' import broken %}\n\n{{ broken() }}";
  const problem = problemOf(() => templar.renderFile(text, '/t/x.j2', context));
  t.deepEqual(problem.position, { file: path.join(fixtures, 'templates/macro.j2'), line: 2, column: 1 });
});

test('unknown filters, tests and lookups are found without evaluating, with the nearest name', (t) => {
  t.like(
    problemOf(() => templar.check('{{ nope | uper }}', position)),
    {
      code: 'template',
      message: 'There is no filter "uper".',
      hint: 'Did you mean "upper"?',
      position,
    },
  );
  t.is(problemOf(() => templar.checkExpression('x is defind')).message, 'There is no test "defind".');
  t.is(problemOf(() => templar.check("{{ lookup('fil', 'x') }}")).hint, 'Did you mean "file"?');
});

test('checking does not evaluate', (t) => {
  t.notThrows(() => {
    templar.check("{{ nope.x + 1 }}{{ lookup('pipe', 'exit 1') }}");
    templar.checkExpression('nope > 1 and 1 / 0');
    templar.checkFile("{% include 'missing.j2' %}", '/t/x.j2');
  });
});

test('wrong syntax says what was expected', (t) => {
  t.is(problemOf(() => templar.check('{{ a b }}')).message, "expected token 'end of print statement', got 'b'");
  t.is(problemOf(() => templar.checkExpression('a ==')).message, "unexpected 'end of template'");
  t.regex(problemOf(() => templar.check('{% if a %}x')).message, /^Unexpected end of template\..*'endif'/);
  t.regex(problemOf(() => templar.check('{{ a')).message, /unexpected end of template/);
  t.regex(problemOf(() => templar.check('{{ a | }}')).message, /expected token 'name'/);
  t.regex(problemOf(() => templar.check('{% for x in y %}')).message, /endfor/);
  t.regex(problemOf(() => templar.check('{% set %}')).message, /unexpected 'end of statement block'/);
});

test('what is not supported says so', (t) => {
  t.is(problemOf(() => templar.evaluate("'x' | vault('secret')", context)).code, 'unsupported');
  t.is(problemOf(() => templar.evaluate("'x' | password_hash('bcrypt')", context)).code, 'unsupported');
  t.is(problemOf(() => templar.evaluate("[] | json_query('a | b')", context)).code, 'unsupported');
});

test('endless recursion is an error', (t) => {
  const text = '{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}';
  t.regex(problemOf(() => templar.render(text, context)).message, /recursive loop/);
});

test('an error of a scope goes through as it is', (t) => {
  const inner = { ...context, scope: { ...context.scope, get: () => templar.render('{{ deep }}', context, position) } };
  const problem = problemOf(() => templar.render('{{ x }}', inner, { file: 'other.yml', line: 1, column: 1 }));
  t.like(problem, { message: "'deep' is undefined", position });
});
