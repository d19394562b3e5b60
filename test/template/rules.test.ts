import test from 'ava';
import { KplayError } from '../../runner/errors.ts';
import { createTemplar } from '../../runner/template/create.ts';
import type { TemplateRules } from '../../runner/template/rules.ts';
import type { TemplateContext } from '../../runner/template/templar.ts';
import { mapping, type Value } from '../../runner/value.ts';

const variables = mapping([
  ['l', [3]],
  ['i', 5],
  ['none_value', null],
  ['written', 'i > 3'],
  ['of_host', 'i > 3'],
]);

function context(rules?: TemplateRules): TemplateContext {
  return {
    scope: {
      get: (name) => variables[name],
      has: (name) => name in variables,
      names: () => Object.keys(variables),
      trustedText: (name) => (name === 'written' ? (variables[name] as string) : undefined),
    },
    searchPath: [],
    playbookFolder: '/',
    rules,
  };
}

// What ansible-core 2.21.5 gives: by itself, and with ALLOW_BROKEN_CONDITIONALS.
for (const [condition, strict, broken] of [
  ['l', undefined, true],
  ['not l', false, false],
  ['i', undefined, true],
  ['none_value', undefined, false],
  ['{{ none_value }}', undefined, true],
  ["{{ '' }}", undefined, true],
  ['{{ l }}', undefined, true],
  ["'no'", undefined, true],
  ['{{ written }}', true, true],
  ['{{ of_host }}', undefined, undefined],
  ["'{{ i }}' | int == 5", true, true],
  ['{{ i }} == 5', undefined, undefined],
] as const) {
  test(`a condition by the rules from 2.19 on: ${condition}`, (t) => {
    for (const [brokenConditionals, expected] of [
      [false, strict],
      [true, broken],
    ] as const) {
      const templar = createTemplar({ rules: '2.19', brokenConditionals });
      if (expected === undefined) t.throws(() => templar.test(condition, context()), { instanceOf: KplayError });
      else t.is(templar.test(condition, context()), expected);
    }
  });
}

test('the error of a condition says how to write it, and which setting takes it', (t) => {
  const templar = createTemplar({ rules: '2.19' });
  const error = t.throws(() => templar.test('l', context()), { instanceOf: KplayError });
  t.is(
    error.problems[0]?.message,
    "Conditional result (True) was derived from value of type 'list'. Conditionals must have a boolean result.",
  );
  t.regex(error.problems[0]?.hint ?? '', /VALUE \| length > 0.*--template-rules 2\.18/);
});

test('the rules of a context go before those of the templar', (t) => {
  const rendered = (own: TemplateRules, rules?: TemplateRules): Value =>
    createTemplar({ rules: own }).render('{{ i + 0 }}', context(rules));
  t.is(rendered('2.18'), '5');
  t.is(rendered('2.18', '2.19'), 5);
  t.is(rendered('2.19'), 5);
  t.is(rendered('2.19', '2.18'), '5');
});
