import type { ModuleCatalog, ModuleSignature } from '../../../runner/language/load.ts';
import type { ArgumentSchema } from '../../../runner/module/arguments.ts';

const doc = '';
const text = { type: 'str', doc } as const;
const path = { type: 'path', doc } as const;

/** A few modules, as the loader sees them. */
const modules: readonly ModuleSignature[] = [
  { name: 'ping', args: { data: text } },
  {
    name: 'debug',
    args: { msg: { type: 'raw', doc }, var: { type: 'raw', expression: true, doc }, verbosity: { type: 'int', doc } },
  },
  { name: 'fail', args: { msg: text } },
  {
    name: 'assert',
    args: { that: { type: 'raw', required: true, expression: true, doc }, fail_msg: { ...text, aliases: ['msg'] } },
  },
  { name: 'set_fact', args: { cacheable: { type: 'bool', doc } }, extraArguments: true },
  {
    name: 'meta',
    args: { free_form: { ...text, fixed: true, choices: ['noop', 'flush_handlers', 'end_play'] } },
    freeForm: 'free_form',
  },
  {
    name: 'include_vars',
    args: { file: { ...path, file: 'vars' }, dir: path, name: text },
    freeForm: 'file',
    extraArguments: true,
  },
  command('command'),
  command('shell'),
  command('script', 'files'),
  {
    name: 'service',
    args: {
      name: { ...text, required: true, aliases: ['service'] },
      state: { ...text, choices: ['started', 'stopped', 'restarted', 'reloaded'] },
      enabled: { type: 'bool', doc },
      sleep: { type: 'int', doc },
    },
    rules: { requiredOneOf: [['state', 'enabled']] },
  },
  {
    name: 'package',
    args: {
      name: { type: 'list', elements: 'str', required: true, doc },
      state: { ...text, default: 'present' },
      use: { ...text, unsupported: 'kplay finds the package manager itself.' },
    },
  },
  {
    name: 'copy',
    args: {
      src: { ...path, file: 'files' },
      dest: { ...path, required: true },
      content: text,
      remote_src: { type: 'bool', doc },
      mode: { type: 'raw', doc },
    },
    rules: { mutuallyExclusive: [['src', 'content']], requiredOneOf: [['src', 'content']] },
  },
  {
    name: 'template',
    args: { src: { ...path, required: true, file: 'templates' }, dest: { ...path, required: true } },
  },
];

function command(name: string, file?: 'files'): ModuleSignature {
  const args: ArgumentSchema = {
    cmd: file ? { ...text, file } : text,
    argv: { type: 'list', elements: 'str', doc },
    chdir: path,
    creates: path,
    stdin: text,
  };
  return {
    name,
    args,
    rules: { mutuallyExclusive: [['cmd', 'argv']], requiredOneOf: [['cmd', 'argv']] },
    freeForm: 'cmd',
    takesCommand: true,
  };
}

const byName = new Map(modules.map((module) => [module.name, module]));

export const stubCatalog: ModuleCatalog = {
  names: new Set(byName.keys()),
  signature: (name) =>
    Promise.resolve(byName.get(name.replace(/^(ansible\.builtin|ansible\.legacy|ansible\.posix)\./, ''))),
};
