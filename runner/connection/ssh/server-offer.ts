/** What a server offers, as its first packet lists it (RFC 4253, 7.1). */
export interface ServerOffer {
  readonly kex: string;
  readonly serverHostKey: string;
  readonly cipher: string;
  readonly hmac: string;
}

/** Bytes of a server's beginning that are kept for messages. */
const limit = 16 * 1024;
const keyExchangeInit = 20;

/** The first bytes that a server sent: its greeting, and what it offers. */
export class ServerBeginning {
  #bytes = Buffer.alloc(0);

  /** Takes what arrives; true while more is of use. */
  add(chunk: Buffer): boolean {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    return this.#bytes.length < limit;
  }

  /** What a server that is none, or that hangs up before it says its version, had to say; empty where it said its version. */
  get greeting(): string {
    const text = this.#bytes.subarray(0, 4096).toString('latin1');
    return text.includes('SSH-') ? '' : text;
  }

  /** The lists of algorithms; undefined where they have not come, or are not understood. */
  get offer(): ServerOffer | undefined {
    const start = this.#bytes.indexOf('SSH-');
    const end = this.#bytes.indexOf('\n', start);
    if (start < 0 || end < 0) return undefined;
    const packet = this.#bytes.subarray(end + 1);
    // length (4), padding length (1), type (1), cookie (16), then the lists.
    if (packet.length < 22 || packet[5] !== keyExchangeInit || packet.length < 4 + packet.readUInt32BE(0))
      return undefined;
    const lists = nameLists(packet.subarray(22), 5);
    if (!lists) return undefined;
    const [kex = '', serverHostKey = '', cipher = '', , hmac = ''] = lists;
    return { kex, serverHostKey, cipher, hmac };
  }
}

function nameLists(bytes: Buffer, count: number): string[] | undefined {
  const lists: string[] = [];
  let at = 0;
  while (lists.length < count) {
    if (at + 4 > bytes.length) return undefined;
    const end = at + 4 + bytes.readUInt32BE(at);
    if (end > bytes.length) return undefined;
    lists.push(bytes.toString('latin1', at + 4, end));
    at = end;
  }
  return lists;
}
