import { commandModule } from '../runner/module/contract.ts';
import { mapping } from '../runner/value.ts';
import { collectors, filterFacts, gatherScript, parseFacts, selectCollectors } from './setup/gather.ts';
import { selectSubsets } from './setup/subsets.ts';
import { runBareProbe } from './shared/probe.ts';

export default commandModule({
  name: 'setup',
  summary: 'Gather facts about the host.',
  notes: [
    'All facts are read in one round trip by sh and plain tools; nothing has to be installed on the host.',
    'There are no facts about Python (`ansible_python…`) and none of facter or ohai.',
    'In a loop or a template `ansible_facts.NAME` and `ansible_NAME` are the same; the facts of the host’s own files are `ansible_facts.ansible_local` and `ansible_local`.',
    'What differs from Ansible, and why, is in docs/facts.md.',
  ],
  examples: `
- ansible.builtin.setup:
    gather_subset: ['!all', network]
    filter: ['ansible_default_ipv4', 'ansible_eth*']
`,
  returns: { ansible_facts: 'The facts, with the prefix `ansible_`.' },
  inCheckMode: 'run',
  args: {
    gather_subset: {
      type: 'list',
      elements: 'str',
      default: ['all'],
      doc: 'What to gather: all, min, hardware, network, virtual or another of the names that an unknown one is answered with; `!` excludes. min is always gathered unless excluded.',
    },
    gather_timeout: {
      type: 'int',
      default: 10,
      doc: 'Seconds that reading one kind of facts may hang; all of it may take 6 times as long.',
    },
    filter: {
      type: 'list',
      elements: 'str',
      default: [],
      doc: 'Only facts whose names match one of these patterns, with or without `ansible_`.',
    },
    fact_path: { type: 'path', default: '/etc/ansible/facts.d', doc: "Folder of the host's own *.fact files." },
  },
  async run(args, host) {
    const selected = selectCollectors(selectSubsets(args.gather_subset), collectors(args.fact_path));
    const output = await runBareProbe(host, gatherScript(selected), { timeoutSeconds: args.gather_timeout * 6 });
    const warnings: string[] = [];
    const facts = parseFacts(output, selected, (text) => warnings.push(text));
    const variables = mapping([
      ...Object.entries(facts).map(([name, value]) => [`ansible_${name}`, value] as const),
      ['gather_subset', [...args.gather_subset]],
      ['module_setup', true],
    ]);
    const found = filterFacts(variables, args.filter);
    return {
      effects: { gatheredFacts: found },
      fields: { ansible_facts: found, ...(warnings.length === 0 ? {} : { warnings }) },
    };
  },
});
