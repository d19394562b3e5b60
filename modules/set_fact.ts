import { controllerModule, ModuleFailure } from '../runner/module/contract.ts';
import { keyText } from '../runner/python/dict.ts';
import { booleanWord } from '../runner/python/truth-words.ts';
import type { Value } from '../runner/value.ts';
import { mapping } from '../runner/value.ts';
import { extraArguments, isVariableName } from './shared/extra-arguments.ts';

const args = {
  cacheable: {
    type: 'bool',
    default: false,
    doc: 'Sets a fact of the host too (`ansible_facts.NAME`), which ranks as facts do.',
  },
} as const;

export default controllerModule({
  name: 'set_fact',
  summary: 'Set variables of the host for the rest of the run.',
  notes: [
    'By the template rules of ansible-core 2.18 the texts yes, no, true and false become booleans, as in Ansible.',
    'Names may hold templates.',
  ],
  examples: `
- ansible.builtin.set_fact:
    first_master: "{{ groups['masters'] | first }}"
    is_first: "{{ inventory_hostname == groups['masters'] | first }}"
`,
  returns: { ansible_facts: 'The variables that were set.' },
  args,
  extraArguments: true,
  templatedNames: true,
  async run(given, host) {
    const isOlder = host.controller.templateRules === '2.18';
    const variables = Object.entries(extraArguments(given, args));
    if (variables.length === 0) {
      throw new ModuleFailure('No key/value pairs provided, at least one is required for this action to succeed');
    }
    for (const [name] of variables) {
      if (isVariableName(name)) continue;
      throw new ModuleFailure(
        `The variable name '${keyText(name)}' is not valid. Variables must start with a letter or underscore character, and contain only letters, numbers and underscores.`,
      );
    }
    const facts = mapping(variables.map(([name, value]) => [name, isOlder ? asBoolean(value) : value] as const));
    return { effects: { facts, ...(given.cacheable ? { gatheredFacts: facts } : {}) } };
  },
});

function asBoolean(value: Value): Value {
  return typeof value === 'string' && /^(?:yes|no|true|false)$/i.test(value) ? booleanWord(value)! : value;
}
