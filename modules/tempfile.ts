import { randomInt } from 'node:crypto';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';

const letters = 'abcdefghijklmnopqrstuvwxyz0123456789_';

export default commandModule({
  name: 'tempfile',
  summary: 'Make an empty temporary file or folder that only its user can read.',
  examples: `
- ansible.builtin.tempfile:
    state: directory
    suffix: .build
  register: scratch
`,
  returns: { path: 'What was made.' },
  inCheckMode: 'skip',
  args: {
    state: { type: 'str', default: 'file', choices: ['file', 'directory'], doc: 'What is made.' },
    path: { type: 'path', doc: 'The folder that it is made in (default $TMPDIR, else /tmp).' },
    prefix: { type: 'str', default: 'ansible.', doc: 'How its name begins.' },
    suffix: { type: 'str', default: '', doc: 'How its name ends.' },
  },
  async run(args, host) {
    const random = Array.from({ length: 8 }, () => letters[randomInt(letters.length)]).join('');
    const folder = args.path === undefined ? '"${TMPDIR:-/tmp}"' : pathWord(args.path);
    const make = args.state === 'directory' ? 'mkdir "$p"' : '(set -C; : > "$p")';
    const script = `umask 077; p=${folder}/${quote(args.prefix + random + args.suffix)}; ${make} && printf '%s' "$p"`;
    const { rc, stdout, stderr } = await host.run(script);
    if (rc !== 0) throw new ModuleFailure(stderr.trim() || 'could not make a temporary file', { rc });
    return { changed: true, fields: { path: stdout } };
  },
});
