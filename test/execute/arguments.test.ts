import test from 'ava';
import { prepareArguments } from '../../runner/execute/arguments.ts';
import type { CompiledTask } from '../../runner/execute/compiled-task.ts';
import type { Engine } from '../../runner/execute/engine.ts';
import type { TaskNode } from '../../runner/language/tree.ts';
import { commandModule } from '../../runner/module/contract.ts';
import { SecretRegister } from '../../runner/secrets/register.ts';
import { createTemplar } from '../../runner/template/create.ts';
import type { Mapping, Value } from '../../runner/value.ts';

const position = { file: '/nonexistent/play.yml', line: 1, column: 1 };
const engine = { templar: createTemplar(), secrets: new SecretRegister() } as unknown as Engine;
const module = commandModule({
  name: 'sample',
  summary: 'A sample.',
  inCheckMode: 'run',
  freeForm: 'text',
  args: {
    text: { type: 'str', doc: 'Text.' },
    words: { type: 'list', elements: 'str', doc: 'Words.' },
    kinds: { type: 'list', elements: 'str', default: ['a'], doc: 'Kinds.' },
    password: { type: 'str', noLog: true, doc: 'A secret.' },
  },
  run: () => Promise.resolve({}),
});

function taskOf(args: Mapping): CompiledTask & { readonly node: TaskNode } {
  const node = { type: 'task', position, args, keywords: { tags: [] } } as unknown as TaskNode;
  return { node, module, moduleDefaults: {} } as unknown as CompiledTask & { readonly node: TaskNode };
}

function contextOf(variables: Record<string, Value>) {
  const scope = {
    get: (name: string) => variables[name],
    has: (name: string) => Object.hasOwn(variables, name),
    names: () => Object.keys(variables),
  };
  return { scope, searchPath: [], playbookFolder: '/nonexistent' };
}

test('arguments without templates are prepared once for all hosts', (t) => {
  const task = taskOf({ _raw: 'echo', password: 'hunter2' });
  const first = prepareArguments(engine, task, contextOf({}));
  t.like(first.args, { text: 'echo', kinds: ['a'] });
  t.is(engine.secrets.maskText('it is hunter2'), 'it is ********');
  t.is(prepareArguments(engine, task, contextOf({})), first);
});

test('those with templates are prepared for each', (t) => {
  const task = taskOf({ _raw: 'echo {{ name }}' });
  t.is(prepareArguments(engine, task, contextOf({ name: 'a' })).args.text, 'echo a');
  t.is(prepareArguments(engine, task, contextOf({ name: 'b' })).args.text, 'echo b');
});

test('lists are each host’s own, since templates may change what became of them', (t) => {
  for (const words of [['a', 'b'], 'a,b']) {
    const task = taskOf({ words });
    const first = prepareArguments(engine, task, contextOf({})).args.words;
    t.deepEqual(first, ['a', 'b']);
    t.not(prepareArguments(engine, task, contextOf({})).args.words, first);
  }
});

test('wrong arguments are refused for every host', (t) => {
  const task = taskOf({ txt: 'echo' });
  for (let host = 0; host < 2; host++)
    t.throws(() => prepareArguments(engine, task, contextOf({})), { message: /no argument "txt"/ });
});
