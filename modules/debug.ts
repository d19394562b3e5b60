import { controllerModule, ModuleFailure } from '../runner/module/contract.ts';
import { renderVariable, variableField } from './debug/variable.ts';

export default controllerModule({
  name: 'debug',
  summary: 'Show a message or the value of a variable.',
  notes: ['An undefined variable is shown as `VARIABLE IS NOT DEFINED!` and does not fail the task.'],
  examples: `
- ansible.builtin.debug:
    msg: "{{ inventory_hostname }} has {{ ansible_facts.memtotal_mb }} MB"
- ansible.builtin.debug:
    var: ansible_facts.default_ipv4.address
    verbosity: 2
`,
  returns: { msg: 'The message, when msg was given.', '<variable>': 'The value, under the name given as var.' },
  args: {
    msg: { type: 'raw', none: true, doc: 'What to show; any value. `Hello world!` when neither msg nor var is given.' },
    var: { type: 'raw', expression: true, doc: 'A variable or expression, without braces, whose value is shown.' },
    verbosity: { type: 'int', default: 0, doc: 'Shows nothing unless kplay runs with at least this many -v.' },
  },
  async run(args, host) {
    if (args.msg !== undefined && args.var !== undefined) {
      throw new ModuleFailure('parameters are mutually exclusive: msg|var');
    }
    if (args.verbosity > host.controller.verbosity) {
      return { skipped: true, fields: { skipped_reason: 'Verbosity threshold not met.' } };
    }
    if (args.var === undefined) return args.msg === null ? {} : { msg: args.msg ?? 'Hello world!' };
    return { fields: { [variableField(args.var)]: renderVariable(args.var, host.controller) } };
  },
});
