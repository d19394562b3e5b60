import test from 'ava';
import { simulate } from '../../bench/simulate.ts';
import { commandsOf, type Size } from '../../bench/simulation-files.ts';

const size: Size = { hosts: 12, tasks: 2, variables: 10, items: 3, delay: 2, forks: 5 };

test('the benchmark of growth gives every simulated host all its commands, with variables and loops', async (t) => {
  t.is(commandsOf(size), 72);
  t.is(commandsOf({ ...size, items: 0 }), 24);
  // It fails when the hosts got another number of commands.
  t.is((await simulate(size)).code, 0);
  t.is((await simulate({ ...size, variables: 0, items: 0, delay: 0 })).code, 0);
});
