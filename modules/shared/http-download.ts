import type { ArgumentSchema } from '../../runner/module/arguments.ts';
import type { Mapping } from '../../runner/value.ts';
import { quote } from './shell-quote.ts';

/** The arguments of a download over HTTP that modules share. */
export const downloadArguments = {
  url_username: { type: 'str', aliases: ['username'], doc: 'User for basic authentication.' },
  url_password: { type: 'str', aliases: ['password'], noLog: true, doc: 'Its password; it is on no command line.' },
  force_basic_auth: { type: 'bool', default: false, doc: 'Has no effect: the password is sent at once anyway.' },
  headers: { type: 'dict', doc: 'Headers of the request; they are on no command line.' },
  http_agent: { type: 'str', default: 'ansible-httpget', doc: 'Who is asking.' },
  timeout: { type: 'int', default: 10, doc: 'Seconds without an answer or data after which it fails.' },
  use_proxy: { type: 'bool', default: true, doc: 'Use the proxy that the environment names.' },
  use_netrc: { type: 'bool', default: true, doc: 'Use the passwords in ~/.netrc.' },
  validate_certs: { type: 'bool', default: true, doc: 'Check the server’s certificate.' },
  client_cert: { type: 'path', doc: 'Certificate of this client, a file of the host.' },
  client_key: { type: 'path', doc: 'Its key.' },
  ciphers: { type: 'list', elements: 'str', doc: 'Ciphers that may be used.' },
  decompress: { type: 'bool', default: true, doc: 'Has no effect: compression is never asked for.' },
  unredirected_headers: {
    type: 'list',
    elements: 'str',
    unsupported: 'curl and wget send headers after a redirection too, but for Authorization to another host',
    doc: 'Headers that are not sent after a redirection.',
  },
  use_gssapi: { type: 'bool', unsupported: 'GSSAPI is not supported', doc: 'Use GSSAPI.' },
} as const satisfies ArgumentSchema;

/** What is downloaded, and how. */
export interface Download {
  readonly url: string;
  readonly url_username?: string | undefined;
  readonly url_password?: string | undefined;
  readonly headers?: Mapping | undefined;
  readonly http_agent: string;
  readonly timeout: number;
  readonly use_proxy: boolean;
  readonly use_netrc: boolean;
  readonly validate_certs: boolean;
  readonly client_cert?: string | undefined;
  readonly client_key?: string | undefined;
  readonly ciphers?: readonly string[] | undefined;
  /** Only when it is newer than this many seconds since the epoch. */
  readonly newerThan?: number | undefined;
  /** Ask for the headers only. */
  readonly head?: boolean | undefined;
  /** `$t` is /proc/self/fd/9: hand the descriptor on, since some shells keep those above 2 from programs. */
  readonly toDescriptor?: boolean | undefined;
}

