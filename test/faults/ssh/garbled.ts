import type { Socket } from 'node:net';
import type { Random } from '../random.ts';

/** Makes a socket cut its stream, or change a byte of it, after so many bytes that are written to it. */
export function garbled(socket: Socket, how: 'cut' | 'garbled', random: Random, after: number): void {
  const write = socket._write.bind(socket);
  let left = after;
  const disturb = (chunk: Buffer): Buffer | undefined => {
    left -= chunk.length;
    if (left > 0) return chunk;
    left = Number.POSITIVE_INFINITY;
    if (how === 'cut') return undefined;
    const copy = Buffer.from(chunk);
    copy[random.below(copy.length)] = random.below(256);
    return copy;
  };
  // Without it every chunk goes through _write.
  Object.assign(socket, { _writev: null });
  socket._write = (chunk, encoding, done) => {
    const bytes = disturb(Buffer.isBuffer(chunk) ? chunk : Buffer.from(chunk as string, encoding as BufferEncoding));
    if (bytes) return write(bytes, 'buffer' as BufferEncoding, done);
    socket.destroy();
    done();
  };
}
