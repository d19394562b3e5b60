import { connect } from 'node:net';
import { fieldAt } from './wire.ts';

const requestIdentities = 11;
const identitiesAnswer = 12;
const limitMilliseconds = 2000;

/** The types of the keys that an agent holds, those too that the SSH library leaves out; empty where it does not answer. */
export function agentKeyTypes(socketPath: string): Promise<string[]> {
  return new Promise((resolve) => {
    let bytes = Buffer.alloc(0);
    const socket = connect(socketPath);
    const finish = (types: string[]) => {
      clearTimeout(timer);
      socket.destroy();
      resolve(types);
    };
    const timer = setTimeout(() => finish([]), limitMilliseconds);
    socket.on('error', () => finish([]));
    socket.on('close', () => finish([]));
    socket.on('data', (chunk) => {
      bytes = Buffer.concat([bytes, chunk]);
      if (bytes.length >= 4 && bytes.length >= 4 + bytes.readUInt32BE(0)) finish(typesOf(bytes.subarray(4)));
    });
    socket.write(Buffer.from([0, 0, 0, 1, requestIdentities]));
  });
}

function typesOf(answer: Buffer): string[] {
  const types: string[] = [];
  if (answer[0] !== identitiesAnswer) return types;
  // How many there are, then each with its comment.
  let at = 5;
  for (let key = fieldAt(answer, at); key; key = fieldAt(answer, at)) {
    types.push(fieldAt(key, 0)?.toString('latin1') ?? '');
    at += 4 + key.length;
    at += 4 + (fieldAt(answer, at)?.length ?? 0);
  }
  return types;
}
