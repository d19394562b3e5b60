import { quote } from './shell-quote.ts';

/** sh text that prints what is at a URL, with curl or wget; its status tells whether that worked. */
export function printUrl(url: string, validateCerts: boolean): string {
  const [curl, wget] = validateCerts ? ['', ''] : [' -k', ' --no-check-certificate'];
  return `if command -v curl >/dev/null 2>&1; then curl -fsSL${curl} --connect-timeout 20 --max-time 120 -- ${quote(url)}; elif command -v wget >/dev/null 2>&1; then wget -qO -${wget} -- ${quote(url)}; else echo 'this host has neither curl nor wget' >&2; false; fi`;
}

/** sh text that turns its input into base64 on one line, with what is there. */
export const toBase64 =
  "{ if command -v base64 >/dev/null 2>&1; then base64 | tr -d '\\n'; else openssl base64 -A; fi; }";
