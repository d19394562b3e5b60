import { controllerModule } from '../runner/module/contract.ts';

export default controllerModule({
  name: 'set_stats',
  summary: 'Add to the statistics shown after the recap.',
  examples: `
- ansible.builtin.set_stats:
    data:
      nodes_upgraded: 1
`,
  returns: { ansible_stats: 'What was added.' },
  args: {
    data: { type: 'dict', required: true, doc: 'Names and values.' },
    per_host: { type: 'bool', default: false, doc: 'Keep the values per host instead of for the whole run.' },
    aggregate: { type: 'bool', default: true, doc: 'Add to a value that is there (numbers, texts, lists, dicts).' },
  },
  async run(args) {
    const stats = { data: args.data, perHost: args.per_host, aggregate: args.aggregate };
    const shown = { data: args.data, per_host: args.per_host, aggregate: args.aggregate };
    return { effects: { stats }, fields: { ansible_stats: shown } };
  },
});
