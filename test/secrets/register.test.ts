import test from 'ava';
import { SecretRegister } from '../../runner/secrets/register.ts';
import { Float, type Mapping, UnsafeText, type Value } from '../../runner/value.ts';

function knowing(...secrets: unknown[]): SecretRegister {
  const register = new SecretRegister();
  for (const secret of secrets) register.add(secret);
  return register;
}

const texts: readonly (readonly [string, readonly unknown[], string, string])[] = [
  ['as it is', ['hunter2!'], 'the hunter2! of hunter2!x', 'the ******** of ********x'],
  ['in JSON', ['a"b\\c\n9'], '{"x": "a\\"b\\\\c\\n9"}', '{"x": "********"}'],
  ['in JSON in JSON', ['a"b\\c9'], '"{\\"x\\": \\"a\\\\\\"b\\\\\\\\c9\\"}"', '"{\\"x\\": \\"********\\"}"'],
  ['in ASCII', ['pässwort'], '"p\\u00e4sswort"', '"********"'],
  ['in Python', ["it's\\9\n8"], "'it\\'s\\\\9\\n8'", "'********'"],
  ['in YAML', ["it's 9"], "x: 'it''s 9'", "x: '********'"],
  ['in sh', ["it's 9"], `'it'"'"'s 9' 'it'\\''s 9'`, "'********' '********'"],
  ['in a URL', ['a b/c@d'], 'http://u:a%20b%2Fc%40d@h', 'http://u:********@h'],
  ['in base64', ['hunter2!'], 'data: aHVudGVyMiE=', 'data: ********'],
  ['in base64 with a newline', ['hunter2!'], 'data: aHVudGVyMiEK', 'data: ********'],
  ['without the newline at its end', ['hunter2!\n'], 'x hunter2! x', 'x ******** x'],
  [
    'line by line',
    ['-----BEGIN X-----\nabcdefghij\nshort\n-----END X-----'],
    'abcdefghij\nshort\n-----BEGIN X-----',
    '********\nshort\n-----BEGIN X-----',
  ],
  ['a number', [12345678], 'n=12345678', 'n=********'],
  ['a short one as a word', ['abc'], 'abc abcd xabc (abc) abc_d', '******** abcd xabc (********) ********_d'],
  ['a plain word as a word', ['admin'], 'admin administrator admin1', '******** administrator admin1'],
  ['a long plain word anywhere', ['vagrant'], 'vagrants', '********s'],
  ['no word that says nothing', ['true', 'None', 'no', 'x', ' '], 'true None no x', 'true None no x'],
  ['the longer of two', ['abcd1', 'abcd1efg2'], 'abcd1efg2 abcd1', '******** ********'],
  ['overlapping ones', ['abcde1', 'e1fgh'], 'xabcde1fghx', 'x********x'],
  ['one in the other’s middle', ['x1x2x3', 'x2'], 'x1x2x3', '********'],
  ['side by side', ['one1', 'two2'], 'one1two2', '****************'],
  ['lists and dicts', [['one1', { a: 'two2', b: [33333] }]], 'one1 two2 33333', '******** ******** ********'],
];

for (const [name, secrets, text, shown] of texts) {
  test(`a secret is masked: ${name}`, (t) => {
    t.is(knowing(...secrets).maskText(text), shown);
  });
}

test('values are masked in all their parts; what holds no secret stays the same object', (t) => {
  const register = knowing('hunter2!', 471147);
  const fine: Value = { a: ['x', 1, true, null], b: { c: 2 } };
  t.is(register.maskValue(fine), fine);
  t.deepEqual(
    register.maskValue({ 'key hunter2!': [new UnsafeText('x hunter2!'), 471147, new Float(1471147), 47], fine }),
    { 'key ********': ['x ********', '********', '1********', 47], fine },
  );
});

test('keys that mean something to JavaScript are keys like others', (t) => {
  const fields = JSON.parse('{"__proto__": "hunter2!", "constructor": 1}') as Mapping;
  t.is(JSON.stringify(knowing('hunter2!').maskFields(fields)), '{"__proto__":"********","constructor":1}');
});

test('names that programs look for stay in the fields of a result, but not below', (t) => {
  const register = knowing('stdout');
  t.deepEqual(register.maskFields({ stdout: 'stdout', 'x stdout': { stdout: 1 } }), {
    stdout: '********',
    'x ********': { '********': 1 },
  });
});

test('values that come again by aliases are masked once', (t) => {
  let value: Value = ['hunter2!'];
  for (let depth = 0; depth < 60; depth++) value = [value, value];
  let masked = knowing('hunter2!').maskValue(value) as Value[];
  for (let depth = 0; depth < 60; depth++) masked = masked[1] as Value[];
  t.deepEqual(masked, ['********']);
});

test('without secrets everything is the same object', (t) => {
  const register = new SecretRegister();
  const fields: Mapping = { a: 1 };
  t.true(register.isEmpty);
  t.is(register.maskFields(fields), fields);
  register.add('');
  register.add(undefined);
  register.add(true);
  t.true(register.isEmpty);
});

test('a secret that is learned later is masked from then on', (t) => {
  const register = knowing('one1');
  t.is(register.maskText('one1 two2'), '******** two2');
  register.add('two2');
  t.is(register.maskText('one1 two2'), '******** ********');
});

test('what programs are given by name is learned', (t) => {
  const register = new SecretRegister();
  register.addNamed('-o ProxyCommand="sshpass -p sesame1 ssh -W %h:%p u@jump" https://me:p4ss@host/x');
  t.is(register.maskText('sesame1 p4ss'), '******** ********');
});

test('a secret that comes in pieces is masked, however it is cut', (t) => {
  const register = knowing('hunter2!', 'abc', 'ter2!long');
  const text = 'say hunter2! and abc, abcd, hunter, hunter2!long abc';
  for (let size = 1; size <= text.length; size++) {
    const stream = register.stream();
    let shown = '';
    for (let start = 0; start < text.length; start += size) shown += stream.add(text.slice(start, start + size));
    t.is(shown + stream.end(), 'say ******** and ********, abcd, hunter, ******** ********', `pieces of ${size}`);
  }
});

test('only what may be the beginning of a secret waits for the next piece', (t) => {
  const stream = knowing('hunter2!').stream();
  t.is(stream.add('all of this, and hun'), 'all of this, and ');
  t.is(stream.add('gry'), 'hungry');
  t.is(stream.end(), '');
});
