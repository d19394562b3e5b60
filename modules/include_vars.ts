import { joinValues } from '../runner/dicts.ts';
import type { Controller } from '../runner/module/contract.ts';
import { controllerModule, ModuleFailure } from '../runner/module/contract.ts';
import type { Mapping } from '../runner/value.ts';
import { mapping } from '../runner/value.ts';
import { filesToInclude } from './include_vars/variable-files.ts';

export default controllerModule({
  name: 'include_vars',
  summary: 'Read variables from a file, or all files of a folder, while the play runs.',
  notes: ['The values may hold templates, which are rendered when they are used.'],
  examples: `
- ansible.builtin.include_vars: "{{ ansible_facts.os_family }}.yml"
- ansible.builtin.include_vars:
    dir: settings
    extensions: [yml]
    name: settings
`,
  returns: {
    ansible_facts: 'The variables.',
    ansible_included_var_files: 'The files that were read.',
  },
  freeForm: 'file',
  args: {
    file: { type: 'path', file: 'vars', doc: "A file, looked for in the role's and the playbook's vars/ first." },
    dir: { type: 'path', doc: 'A folder whose files are read in the order of their names.' },
    name: { type: 'str', doc: 'Put all variables in one dict of this name.' },
    depth: { type: 'int', default: 0, doc: 'How many levels of folders below dir are read; 0 is all.' },
    files_matching: { type: 'str', doc: 'Only files of dir whose names match this regular expression.' },
    ignore_files: {
      type: 'list',
      elements: 'str',
      doc: 'Files of dir to leave out; ends of names, as regular expressions.',
    },
    extensions: {
      type: 'list',
      elements: 'str',
      default: ['json', 'yaml', 'yml'],
      doc: 'Extensions that the files of dir may have.',
    },
    ignore_unknown_extensions: {
      type: 'bool',
      default: false,
      doc: 'Leave out the files of dir with other extensions instead of failing.',
    },
    hash_behaviour: {
      type: 'str',
      choices: ['replace', 'merge'],
      doc: 'With merge, dicts are joined with those that the host has under the same names, as deep as they go. Without it the setting hash_behaviour decides.',
    },
  },
  rules: { mutuallyExclusive: [['file', 'dir']], requiredOneOf: [['file', 'dir']] },
  async run(args, host) {
    const { controller } = host;
    const files =
      args.dir === undefined
        ? [controller.findFile(args.file!, 'vars')]
        : filesToInclude(controller.findFile(args.dir, 'vars'), {
            depth: args.depth,
            matching: args.files_matching,
            ignored: args.ignore_files ?? [],
            extensions: args.extensions,
            ignoreUnknown: args.ignore_unknown_extensions,
            rolePath: textVariable(controller.variable('role_path')),
          });
    const variables = mapping();
    for (const file of files) Object.assign(variables, controller.readVariables(file));
    const included = args.name === undefined ? variables : named(args.name, variables);
    return {
      effects: { includedVariables: args.hash_behaviour === 'merge' ? joined(included, controller) : included },
      fields: { ansible_included_var_files: [...files] },
    };
  },
});

function named(name: string, variables: Mapping): Mapping {
  if (name === '') throw new ModuleFailure('name must not be empty');
  return mapping([[name, variables]]);
}

/** Variables over the dicts that a task has under the same names. */
function joined(variables: Mapping, controller: Controller): Mapping {
  const all = mapping();
  for (const [name, value] of Object.entries(variables))
    all[name] = joinValues(controller.writtenVariable(name), value);
  return all;
}

function textVariable(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
