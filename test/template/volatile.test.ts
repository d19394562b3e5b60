import test from 'ava';
import { createTemplar } from '../../runner/template/create.ts';

const templar = createTemplar();

for (const [text, isVolatile] of [
  ['plain', false],
  ['{{ a }}', false],
  ['{{ file | default(exists) }}', false],
  ["{{ lookup('vars', 'a') }}", false],
  ["{{ query('dict', a) }}", false],
  ["{{ lookup('file', 'a') }}", true],
  ["{{ q('ansible.builtin.pipe', 'date') }}", true],
  ['{{ lookup(name, 1) }}', true],
  ['{{ now() }}', true],
  ['{% set now = 1 %}{{ now }}', true],
  ['{{ [1, 2] | random }}', true],
  ['{{ a | map("random") | list }}', true],
  ["{{ '/etc' is directory }}", true],
  ["{{ a is not defined or '/x' is exists }}", true],
  ["{% include 'x.j2' %}", true],
  ['{{ wrong | nofilter }}', true],
] as const) {
  test(`whether a template may give something else later: ${text}`, (t) => {
    t.is(templar.isVolatile(text), isVolatile);
  });
}