/** Whether a URL holds a user, and so maybe a password, which command lines would show to everybody on the host. */
export function hasPassword(url: string): boolean {
  return /^\s*[a-z][a-z0-9+.-]*:\/\/[^/?#]*@/i.test(url);
}

/** Whether anything in a URL may be taken for a user, also where no scheme is before it. */
function mayHoldPassword(url: string): boolean {
  return /^(?:[^/?#]*\/\/)?[^/?#]*@/.test(url);
}

/** A download of a URL with nothing but what each must have. */
export function plainDownload(url: string, validateCerts: boolean): Download {
  const usual = { http_agent: 'ansible-httpget', timeout: 10, use_proxy: true, use_netrc: true };
  return { ...usual, url, validate_certs: validateCerts };
}

/** sh text that downloads to the file `$t`, and what it reads as standard input. */
export interface DownloadScript {
  readonly script: string;
  readonly stdin: string;
}

/**
 * The download by curl, else by wget, else a clear failure (exit 97). URL, headers and password go over standard input,
 * never on a command line: first curl's configuration, then a line `--`, then wget's. They are kept meanwhile in the directory
 * `$d`, which must be private (scratchDirectory), as are the program's own words in its file `err`. It sets `status` to the
 * HTTP status, 000 when there was no answer, and `failed` to 0 when all of it has come; the file `headers` there has status
 * lines, the last being the answer's.
 */
export function downloadScript(download: Download): DownloadScript {
  return { script: downloadText(download), stdin: `${curlConfig(download)}--\n${wgetConfig(download)}` };
}

function downloadText(download: Download): string {
  const wget = [
    `--timeout=${download.timeout}`,
    '--tries=1',
    ...(download.use_proxy ? [] : ['--no-proxy']),
    ...(download.validate_certs ? [] : ['--no-check-certificate']),
    ...(download.use_netrc ? [] : ['--no-netrc']),
    ...(download.head ? ['--spider'] : []),
  ];
  const handOn = download.toDescriptor ? ' 9>&9' : '';
  const plainWget = [
    ...(download.validate_certs ? [] : ['--no-check-certificate']),
    ...(download.head ? ['--spider'] : []),
  ];
  const secret = download.headers !== undefined || download.url_username !== undefined || mayHoldPassword(download.url);
  return `cat > "$d/in" || exit 1
status=000
if command -v curl >/dev/null 2>&1; then
  sed '/^--$/,$d' "$d/in" > "$d/conf"
  status=$(curl -q -K "$d/conf" -o "$t" -D "$d/headers" -w '%{http_code}' 2> "$d/err"${handOn})
  failed=$?
elif command -v wget >/dev/null 2>&1; then
  if wget --version 2>/dev/null | grep -q 'GNU Wget'; then
    sed '1,/^--$/d; /^url /d' "$d/in" > "$d/conf"; sed -n '1,/^--$/d; s/^url //p' "$d/in" > "$d/url"
    WGETRC=$d/conf wget -S -nv ${wget.join(' ')} -O "$t" -i "$d/url" 2> "$d/err"${handOn}
    failed=$?
  ${
    secret
      ? `else
    echo 'headers and passwords need curl or GNU wget, and the host has neither' >&2; exit 97`
      : `else
    url=$(sed -n '1,/^--$/d; s/^url //p' "$d/in")
    ${askPlainly(download, plainWget, handOn)}
    failed=$?`
  }
  fi
  status=$(sed -n 's,^ *HTTP/[0-9.]* \\([0-9][0-9]*\\).*,\\1,p' "$d/err" | tail -n 1)
  grep '^ *HTTP/' "$d/err" > "$d/headers"
  [ "$status" ] || { if [ "$failed" = 0 ]; then status=200; else status=000; fi; }
  if [ "$status" = 304 ]; then failed=0; fi
else
  echo 'neither curl nor wget is installed on the host' >&2; exit 97
fi
rm -f "$d/in" "$d/conf" "$d/url"`;
}

/** The download by a wget such as busybox's, some of which know no headers, or no limit of time. */
function askPlainly({ newerThan, timeout }: Download, options: readonly string[], handOn: string): string {
  const ask = (more: string) => `wget -q -S $limit ${options.join(' ')} ${more} -O "$t" "$url" 2> "$d/err"${handOn}`;
  const limit = `known=$(wget --help 2>&1); limit=; case $known in *-T\\ *) limit='-T ${timeout}';; esac`;
  if (newerThan === undefined) return `${limit}; ${ask('')}`;
  const header = `--header ${quote(sinceHeader(newerThan))}`;
  return `${limit}; case $known in *--header*) ${ask(header)};; *) ${ask('')};; esac`;
}

/** curl's configuration; a text in double quotes keeps everything but what is escaped. */
function curlConfig(download: Download): string {
  const value = (text: string): string =>
    `"${text
      .replaceAll('\\', '\\\\')
      .replaceAll('"', '\\"')
      .replace(/[\r\n]+/g, ' ')}"`;
  const { url_username: user, url_password: password, timeout } = download;
  const lines = [
    `url = ${value(download.url)}`,
    'globoff',
    'silent',
    'show-error',
    'location',
    'fail',
    `user-agent = ${value(download.http_agent)}`,
    `connect-timeout = ${timeout}`,
    'speed-limit = 1',
    `speed-time = ${timeout}`,
    ...headerLines(download).map((header) => `header = ${value(header)}`),
    ...(user === undefined ? [] : [`user = ${value(`${user}:${password ?? ''}`)}`]),
    ...(download.use_proxy ? [] : ['noproxy = "*"']),
    ...(download.use_netrc ? ['netrc-optional'] : []),
    ...(download.validate_certs ? [] : ['insecure']),
    ...(download.client_cert === undefined ? [] : [`cert = ${value(download.client_cert)}`]),
    ...(download.client_key === undefined ? [] : [`key = ${value(download.client_key)}`]),
    ...(download.ciphers === undefined ? [] : [`ciphers = ${value(download.ciphers.join(':'))}`]),
    ...(download.head ? ['head'] : []),
  ];
  return `${lines.join('\n')}\n`;
}

/** GNU wget's configuration, and the URL. */
function wgetConfig(download: Download): string {
  const oneLine = (text: string): string => text.replace(/[\r\n]+/g, ' ');
  const { url_username: user, url_password: password } = download;
  const lines = [
    `url ${oneLine(download.url)}`,
    `user_agent = ${oneLine(download.http_agent)}`,
    ...headerLines(download).map((header) => `header = ${oneLine(header)}`),
    ...(user === undefined
      ? []
      : [`user = ${oneLine(user)}`, `password = ${oneLine(password ?? '')}`, 'auth_no_challenge = on']),
    ...(download.client_cert === undefined ? [] : [`certificate = ${download.client_cert}`]),
    ...(download.client_key === undefined ? [] : [`private_key = ${download.client_key}`]),
    ...(download.ciphers === undefined ? [] : [`ciphers = ${download.ciphers.join(':')}`]),
  ];
  return `${lines.join('\n')}\n`;
}

function headerLines({ headers, newerThan }: Download): string[] {
  const lines = Object.entries(headers ?? {}).map(([name, value]) => `${name}: ${String(value)}`);
  if (newerThan !== undefined) lines.push(sinceHeader(newerThan));
  return lines;
}

function sinceHeader(newerThan: number): string {
  return `If-Modified-Since: ${new Date(newerThan * 1000).toUTCString()}`;
}

/** The name that a file of a URL has. */
export function urlFileName(url: string): string {
  const path = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, '').replace(/[?#].*$/, '');
  return decodeURIComponentOr(path.split('/').at(-1) ?? '') || 'index.html';
}

function decodeURIComponentOr(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The command that prints a file's checksum, as a word list of sh; openssl where there is no coreutils. */
export function checksumCommand(algorithm: string, word: string): string {
  const tool = quote(`${algorithm}sum`);
  return `{ if command -v ${tool} >/dev/null 2>&1; then ${tool} < ${word}; else openssl dgst -${algorithm} -r < ${word}; fi | cut -d' ' -f1; }`;
}
