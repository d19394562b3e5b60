import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { OpenSshTransport } from '../../runner/connection/openssh/transport.ts';
import { SessionRefused } from '../../runner/connection/spread-transport.ts';
import { temporaryDirectory } from '../temporary.ts';

/** A transport whose client is a script: what it does in place of taking part in the connection. `-O check` succeeds. */
function transportWith(t: ExecutionContext, script: string): OpenSshTransport {
  const client = join(temporaryDirectory('kplay-client'), 'ssh');
  writeFileSync(client, `#!/bin/sh\ncase " $* " in *' -O check '*) exit 0 ;; esac\n${script}\n`, { mode: 0o755 });
  const { env } = process;
  const transport = new OpenSshTransport({
    client,
    path: '/no/s',
    host: 'h',
    channelWords: [],
    environment: env,
    master: undefined,
  });
  t.teardown(() => transport.close());
  return transport;
}

// OpenSSH 9.2's own words; after them it tries a way of its own, which ProxyCommand=false ends.
const refused: readonly (readonly [words: string, reason: string])[] = [
  // tinysshd was just closing the connection: the master took the client, and ended before it greeted it.
  ['muxclient: master hello exchange failed', 'master hello exchange failed'],
  ['mux_client_request_session: session request failed: Session open refused by peer', 'Session open refused by peer'],
  ['mux_client_request_session: read from master failed: Broken pipe', 'read from master failed: Broken pipe'],
  ['mux_client_hello_exchange: write packet: Broken pipe', 'write packet: Broken pipe'],
  ['mm_send_fd: sendmsg(2): Broken pipe', 'sendmsg(2): Broken pipe'],
  ['Master refused session request: Permission denied', 'Permission denied'],
  ['Control socket connect(/no/s): Connection refused', 'Connection refused'],
];

for (const [words, reason] of refused) {
  test(`a client that is not let in is a refused session: ${words}`, async (t) => {
    const end = 'sleep 0.2; echo "kex_exchange_identification: Connection closed by remote host" >&2; exit 255';
    const transport = transportWith(t, `printf '%s\\r\\n' '${words}' >&2; ${end}`);
    const error = await t.throwsAsync(transport.openChannel('true'), { instanceOf: SessionRefused });
    t.is(error.message, `h refuses another session: ${reason}; Connection closed by remote host`);
  });
}

test('what a login says on standard error is no refusal', async (t) => {
  const channel = await transportWith(t, "echo 'Master of ceremonies: welcome' >&2; echo ready; cat").openChannel(
    'true',
  );
  t.regex(String(await new Promise((resolve) => channel.stdout.once('data', resolve))), /ready/);
  channel.destroy();
});
