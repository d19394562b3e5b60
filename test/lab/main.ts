import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { down, isUp, reset, start, status, stop, up } from './lab.ts';
import { isLocked, locked, passThrough } from './locked.ts';
import { takeKubernetes } from './releases.ts';
import { network, pickHosts } from './settings.ts';
import { insideNamespace } from './shell.ts';

const help = `The lab: real hosts on this machine, for kplay to work on. Needs root and Debian 12.

  npm run lab -- up                   make what is missing and start all hosts
  npm run lab -- up --kubernetes 1.37  the same, with packages and images of that version (1.20, 1.36, 1.37; more than
                                      once for several; reset and start take it too) in place of 1.20's
  npm run lab -- down [--purge]       stop everything; --purge removes the cache and the hosts' files too
  npm run lab -- status               what stands (exit code 1 unless all of it does)
  npm run lab -- run COMMAND…         run a command inside the lab's network
  npm run lab -- reset [HOST…]        bare hosts again
  npm run lab -- stop [--hard] HOST…  stop hosts (--hard: as if the power went)
  npm run lab -- start HOST…          start them again
  npm run demo                        build a cluster on it
  npm run lab -- targets [NAME…]      make and start the unusual targets, which have a folder and a network of their own
  npm run targets                     run the battery on them (npm run targets -- help)
`;

/** Prints a line about progress. */
function say(text: string): void {
  process.stderr.write(`lab: ${text}\n`);
}

/** Commands that change the lab; one at a time. */
const changing: Readonly<Record<string, (args: readonly string[]) => Promise<void>>> = {
  up: (args) => up(takeKubernetes(args).offer, say),
  down: (args) => down(args.includes('--purge')),
  reset: (args) => {
    const { offer, rest } = takeKubernetes(args);
    return reset(pickHosts(rest), offer, say);
  },
  start: (args) => {
    const { offer, rest } = takeKubernetes(args);
    return start(pickHosts(named(rest)), offer, say);
  },
  stop: (args) => stop(pickHosts(named(args.filter((word) => word !== '--hard'))), !args.includes('--hard')),
};

function named(args: readonly string[]): readonly string[] {
  if (args.length === 0) throw new Error('name the hosts');
  return args;
}

async function main(command: string | undefined, args: readonly string[]): Promise<number> {
  if (command === 'run') return runInside(args);
  if (command === 'targets') return targets(['up', ...args]);
  if (command === 'status') {
    process.stdout.write(`${status().join('\n')}\n`);
    return isUp() ? 0 : 1;
  }
  if (command === 'demo') {
    // Loaded only for this: the demonstration runs kplay itself.
    const file = path.join(path.dirname(fileURLToPath(import.meta.url)), 'demo.js');
    const { demo } = (await import(file)) as { demo(args: readonly string[]): Promise<number> };
    return demo(args);
  }
  const action = command === undefined ? undefined : changing[command];
  if (action === undefined) {
    process.stderr.write(help);
    return command === undefined || command === 'help' || command === '--help' ? 0 : 2;
  }
  if (!isLocked) return locked(fileURLToPath(import.meta.url), [command!, ...args]);
  // Not the caller's: hosts and builds have users of their own, who must be able to read.
  process.umask(0o022);
  await action(args);
  return 0;
}

/** A program of its own: it works on another folder than the lab's. */
function targets(words: readonly string[]): Promise<number> {
  const file = path.join(path.dirname(fileURLToPath(import.meta.url)), 'targets', 'main.js');
  return passThrough(process.execPath, [file, ...words], process.env);
}

function runInside(args: readonly string[]): Promise<number> {
  if (args.length === 0) throw new Error('name a command');
  if (!existsSync(`/run/netns/${network.namespace}`)) throw new Error('the lab is not up: npm run lab -- up');
  const [enter, ...rest] = insideNamespace;
  return passThrough(enter!, [...rest, ...args], process.env);
}

try {
  process.exitCode = await main(process.argv[2], process.argv.slice(3));
} catch (error) {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
