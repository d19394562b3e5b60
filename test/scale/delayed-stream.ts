import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';

/** A socket whose bytes take a while in both directions, as on a long way; their order and number stay. */
export function delayed(socket: Socket, oneWayMilliseconds: number): Duplex {
  const later = (action: () => void): void => {
    setTimeout(action, oneWayMilliseconds);
  };
  const stream: Duplex = new Duplex({
    read() {},
    write(chunk: Buffer, _encoding, done) {
      later(() => {
        if (!socket.destroyed) socket.write(chunk);
      });
      done();
    },
    final(done) {
      later(() => socket.end());
      done();
    },
    destroy(error, done) {
      later(() => socket.destroy());
      done(error);
    },
  });
  socket.on('data', (chunk: Buffer) => later(() => stream.destroyed || stream.push(chunk)));
  socket.on('end', () => later(() => stream.destroyed || stream.push(null)));
  socket.on('close', () => later(() => stream.destroy()));
  socket.on('error', () => {});
  return stream;
}
