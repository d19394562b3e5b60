import test from 'ava';
import { jsonText, shownJson } from '../../runner/python/json.ts';
import { pythonText, repr } from '../../runner/python/text.ts';
import { itemText } from '../../runner/report/result-text.ts';
import { Float, mapping, type Value } from '../../runner/value.ts';

// What Python prints: str() of the value, and json.dumps().
for (const [value, text, json] of [
  [Number.POSITIVE_INFINITY, 'inf', 'Infinity'],
  [Number.NEGATIVE_INFINITY, '-inf', '-Infinity'],
  [Number.NaN, 'nan', 'NaN'],
  [new Float(1), '1.0', '1.0'],
  [new Float(1e16), '1e+16', '1e+16'],
  [0.00001, '1e-05', '1e-05'],
  [1.5, '1.5', '1.5'],
  [12345678901234567890n, '12345678901234567890', '12345678901234567890'],
] as const) {
  test(`${text} is printed as by Python everywhere`, (t) => {
    t.is(pythonText(value), text);
    t.is(repr([value]), `[${text}]`);
    t.is(pythonText(mapping([['a', [value]]])), `{'a': [${text}]}`);
    t.is(itemText([value]), `[${text}]`);
    t.is(itemText(value), text);
    t.is(jsonText([value]), `[${json}]`);
    t.is(shownJson([value]), `[${json}]`);
    t.is(shownJson([value], { strict: true }), `[${/nf|N/.test(json) ? 'null' : json}]`);
  });
}

test('texts in lists are Python literals, items as well', (t) => {
  const value: Value = ["it's", 'say "x"', `it's "x"`, 'a\\b\n\t\x01\u00a0é', null, true];
  const printed = `["it's", 'say "x"', 'it\\'s "x"', 'a\\\\b\\n\\t\\x01\\xa0é', None, True]`;
  t.is(pythonText(value), printed);
  t.is(itemText(value), printed);
});
