import { createSocket } from 'node:dgram';

/**
 * Answers every DNS question on the address with "no such name", at once. Hosts without any name server wait for seconds
 * at each look-up (kubeadm makes several), which an offline site with a name server of its own does not.
 */
export function serveNoNames(address: string): void {
  const socket = createSocket('udp4');
  socket.on('message', (query, from) => {
    const reply = noSuchName(query);
    if (reply !== undefined) socket.send(reply, from.port, from.address);
  });
  socket.bind(53, address);
}

/** The answer NXDOMAIN to a DNS query: its header and first question again. Undefined for what is no query. */
export function noSuchName(query: Buffer): Buffer | undefined {
  const headerLength = 12;
  if (query.length < headerLength || (query[2]! & 0x80) !== 0 || query.readUInt16BE(4) !== 1) return undefined;
  const end = questionEnd(query, headerLength);
  if (end === undefined) return undefined;
  const reply = Buffer.from(query.subarray(0, end));
  // Response, the query's opcode and "recursion desired" kept; recursion available, name error.
  reply[2] = 0x80 | (query[2]! & 0x79);
  reply[3] = 0x83;
  // One question and nothing else: what the query appended (EDNS) is left out.
  reply.fill(0, 6, headerLength);
  return reply;
}

/** Where the question that starts at `start` ends: after its labels, type and class. */
function questionEnd(query: Buffer, start: number): number | undefined {
  let at = start;
  while (at < query.length) {
    const length = query[at]!;
    if (length === 0) return at + 5 <= query.length ? at + 5 : undefined;
    if (length > 63) return undefined;
    at += length + 1;
  }
  return undefined;
}
