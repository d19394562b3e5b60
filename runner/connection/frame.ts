import { randomBytes } from 'node:crypto';
import { quote } from './quote.ts';

/** What is written to a shell for one command: the head (text) and, after it, raw bytes that the command's text reads itself. */
export interface Frame {
  readonly head: Buffer;
  /** Whether raw bytes follow, which are lost to the shell when the command fails to read all of them. */
  readonly raw: boolean;
}

/** What goes into a frame. */
export interface FrameContent {
  readonly script: string;
  readonly stdin?: Buffer | string | undefined;
  readonly environment?: Readonly<Record<string, string>> | undefined;
}

/** sh reads lines byte by byte (0.3 µs each), dd costs a process (about 1 ms). */
const lineReadingLimit = 4096;
/** Up to this size standard input travels as a shell word, when it is text; else by way of a file without a name. */
const inlineStdinLimit = 32 * 1024;
/** Up to this size the file without a name is better in memory. */
const memoryFileLimit = 8 * 1024 * 1024;

/** Builds the frame of a command. Throws a TypeError for what no shell can take (NUL bytes, bad variable names). */
export function commandFrame(content: FrameContent): Frame {
  if (content.script.includes('\0')) throw new TypeError('the script holds a NUL byte, which a shell cannot take');
  const script = exports(content.environment) + content.script;
  const { stdin } = content;
  if (stdin === undefined || stdin.length === 0) return { head: head(script, '</dev/null'), raw: false };
  const text = inlineText(stdin);
  if (text !== undefined) {
    return {
      head: head(`printf %s ${quote(text)} | { eval ${quote(script)}; exit; }; exit $?`, '</dev/null'),
      raw: false,
    };
  }
  const bytes = typeof stdin === 'string' ? Buffer.from(stdin) : stdin;
  return { head: Buffer.concat([head(spool(bytes.length, script), ''), bytes]), raw: true };
}

/** Builds the head of a command whose text reads exactly `size` raw bytes from its standard input, which are written after it. */
export function rawFrame(script: string): Frame {
  return { head: head(script, ''), raw: true };
}

/** sh text that copies exactly `size` bytes of its standard input to its standard output, in one or two processes. */
export function readExactly(size: number, operands = ''): string {
  const block = 256 * 1024;
  const dd = (bs: number, count: number) => `dd bs=${bs} count=${count} iflag=fullblock ${operands}`.trim();
  if (size <= block) return dd(Math.max(size, 1), size === 0 ? 0 : 1);
  const rest = size % block;
  const whole = dd(block, Math.floor(size / block));
  return rest === 0 ? whole : `{ ${whole} && ${dd(rest, 1)}; }`;
}

function exports(environment: Readonly<Record<string, string>> | undefined): string {
  const entries = Object.entries(environment ?? {});
  if (entries.length === 0) return '';
  const words = entries.map(([name, value]) => {
    if (!/^[A-Za-z_][A-Za-z0-9_]*$/.test(name))
      throw new TypeError(`"${name}" cannot be the name of an environment variable`);
    if (value.includes('\0')) throw new TypeError(`the environment variable ${name} holds a NUL byte`);
    return `${name}=${quote(value)}`;
  });
  return `export ${words.join(' ')}; `;
}

/** The text, when the standard input is short and can be a shell word. */
function inlineText(stdin: Buffer | string): string | undefined {
  if (stdin.length > inlineStdinLimit) return undefined;
  const text = typeof stdin === 'string' ? stdin : stdin.toString('utf8');
  if (text.includes('\0')) return undefined;
  return typeof stdin === 'string' || Buffer.from(text).equals(stdin) ? text : undefined;
}

/**
 * The worker reads the head's first line and evaluates it; that line reads the rest of the head: line by line when it is
 * short, else with dd. A sentinel at its end makes sure that a cut text is never run.
 */
function head(script: string, redirection: string): Buffer {
  const redirect = redirection === '' ? '' : `exec ${redirection};`;
  const bytes = Buffer.from(`${script}\n`);
  if (bytes.length > lineReadingLimit) {
    const sentinel = `#${randomBytes(8).toString('hex')}`;
    const body = Buffer.concat([bytes, Buffer.from(`${sentinel}\n`)]);
    const line = `k=$(${readExactly(body.length, '2>/dev/null')});${redirect}case $k in *"${sentinel}") eval "unset k;$k";; *) echo "the script did not arrive whole (dd is needed)" >&2; kill $PPID; exit 255;; esac\n`;
    return Buffer.concat([Buffer.from(line), body]);
  }
  const lines = script.split('\n').length;
  if (lines === 1) return Buffer.concat([Buffer.from(`IFS= read -r k;${redirect}eval "unset k;$k"\n`), bytes]);
  // No variable of ours is left when the script starts.
  // The line end out of IFS as shells set it: a command substitution would be a process for each command.
  const line = `k=;n=\${IFS#??};[ \${#n} = 1 ]||{ n=$(printf '\\n_');n=\${n%_};};i=${lines};while [ $i -gt 0 ];do IFS= read -r l;k=$k$l$n;i=$((i-1));done;${redirect}eval "unset k l n i;$k"\n`;
  return Buffer.concat([Buffer.from(line), bytes]);
}

/** Takes raw standard input into a file that has no name any more when the script starts. */
function spool(size: number, script: string): string {
  const places = size <= memoryFileLimit ? '/dev/shm "${TMPDIR:-/tmp}" .' : '"${TMPDIR:-/tmp}" . /dev/shm';
  const name = `.kplay-${randomBytes(12).toString('hex')}`;
  return [
    `for kplay_d in ${places}; do [ -d "$kplay_d" ] && [ -w "$kplay_d" ] && break; done`,
    `kplay_f=$kplay_d/${name}`,
    `trap 'rm -f "$kplay_f"' 0; trap 'exit 143' 1 2 15`,
    'kplay_m=$(umask); umask 077; set -C',
    `if { kplay_e=$( { ${readExactly(size)} >"$kplay_f"; } 2>&1 ); } && exec <"$kplay_f"; then rm -f "$kplay_f"; trap - 0 1 2 15; set +C; umask $kplay_m; unset kplay_d kplay_e kplay_f kplay_m`,
    `else printf '%s\\n' "the standard input could not be stored: $kplay_e" >&2; kill $PPID; exit 255; fi`,
    `eval ${quote(script)}`,
  ].join('\n');
}
