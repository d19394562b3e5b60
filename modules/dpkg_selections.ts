import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { unlessEarlier } from './shared/forecast.ts';
import { runSections, section } from './shared/probe.ts';
import { quote } from './shared/shell-quote.ts';

export default stateModule({
  name: 'dpkg_selections',
  summary: 'Hold a package at its version, or let it go, in the selections of dpkg.',
  notes: [
    'A package that dpkg has never heard of is an error; in check mode a warning, since an earlier task may install it.',
  ],
  examples: `
- ansible.builtin.dpkg_selections:
    name: kubelet
    selection: hold
`,
  returns: { before: 'The selection before.', after: 'The selection.' },
  args: {
    name: { type: 'str', required: true, doc: 'The package.' },
    selection: {
      type: 'str',
      required: true,
      choices: ['install', 'hold', 'deinstall', 'purge'],
      doc: 'Its selection.',
    },
  },
  async probe(args, host): Promise<string> {
    const sections = await runSections(
      host,
      section('selection', `dpkg --get-selections ${quote(args.name)} 2>/dev/null`),
    );
    return (sections.get('selection') ?? '').trim().split(/\s+/).at(-1) ?? '';
  },
  plan(args, current, host) {
    const result = { before: current || 'not present', after: args.selection };
    const warnings: string[] = [];
    if (current === '') {
      if (!host.checkMode)
        throw new ModuleFailure(`Failed to find package '${args.name}' to perform selection '${args.selection}'.`);
      warnings.push(unlessEarlier(`dpkg does not know ${args.name}`, 'install it'));
    }
    if (current === args.selection) return { changes: [], result };
    const command = `printf '%s %s\\n' ${quote(args.name)} ${args.selection} | dpkg --set-selections`;
    const what = `selection of ${args.name}`;
    return { changes: [{ what, before: current, after: args.selection, command }], result, warnings };
  },
});
