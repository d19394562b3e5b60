import { connect, createServer, type Socket } from 'node:net';

/** What a hook says of bytes: pass them on, break the way without them, or keep them for {@link TestProxy.deliver} while the client is told that the way broke. */
export type Verdict = 'pass' | 'break' | 'keep';

/** A way to a server of this machine that a test can break. */
export interface TestProxy {
  readonly port: number;
  /** Asked about what the client sends. */
  onRequest: (bytes: Buffer) => Verdict;
  /** Asked about what the server sends. */
  onAnswer: (bytes: Buffer) => Verdict;
  /** Asked for each connection: whether it is taken. */
  onConnection: () => boolean;
  /** Breaks all connections; both ends are told. */
  cut(): void;
  /** Stops passing anything on, without a word. */
  freeze(): void;
  /** Hands on what was kept, waits for the server's answer, and until it has closed that connection. */
  deliver(): Promise<void>;
  stop(): void;
}

/** Starts a proxy in front of a port. */
export async function startProxy(target: number): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  let kept: { upstream: Socket; bytes: Buffer } | undefined;
  const server = createServer((client) => {
    if (!proxy.onConnection()) return void client.destroy();
    const upstream = connect(target, '127.0.0.1');
    const destroy = () => {
      client.destroy();
      upstream.destroy();
    };
    const pass = (from: Socket, to: Socket, verdict: (bytes: Buffer) => Verdict) => {
      sockets.add(from);
      from.on('error', destroy).on('close', () => {
        sockets.delete(from);
        if (kept?.upstream !== to && kept?.upstream !== from) destroy();
      });
      from.on('data', (bytes: Buffer) => {
        const said = verdict(bytes);
        if (said === 'pass') return void to.write(bytes);
        if (said === 'break') return destroy();
        kept = { upstream, bytes };
        client.destroy();
      });
    };
    pass(client, upstream, (bytes) => proxy.onRequest(bytes));
    pass(upstream, client, (bytes) => proxy.onAnswer(bytes));
  });
  const port = await new Promise<number>((resolve) => {
    server.listen(0, '127.0.0.1', () => resolve((server.address() as { port: number }).port));
  });
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  const proxy: TestProxy = {
    port,
    onRequest: () => 'pass',
    onAnswer: () => 'pass',
    onConnection: () => true,
    cut,
    freeze: () => {
      for (const socket of sockets) socket.removeAllListeners('data').pause();
    },
    deliver: async () => {
      const { upstream, bytes } = kept!;
      const answered = new Promise((resolve) => upstream.once('data', resolve));
      upstream.write(bytes);
      await answered;
      const closed = new Promise((resolve) => upstream.once('close', resolve));
      upstream.end();
      await closed;
    },
    stop: () => {
      cut();
      server.close();
    },
  };
  return proxy;
}
