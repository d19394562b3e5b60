import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { linesOf, runSections, section } from './shared/probe.ts';
import { quote } from './shared/shell-quote.ts';

interface Current {
  readonly hasDpkg: boolean;
  /** What dpkg says of the package, one selection per architecture; empty when it does not know it. */
  readonly selections: readonly string[];
}

export default stateModule({
  name: 'dpkg_selections',
  summary: 'Set the selection of a Debian package: hold it, or let it go again.',
  notes: [
    'Only the selection is set; nothing is installed or removed. hold keeps apt from upgrading the package.',
    'A package that dpkg does not know is a failure, since dpkg would ignore the selection; in check mode it is a warning, for an earlier task may install it.',
  ],
  examples: `
- name: Keep kubelet at its version
  ansible.builtin.dpkg_selections:
    name: kubelet
    selection: hold
`,
  returns: { before: 'The selection as it was, or `not present`.', after: 'The selection that was asked for.' },
  args: {
    name: { type: 'str', required: true, doc: 'The package, `name:architecture` where there are several.' },
    selection: {
      type: 'str',
      required: true,
      choices: ['install', 'hold', 'deinstall', 'purge'],
      doc: 'The selection.',
    },
  },
  async probe(given, host): Promise<Current> {
    const sections = await runSections(
      host,
      section('tools', 'command -v dpkg') +
        section('selections', `dpkg --get-selections ${quote(given.name)} 2>/dev/null`),
    );
    const selections = linesOf(sections.get('selections')).map((line) => line.trim().split(/\s+/)[1] ?? '');
    return { hasDpkg: linesOf(sections.get('tools')).length > 0, selections };
  },
  plan(given, current, host) {
    const { name, selection } = given;
    if (!current.hasDpkg) throw new ModuleFailure('dpkg is not on this host; dpkg_selections is for Debian and Ubuntu');
    if (/[\s]/.test(name)) throw new ModuleFailure(`not a package name: ${name}`);
    const known = current.selections.length > 0;
    const before = current.selections.find((one) => one !== selection) ?? current.selections[0] ?? 'not present';
    const result = { before, after: selection };
    if (!known && !host.checkMode) {
      throw new ModuleFailure(`Failed to find package '${name}' to perform selection '${selection}'.`, result);
    }
    if (before === selection) return { changes: [], result };
    return {
      changes: [
        {
          what: `selection of ${name}`,
          before,
          after: selection,
          command: 'dpkg --set-selections',
          stdin: `${name} ${selection}\n`,
        },
      ],
      result,
      warnings: known ? [] : [`dpkg does not know the package ${name} yet`],
    };
  },
});
