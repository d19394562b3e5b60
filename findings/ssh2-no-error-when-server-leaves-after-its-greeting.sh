#!/bin/sh
# ssh2 1.17.0 (npm), Node.js 20.19 or newer: a server that sends its identification line and then closes the connection, as sshd
# does when it cannot start a session process or is stopped at that moment.
#
# Expected: the event "error", as when the server closes one moment earlier ("Connection lost before handshake").
# Seen: no "error" and no "timeout", though readyTimeout is set: only "end" and "close".
#
# Why kplay minds: a program that waits for "ready" or "error" waits for ever for such a host. kplay waits for "close" too.
#
# Needs node and npm. Works in a temporary directory; client and server are on the loopback interface.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
npm install --silent --no-audit --no-fund --no-save --ignore-scripts --prefix "$work" ssh2@1.17.0

cat >events.cjs <<'SCRIPT'
const net = require('node:net');
const { Client } = require('ssh2');

const events = (greeting) =>
  new Promise((resolve) => {
    const server = net.createServer((socket) => {
      socket.on('error', () => {});
      if (greeting) socket.write(greeting);
      setTimeout(() => socket.end(), 100);
    });
    server.listen(0, '127.0.0.1', () => {
      const seen = [];
      const client = new Client();
      for (const name of ['ready', 'error', 'timeout', 'end', 'close']) client.on(name, () => seen.push(name));
      client.connect({ host: '127.0.0.1', port: server.address().port, username: 'a', password: 'b', readyTimeout: 1500 });
      setTimeout(() => {
        server.close();
        resolve(seen.join(' '));
      }, 3000);
    });
  });

(async () => {
  console.log(`before its greeting: ${await events('')}`);
  console.log(`after its greeting: ${await events('SSH-2.0-OpenSSH_9.2p1\r\n')}`);
})();
SCRIPT
node events.cjs | tee output
grep -qx 'before its greeting: error end close' output || { echo "CHANGED: a server that says nothing"; exit 1; }
grep -qx 'after its greeting: end close' output || { echo "CHANGED: a server that leaves after its greeting"; exit 1; }
echo "as described: no error"
