import type { Socket } from 'node:net';

/**
 * Makes a socket send what is written to it in one turn of the event loop with one system call. The SSH library writes a
 * packet in three parts (length, content, checksum), each of which would be a call, a packet and a wake-up of the host.
 */
export function writeTogether(socket: Socket): void {
  const write = socket.write.bind(socket) as (...parameters: unknown[]) => boolean;
  let waiting = false;
  const later = () => {
    waiting = false;
    socket.uncork();
  };
  socket.write = ((...parameters: unknown[]) => {
    if (!waiting) {
      waiting = true;
      socket.cork();
      process.nextTick(later);
    }
    return write(...parameters);
  }) as Socket['write'];
}
