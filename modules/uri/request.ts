import { randomBytes } from 'node:crypto';
import path from 'node:path';
import type { Arguments } from '../../runner/module/arguments.ts';
import type { Controller } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { putCall, temporaryToken } from '../../runner/module/host-files.ts';
import { encode, refuseEscapes } from '../../runner/python/bytes.ts';
import { entriesOf, keysOf, keyText } from '../../runner/python/dict.ts';
import { jsonText } from '../../runner/python/json.ts';
import type { V } from '../../runner/python/object.ts';
import { pythonText, str } from '../../runner/python/text.ts';
import type { Value } from '../../runner/value.ts';
import { isMapping } from '../../runner/value.ts';
import { localBytes } from '../shared/files.ts';
import { scratchDirectory } from '../shared/scratch.ts';
import { pathWord } from '../shared/shell-path.ts';
import type { uriArguments } from './arguments.ts';

export type UriArguments = Arguments<typeof uriArguments>;

/** A request as curl takes it: its configuration, without anything secret on a command line, and the body. */
export interface CurlRequest {
  /** Lines of a curl configuration file. */
  readonly config: string;
  readonly body: Buffer | undefined;
}

/** Puts a request together. Throws {@link ModuleFailure} for a body that cannot be written in the format asked for. */
export function curlRequest(args: UriArguments, controller: Controller): CurlRequest {
  const lines: string[] = [];
  const option = (name: string, value?: string): void => {
    lines.push(value === undefined ? name : `${name} = ${configText(value)}`);
  };
  const method = args.method.toUpperCase();
  option('url', args.url);
  option('user-agent', args.http_agent);
  option('max-time', String(args.timeout));
  if (method === 'HEAD') option('head');
  else option('request', method);
  if (follows(args, method)) option('location');
  if (!args.validate_certs) option('insecure');
  if (args.url_username !== undefined) option('user', `${args.url_username}:${args.url_password ?? ''}`);
  else if (args.use_netrc) option('netrc-optional');
  if (args.decompress) option('compressed');
  if (!args.use_proxy) option('noproxy', '*');
  if (args.ciphers !== undefined) option('ciphers', args.ciphers.join(':'));
  if (args.force) option('header', 'Cache-Control: no-cache');
  const { body, type } = bodyOf(args, controller);
  const names = Object.keys(args.headers).map((name) => keyText(name).toLowerCase());
  if (type !== undefined && !names.includes('content-type')) option('header', `Content-Type: ${type}`);
  for (const [name, value] of Object.entries(args.headers)) option('header', headerLine(keyText(name), value));
  return { config: `${lines.join('\n')}\n`, body };
}

function headerLine(name: string, value: Value): string {
  const text = typeof value === 'string' ? value : jsonText(value);
  if (/[\r\n]/.test(name + text)) throw new ModuleFailure(`header ${name} must not hold line breaks`);
  return text === '' ? `${name};` : `${name}: ${text}`;
}

/** A value in curl's configuration language. */
function configText(value: string): string {
  const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '"': '\\"', '\n': '\\n', '\r': '\\r', '\t': '\\t' };
  return `"${value.replace(/[\\"\n\r\t]/g, (character) => escapes[character]!)}"`;
}

function follows(args: UriArguments, method: string): boolean {
  if (['all', 'yes', 'urllib2'].includes(args.follow_redirects)) return true;
  return args.follow_redirects === 'safe' && (method === 'GET' || method === 'HEAD');
}

function bodyOf(args: UriArguments, controller: Controller): { body: Buffer | undefined; type: string | undefined } {
  if (args.src !== undefined) {
    if (args.remote_src) return { body: undefined, type: undefined };
    return { body: localBytes(controller.findFile(args.src, 'files')), type: undefined };
  }
  const body = args.body as Value | undefined;
  if (body === undefined || body === null) return { body: undefined, type: undefined };
  if (args.body_format === 'form-multipart') return multipart(body, controller);
  if (args.body_format === 'json') {
    return { body: encode(typeof body === 'string' ? body : jsonText(body)), type: 'application/json' };
  }
  if (args.body_format === 'form-urlencoded') {
    return {
      body: encode(typeof body === 'string' ? body : formText(body)),
      type: 'application/x-www-form-urlencoded',
    };
  }
  return { body: encode(typeof body === 'string' ? body : jsonText(body)), type: undefined };
}

function formText(body: Value): string {
  const pairs = isMapping(body)
    ? entriesOf(body)
    : Array.isArray(body) && body.every((pair) => Array.isArray(pair) && pair.length === 2)
      ? (body as [Value, Value][])
      : notAForm();
  const form = new URLSearchParams();
  for (const [name, value] of pairs) {
    const values: V[] = isMapping(value) ? keysOf(value) : Array.isArray(value) ? value : [value];
    for (const one of values) {
      if (one === null) continue;
      const text = str(one);
      // URLSearchParams would write U+FFFD.
      refuseEscapes(str(name) + text);
      form.append(str(name), text);
    }
  }
  return form.toString();
}

