import test from 'ava';
import { printable, printableJson } from '../runner/printable.ts';

const cases: readonly (readonly [string, string])[] = [
  ['plain text, äöü, 日本語, 😀', 'plain text, äöü, 日本語, 😀'],
  ['tab\tand\nnewline', 'tab\tand\nnewline'],
  ['A\u0001B\u0000', 'A\\x01B\\x00'],
  ['\u001b[31mred\u001b[0m', '\\x1b[31mred\\x1b[0m'],
  ['\u001b]0;title\u0007', '\\x1b]0;title\\x07'],
  ['del\u007f', 'del\\x7f'],
  ['\u009b31m\u0080\u009f\u00a0', '\\x9b31m\\x80\\x9f\u00a0'],
  ['10%\r20%', '10%\\x0d20%'],
  ['one\r\ntwo\r\n', 'one\ntwo\n'],
  ['a\u202eb\u202a\u2066c\u2069', 'a\\u202eb\\u202a\\u2066c\\u2069'],
  ['byte \udcff\udc80 and half \ud83d.', 'byte \\xff\\x80 and half \\ud83d.'],
  ['caf\udce9 😀 \udc9b2J', 'caf\\xe9 😀 \\x9b2J'],
  ['low \ude00 first', 'low \\ude00 first'],
];

for (const [text, shown] of cases) {
  test(`${JSON.stringify(text)} is shown as ${JSON.stringify(shown)}`, (t) => {
    t.is(printable(text), shown);
    t.is(printable(shown), shown);
    const json = printableJson(JSON.stringify(text));
    t.is(json, printable(json));
    t.is(JSON.parse(json), text);
  });
}
