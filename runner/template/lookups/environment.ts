import { execFileSync } from 'node:child_process';
import { beforeLongCall } from '../../computing.ts';
import { decode } from '../../python/bytes.ts';
import { entryOf } from '../../python/dict.ts';
import { EvaluationError, undefinedError } from '../../python/evaluation-error.ts';
import { fnmatchExpression } from '../../python/fnmatch.ts';
import { isDict, kindOf, typeName } from '../../python/kinds.ts';
import { environmentVariable, processEnvironment, shellCommand } from '../../python/process.ts';
import { pythonRegExp } from '../../python/regexp.ts';
import { str } from '../../python/text.ts';
import { Undefined } from '../../value.ts';
import { unsupported } from '../failure.ts';
import type { Lookup, Run } from '../run.ts';
import { any, bool, optional } from '../runtime/parameters.ts';
import { lookup } from './declare.ts';

function runShell(command: string, run: Run): string {
  const { file, args, env } = shellCommand(command, processEnvironment());
  beforeLongCall();
  try {
    const output = execFileSync(file, args, {
      cwd: run.context.playbookFolder,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 256 * 1024 * 1024,
    });
    return decode(output);
  } catch (error) {
    const { status, stderr } = error as { status?: number | null; stderr?: Buffer };
    const said = stderr ? decode(stderr).trim() : '';
    throw new EvaluationError(
      `lookup_plugin.pipe(${command}) returned ${status ?? 'no exit code'}${said ? `: ${said}` : ''}`,
    );
  }
}

const env = lookup({ default: any('') }, (terms, { default: fallback }) =>
  terms.map((term) => {
    const value = environmentVariable(str(term));
    if (value !== undefined) return value;
    if (fallback instanceof Undefined) throw undefinedError(`The env variable ${str(term)} is not defined.`);
    return fallback;
  }),
);

const variables = lookup({ default: optional(any()) }, (terms, { default: fallback }, run) =>
  terms.map((term) => {
    const value = run.context.scope.get(str(term));
    if (value !== undefined) return value;
    if (fallback !== undefined) return fallback;
    throw undefinedError(`No variable found with this name: ${str(term)}`);
  }),
);

const variableNames: Lookup = (terms, _options, run) => {
  const names = [...run.context.scope.names()];
  const found = terms.map((term) => {
    if (kindOf(term) !== 'str')
      throw new EvaluationError(
        `Invalid setting identifier, "${str(term)}" is not a string, it is a ${typeName(term)}`,
      );
    const pattern = pythonRegExp(str(term));
    return names.filter((name) => {
      pattern.lastIndex = 0;
      return pattern.test(name);
    });
  });
  return found.flat();
};

/** The hosts of a pattern, in the simple forms: names and groups with `:`, `,`, `!` and `&`. */
const inventoryHostnames: Lookup = (terms, _options, run) => {
  const groups = run.context.scope.get('groups');
  const members = (name: string): string[] => {
    const list = groups !== undefined && isDict(groups) ? entryOf(groups, name) : undefined;
    if (Array.isArray(list)) return list.map(str);
    const all = groups !== undefined && isDict(groups) && Array.isArray(groups.all) ? groups.all.map(str) : [];
    const expression = fnmatchExpression(name);
    return all.filter((host) => expression.test(host));
  };
  const parts = terms.flatMap((term) => str(term).split(/[,:]/)).filter((part) => part !== '');
  let hosts = [...new Set(parts.filter((part) => !/^[!&]/.test(part)).flatMap(members))];
  for (const part of parts) {
    const named = new Set(members(part.slice(1)));
    if (part.startsWith('&')) hosts = hosts.filter((host) => named.has(host));
    if (part.startsWith('!')) hosts = hosts.filter((host) => !named.has(host));
  }
  return hosts;
};

/** Lookups of the environment and of variables, which stay as they are while a template is rendered again. */
export const environmentLookups: Readonly<Record<string, Lookup>> = {
  env,
  vars: variables,
  varnames: variableNames,
  inventory_hostnames: inventoryHostnames,
};

/** Lookups of commands on the controller and of addresses. */
export const outsideLookups: Readonly<Record<string, Lookup>> = {
  pipe: (terms, _options, run) => terms.map((term) => runShell(str(term), run).trimEnd()),
  lines: (terms, _options, run) => terms.flatMap((term) => runShell(str(term), run).replace(/\n$/, '').split(/\r?\n/)),
  config: () => {
    throw unsupported('The lookup "config" is not supported.', 'kplay has no ansible.cfg.');
  },
  url: lookup({ split_lines: bool(true) }, (terms, { split_lines: splits }) =>
    terms.flatMap((term) => fetchUrl(str(term), splits)),
  ),
};

/** Lookups are synchronous, so another process fetches. The address goes over in the environment. */
function fetchUrl(address: string, splitLines: boolean): string[] {
  const script =
    'fetch(process.env.KPLAY_URL).then(async(r)=>{if(!r.ok)throw new Error(r.status+" "+r.statusText);process.stdout.write(Buffer.from(await r.arrayBuffer()))}).catch((e)=>{console.error(String(e.cause??e.message));process.exit(1)})';
  beforeLongCall();
  try {
    const output = execFileSync(process.execPath, ['-e', script], {
      env: { ...process.env, KPLAY_URL: address },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: 60_000,
    });
    const text = decode(output);
    return splitLines ? text.replace(/\n$/, '').split(/\r?\n/) : [text];
  } catch (error) {
    const { stderr } = error as { stderr?: Buffer };
    const reason = stderr ? decode(stderr).trim() : '';
    throw new EvaluationError(`Received HTTP error for ${address}: ${reason}`);
  }
}