function notAForm(): never {
  throw new ModuleFailure('failed to parse body as form_urlencoded: it must be a dict or a list of pairs');
}

function multipart(body: Value, controller: Controller): { body: Buffer; type: string } {
  if (!isMapping(body)) throw new ModuleFailure('a body of format form-multipart must be a dict');
  const boundary = `kplay-${randomBytes(12).toString('hex')}`;
  const parts = Object.entries(body).map(([name, value]) => part(keyText(name), value, controller));
  const joined = parts.flatMap(({ header, content }) => [
    encode(`--${boundary}\r\n${header}\r\n\r\n`),
    content,
    Buffer.from('\r\n'),
  ]);
  return {
    body: Buffer.concat([...joined, encode(`--${boundary}--\r\n`)]),
    type: `multipart/form-data; boundary=${boundary}`,
  };
}

function part(name: string, value: Value, controller: Controller): { header: string; content: Buffer } {
  const disposition = `Content-Disposition: form-data; name="${name.replaceAll('"', '%22')}"`;
  if (!isMapping(value)) return { header: disposition, content: encode(pythonText(value)) };
  const file = typeof value.filename === 'string' ? value.filename : undefined;
  const content =
    value.content === undefined
      ? localBytes(controller.findFile(file ?? '', 'files'))
      : encode(pythonText(value.content));
  const named = file === undefined ? '' : `; filename="${path.basename(file).replaceAll('"', '%22')}"`;
  const type = typeof value.mime_type === 'string' ? value.mime_type : 'application/octet-stream';
  return { header: `${disposition}${named}\r\nContent-Type: ${type}`, content };
}

/**
 * sh text that makes the request. Standard input is the configuration's length in a line, the configuration, the body.
 * What it prints is told apart by `mark`, which the other side cannot know.
 */
export function uriScript(args: UriArguments, withBody: boolean, mark: string): string {
  const paths = [
    ['--cacert', args.ca_path],
    ['--cert', args.client_cert],
    ['--key', args.client_key],
    ['--unix-socket', args.unix_socket],
  ] as const;
  const words = paths.flatMap(([flag, file]) => (file === undefined ? [] : [`${flag} ${pathWord(file)}`]));
  if (args.src !== undefined && args.remote_src) words.push(`--data-binary @${pathWord(args.src)}`);
  else if (withBody) words.push('--data-binary @"$d/request"');
  const guards = [
    args.creates === undefined ? '' : `[ ! -e ${pathWord(args.creates)} ] || { say skip; echo creates; exit 0; }`,
    args.removes === undefined ? '' : `[ -e ${pathWord(args.removes)} ] || { say skip; echo removes; exit 0; }`,
  ];
  return `PATH="$PATH:/usr/local/bin"; export PATH
say() { printf '\n${mark}%s\n' "$1"; }
${guards.filter((guard) => guard !== '').join('\n')}
command -v curl >/dev/null 2>&1 || { echo 'this host has no curl, which uri needs' >&2; exit 127; }
${scratchDirectory()}
cat >"$d/all" || exit 1
n=$(head -n 1 "$d/all"); s=$((\${#n} + 1))
tail -c +$((s + 1)) "$d/all" | head -c "$n" >"$d/config"; tail -c +$((s + n + 1)) "$d/all" >"$d/request"; rm -f "$d/all"
: >"$d/body"; : >"$d/headers"
curl -q -sS -K "$d/config" ${words.join(' ')} -D "$d/headers" -o "$d/body" -w '%{http_code}\\n%{url_effective}\\n%{num_redirects}\\n' >"$d/report" 2>"$d/error"
r=$?; say curl; echo $r
say report; cat "$d/report"
say error; cat "$d/error"
say headers; cat "$d/headers"
${args.dest === undefined ? '' : destScript(args.dest)}
say body; cat "$d/body"`;
}

/** Puts the body at dest, whole, unless the same is there already. */
function destScript(dest: string): string {
  return `t=${pathWord(dest)}
if [ -d "$t" ]; then u=$(sed -n 2p "$d/report"); u=\${u%%\\?*}; u=\${u##*/}; t=\${t%/}/\${u:-index.html}; fi
say path; printf '%s' "$t"
case $(sed -n 1p "$d/report") in 2*)
  if [ -f "$t" ] && cmp -s "$t" "$d/body" 2>/dev/null; then :
  else
    ( kplay_new "$t" ${temporaryToken()} && cat "$d/body" >&9 && ${putCall({})} ) || exit 1
    say written
  fi ;;
esac`;
}

/** The parts of what {@link uriScript} printed, by name. The body is the last and kept exactly. */
export function answerParts(output: string, mark: string): Map<string, string> {
  const parts = new Map<string, string>();
  for (const part of `\n${output}`.split(`\n${mark}`).slice(1)) {
    const end = part.indexOf('\n');
    parts.set(part.slice(0, end), part.slice(end + 1));
  }
  return parts;
}
