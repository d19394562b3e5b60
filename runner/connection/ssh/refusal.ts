/** Reasons for which a server opens no channel (RFC 4254, 5.1), in OpenSSH's words. */
const reasons: Readonly<Record<number, string>> = {
  1: 'administratively prohibited',
  2: 'connect failed',
  3: 'unknown channel type',
  4: 'resource shortage',
};

/** Why a server opened no channel: the reason that it gave by number, and its own words. */
export function channelRefusal(error: Error & { reason?: unknown }): string {
  const reason = typeof error.reason === 'number' ? reasons[error.reason] : undefined;
  const said = printable(error.message.replace(/^\(SSH\) Channel open failure: /, ''));
  return [reason, said].filter(Boolean).join(': ') || 'it gave no reason';
}

/** A server's words in a message: one line without control characters, and no longer than a line. */
export function printable(text: string): string {
  return text
    .replace(/[^\x20-\x7e]+/g, ' ')
    .trim()
    .slice(0, 300);
}
