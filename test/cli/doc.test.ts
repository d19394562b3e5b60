import test from 'ava';
import { start } from './kplay-process.ts';

test('a keyword is described with what it takes and where it may stand', async (t) => {
  const { code, stdout } = await start(['doc', '-t', 'keyword', 'delegate_to', 'debugger']).end;
  t.is(code, 0);
  t.regex(
    stdout,
    /^delegate_to \(text\)\n {2}The host that it is done on\.\n {2}It may stand at a role, a block, a task, a handler\.$/m,
  );
  t.regex(stdout, /^debugger \(text\)\n {2}NOT SUPPORTED: kplay has no task debugger/m);
});

test('without a name all keywords are listed, and all modules', async (t) => {
  t.regex((await start(['doc', '--type', 'keyword']).end).stdout, /^when {18}Conditions, all of which must hold/m);
  t.regex((await start(['doc']).end).stdout, /^copy {18}\S/m);
});

test('an unknown keyword, type or module is refused with what was meant', async (t) => {
  for (const [words, said] of [
    [['-t', 'keyword', 'whenn'], /there is no keyword "whenn"[\s\S]*Did you mean "when"\?/],
    [['-t', 'keywords'], /knows nothing of the type "keywords"[\s\S]*Did you mean "keyword"\?/],
    [['copyy'], /there is no module "copyy"[\s\S]*Did you mean "copy"\?/],
  ] as const) {
    const { code, stderr } = await start(['doc', ...words]).end;
    t.not(code, 0);
    t.regex(stderr, said);
  }
});

test('schemas are printed as JSON, and an unknown kind is refused', async (t) => {
  const { code, stdout } = await start(['schema', 'inventory']).end;
  t.is(code, 0);
  t.is((JSON.parse(stdout) as { title: string }).title, 'kplay inventory');
  const { code: refused, stderr } = await start(['schema', 'inventry']).end;
  t.not(refused, 0);
  t.regex(stderr, /there is no schema of "inventry"[\s\S]*Did you mean "inventory"\?/);
});
