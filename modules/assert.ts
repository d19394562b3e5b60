import type { Controller } from '../runner/module/contract.ts';
import { controllerModule, ModuleFailure } from '../runner/module/contract.ts';
import type { Value } from '../runner/value.ts';

export default controllerModule({
  name: 'assert',
  summary: 'Fail the host unless all conditions hold.',
  examples: `
- ansible.builtin.assert:
    that:
      - ansible_facts.memtotal_mb >= 1700
      - inventory_hostname in groups['all']
    fail_msg: This host is too small for a control plane.
    quiet: true
`,
  returns: {
    assertion: 'The condition that does not hold.',
    evaluated_to: 'False, when a condition does not hold.',
    msg: 'fail_msg or success_msg.',
  },
  args: {
    that: {
      type: 'raw',
      required: true,
      expression: true,
      doc: 'One condition or a list of them, written as in `when`.',
    },
    fail_msg: { type: 'raw', aliases: ['msg'], doc: 'Text, or list of texts, shown when a condition does not hold.' },
    success_msg: { type: 'raw', doc: 'Text, or list of texts, shown when all hold.' },
    quiet: {
      type: 'bool',
      default: false,
      doc: 'Show the result with -v only, and on one line when a condition does not hold.',
    },
  },
  async run(args, host) {
    const failureMessage = message('fail_msg', args.fail_msg, 'Assertion failed');
    const successMessage = message('success_msg', args.success_msg, 'All assertions passed');
    const { quiet } = args;
    const conditions: Value[] = Array.isArray(args.that) ? args.that : [args.that as Value];
    for (const condition of conditions) {
      if (holds(condition, host.controller)) continue;
      return { failed: true, msg: failureMessage, quiet, fields: { assertion: condition, evaluated_to: false } };
    }
    return { msg: successMessage, quiet };
  },
});

function message(name: string, given: unknown, otherwise: string): Value {
  if (given === undefined) return otherwise;
  if (typeof given === 'string') return given;
  if (Array.isArray(given) && given.every((line) => typeof line === 'string')) return given as Value[];
  throw new ModuleFailure(`Incorrect type for ${name}, expected a string or list of strings`);
}

function holds(condition: Value, controller: Controller): boolean {
  if (typeof condition === 'boolean') return condition;
  if (typeof condition === 'string' || typeof condition === 'number') return controller.test(String(condition));
  throw new ModuleFailure('that must be a condition or a list of conditions');
}
