import { readFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

/*
 * What the SSH library does when it is loaded and a run hardly ever needs: its HTTP agents, server and key generator, with
 * Node's http, https and tls; and a WebAssembly machine with 16 MiB of memory for one cipher that others go before.
 */

/** The library's own index, with each part loaded when it is first asked for. */
const index = `
const agent = () => require('./agent.js');
module.exports = {
  get BaseAgent() { return agent().BaseAgent; },
  get createAgent() { return agent().createAgent; },
  get Client() { return require('./client.js'); },
  utils: {
    get parseKey() { return require('./protocol/keyParser.js').parseKey; },
  },
};
`;

/**
 * Poly1305 as the library's file makes it, but started by the first packet that it is needed for: nothing is awaited then,
 * so the machine is made from its code (eight kilobytes) in one go. The library reads the result from the place that
 * \`_malloc\` said, in the memory of \`HEAPU8\`.
 */
const startLater = `
const create = module.exports;
module.exports = async () => {
  const HEAPU8 = new Uint8Array(16);
  let authenticate;
  const start = (name, result, types) => {
    const machine = {
      instantiateWasm(imports, receive) {
        const code = new WebAssembly.Module(Buffer.from(machineCode, 'base64'));
        const instance = new WebAssembly.Instance(code, imports);
        receive(instance);
        return instance.exports;
      },
    };
    create(machine);
    const call = machine.cwrap(name, result, types);
    const place = machine._malloc(HEAPU8.length);
    return (...values) => {
      call(place, ...values);
      HEAPU8.set(machine.HEAPU8.subarray(place, place + HEAPU8.length));
    };
  };
  return {
    HEAPU8,
    _malloc: () => 0,
    cwrap: (name, result, types) => (_place, ...values) => {
      authenticate ??= start(name, result, types);
      authenticate(...values);
    },
  };
};
`;

/** Has the bundle load of the SSH library only what a run uses, when it uses it. */
export const ssh2Parts: Plugin = {
  name: 'ssh2-parts',
  setup(build) {
    build.onLoad({ filter: /[\\/]ssh2[\\/]lib[\\/]index\.js$/ }, () => ({ contents: index }));
    build.onLoad({ filter: /[\\/]ssh2[\\/]lib[\\/]protocol[\\/]crypto[\\/]poly1305\.js$/ }, ({ path }) => {
      const text = readFileSync(path, 'utf8');
      const code = /octet-stream;base64,([A-Za-z0-9+/=]+)"/.exec(text)?.[1];
      if (code === undefined) throw new Error(`${path} holds no machine any more`);
      // Taken out of its own place, where nobody looks for it when an instance is given.
      return { contents: `${text.replace(code, '')}\nconst machineCode = '${code}';\n${startLater}` };
    });
  },
};
