import { randomBytes } from 'node:crypto';
import type { Host, ModuleResult } from '../runner/module/contract.ts';
import { commandModule, ModuleFailure } from '../runner/module/contract.ts';
import { byteLength, encode } from '../runner/python/bytes.ts';
import { keyText, nameOfText } from '../runner/python/dict.ts';
import { parseJson } from '../runner/python/json-reader.ts';
import type { Mapping, Value } from '../runner/value.ts';
import { mapping } from '../runner/value.ts';
import { attributeChanges } from './shared/attributes.ts';
import { probeFile } from './shared/file-state.ts';
import { uriArguments } from './uri/arguments.ts';
import type { UriArguments } from './uri/request.ts';
import { answerParts, curlRequest, uriScript } from './uri/request.ts';

export default commandModule({
  name: 'uri',
  summary: 'Make an HTTP request from the host.',
  notes: [
    'Needs curl on the host. User, password, headers and body are given to it in a file that only its user can read, never on a command line.',
    'User and password are sent with the first request, as with force_basic_auth in Ansible.',
    'Not run in check mode.',
  ],
  examples: `
- ansible.builtin.uri:
    url: https://{{ control_plane_vip }}:6443/readyz
    validate_certs: false
    return_content: true
  register: ready
  until: ready.status == 200
  retries: 30
  delay: 2
`,
  returns: {
    status: 'The status code; -1 when there was no answer.',
    content: 'The body, with return_content or when the status is no success.',
    json: 'The body as a value, when it is JSON.',
    url: 'The address after redirects.',
    redirected: 'Whether there were redirects.',
    cookies: 'Cookies that were set.',
    path: 'The file that was written.',
    elapsed: 'Seconds that it took.',
    msg: 'What happened, in a few words.',
  },
  inCheckMode: 'skip',
  args: uriArguments,
  async run(args, host) {
    const start = Date.now();
    const { config, body } = curlRequest(args, host.controller);
    const mark = `@@${randomBytes(12).toString('hex')}:`;
    const head = encode(config);
    const stdin = Buffer.concat([Buffer.from(`${head.length}\n`), head, body ?? Buffer.alloc(0)]);
    const result = await host.run(uriScript(args, body !== undefined, mark), { stdin });
    if (result.rc !== 0) throw new ModuleFailure(result.stderr.trim() || `rc ${result.rc}`, { rc: result.rc });
    const parts = answerParts(result.stdout, mark);
    const guard = parts.get('skip')?.trim();
    if (guard !== undefined) return skipped(args, guard);
    const answer = readAnswer(parts, Math.floor((Date.now() - start) / 1000));
    const attributes = answer.path === undefined ? false : await setAttributes(args, host, answer.path);
    return resultOf(args, answer, parts.has('written') || attributes);
  },
});

interface Answer {
  readonly status: number;
  readonly error: string;
  readonly url: string;
  readonly redirected: boolean;
  readonly headers: readonly (readonly [string, string])[];
  readonly reason: string;
  readonly body: string;
  readonly path: string | undefined;
  readonly elapsed: number;
}

function skipped(args: UriArguments, guard: string): ModuleResult {
  const text = guard === 'creates' ? `'${args.creates}' exists` : `'${args.removes}' does not exist`;
  return { msg: `skipped, since ${text}`, fields: { stdout: `skipped, since ${text}` } };
}

function readAnswer(parts: ReadonlyMap<string, string>, elapsed: number): Answer {
  const [code = '', url = '', redirects = '0'] = (parts.get('report') ?? '').split('\n');
  const failed = (parts.get('curl') ?? '').trim() !== '0';
  // Only the last answer counts: those before it were redirects.
  const blocks = (parts.get('headers') ?? '').trim().split(/\r?\n\r?\n/);
  const [statusLine = '', ...lines] = (blocks.at(-1) ?? '').split(/\r?\n/);
  return {
    status: failed ? -1 : Number(code),
    error: (parts.get('error') ?? '').trim(),
    url,
    redirected: Number(redirects) > 0,
    headers: lines.flatMap((line) => {
      const at = line.indexOf(':');
      return at > 0 ? [[line.slice(0, at).trim(), line.slice(at + 1).trim()] as const] : [];
    }),
    reason: statusLine.split(' ').slice(2).join(' '),
    body: parts.get('body') ?? '',
    path: parts.get('path'),
    elapsed,
  };
}

function resultOf(args: UriArguments, answer: Answer, written: boolean): ModuleResult {
  const success = args.status_code.includes(answer.status);
  const fields: Mapping = {
    ...headerFields(answer.headers),
    status: answer.status,
    url: answer.url || args.url,
    redirected: answer.redirected,
    elapsed: answer.elapsed,
  };
  const json = jsonOf(answer);
  if (json !== undefined) fields.json = json;
  if (answer.path !== undefined) fields.path = answer.path;
  if ((args.return_content || !success) && answer.status !== -1) fields.content = answer.body;
  const said =
    answer.status === -1
      ? `Request failed: ${answer.error}`
      : `${answer.reason || 'OK'} (${byteLength(answer.body)} bytes)`;
  if (success) return { changed: written, msg: said, fields };
  const msg = `Status code was ${answer.status} and not ${JSON.stringify(args.status_code)}: ${said}`;
  return { changed: written, failed: true, msg, fields };
}

/** Fields by which a result says how the task went: what a server calls its headers must not say that. */
const meaning =
  /^(_?ansible_.*|changed|failed|failed_when_result|skipped|unreachable|warnings|deprecations|attempts|results|diff|exception)$/;

/** Headers as Ansible names them: lower case, with underscores; several of one name are joined. */
function headerFields(headers: Answer['headers']): Mapping {
  const fields = mapping();
  const cookies = mapping();
  for (const [name, value] of headers) {
    const key = nameOfText(name.toLowerCase().replaceAll('-', '_'));
    if (meaning.test(key)) continue;
    fields[key] = fields[key] === undefined ? value : `${String(fields[key])}, ${value}`;
    const cookie = key === 'set_cookie' ? /^([^=;]+)=([^;]*)/.exec(value) : null;
    if (cookie) cookies[nameOfText(cookie[1]!.trim())] = cookie[2]!;
  }
  fields.cookies = cookies;
  fields.cookies_string = Object.entries(cookies)
    .map(([name, value]) => `${keyText(name)}=${String(value)}`)
    .join('; ');
  return fields;
}

function jsonOf(answer: Answer): Value | undefined {
  const type = answer.headers.find(([name]) => name.toLowerCase() === 'content-type')?.[1] ?? '';
  if (!/^(application|text)\/([\w.+-]*\+)?(json|javascript)\b/i.test(type)) return undefined;
  try {
    return parseJson(answer.body);
  } catch {
    return undefined;
  }
}

async function setAttributes(args: UriArguments, host: Host, path: string): Promise<boolean> {
  if (args.owner === undefined && args.group === undefined && args.mode === undefined) return false;
  const wanted = { owner: args.owner, group: args.group, mode: args.mode as Value | undefined };
  const state = await probeFile(host, path, { attributes: wanted });
  if (state.kind === 'absent') return false;
  const commands = attributeChanges(wanted, state).flatMap(({ command }) => (command === undefined ? [] : [command]));
  if (commands.length === 0) return false;
  const { rc, stderr } = await host.run(commands.map((command) => `( ${command} )`).join(' && '));
  if (rc !== 0) throw new ModuleFailure(`could not set the attributes of ${path}: ${stderr.trim()}`, { rc });
  return true;
}
