const fs = require('node:fs') as typeof import('node:fs');
const tty = require('node:tty') as typeof import('node:tty');
const { workerData } = require('node:worker_threads') as typeof import('node:worker_threads');

/*
 * Runs in a thread of its own, which hears signals while the main thread computes. Node hands signals out in the event
 * loop of the main thread only; libuv below it serves every loop, so its own binding for them is used. That the binding
 * may be missing in some Node is told through `state`.
 */

/** The counters that both threads see; interrupt.ts tells what each is for. */
const counters = workerData as Int32Array;
const [heardThere, heardHere, noticed, state] = [0, 1, 2, 3];
const [listening, unable] = [1, 2];
/** SIGHUP, SIGINT, SIGTERM: the same numbers on every system that kplay runs on. */
const signals = [1, 2, 15];
/** Milliseconds that the main thread has for taking notice of the first signal, and of the second. */
const patience = 1000;
const lastPatience = 200;
/** Milliseconds between looks at a main thread that may only have had no processor, and looks after which it is known to wait. */
const lookAgain = 50;
const looksAsleep = 4;

interface Signal {
  onsignal: () => void;
  start(number: number): number;
}

/** Hears signals from now on. Throws where Node has no such binding. */
function start(): void {
  const internals = require('internal/test/binding') as {
    internalBinding(name: string): { readonly Signal: new () => Signal };
  };
  const { Signal } = internals.internalBinding('signal_wrap');
  Atomics.store(counters, heardHere, Atomics.load(counters, heardThere));
  for (const number of signals) {
    const signal = new Signal();
    signal.onsignal = hear;
    if (signal.start(number) !== 0) throw new Error(`signal ${number} cannot be heard`);
  }
}

function hear(): void {
  const count = Atomics.add(counters, heardHere, 1) + 1;
  const began = usedByMain()?.milliseconds ?? 0;
  const isNoticed = () => Atomics.load(counters, noticed) >= count;
  if (count > 1) setTimeout(() => isNoticed() || end(), lastPatience);
  else setTimeout(endUnlessNoticed, patience, isNoticed, began, 0);
}

/**
 * Ends the process, if the main thread has had its time. On a busy machine it may have had no processor meanwhile, and is
 * given one first, unless it waits for something.
 */
function endUnlessNoticed(isNoticed: () => boolean, began: number, asleep: number): void {
  if (isNoticed()) return;
  const main = usedByMain();
  const sleeps = main?.asleep ? asleep + 1 : 0;
  if (!main || sleeps === looksAsleep || main.milliseconds - began >= patience) end();
  else setTimeout(endUnlessNoticed, lookAgain, isNoticed, began, sleeps);
}

/** What the main thread does, and how much of a processor it has had (milliseconds); undefined where the system does not say. */
function usedByMain(): { readonly asleep: boolean; readonly milliseconds: number } | undefined {
  try {
    const words = fs
      .readFileSync(`/proc/self/task/${process.pid}/stat`, 'latin1')
      .replace(/^.*\) /s, '')
      .split(' ');
    // In hundredths of a second, on every Linux.
    return { asleep: words[0] !== 'R', milliseconds: (Number(words[11]) + Number(words[12])) * 10 };
  } catch {
    return undefined;
  }
}

/** Ends the process, since its main thread cannot do so itself. What runs on hosts ends with its connection. */
function end(): void {
  // The live view hides the cursor. Written without waiting: who reads may be stuck as well.
  if (tty.isatty(1)) fs.write(1, '\u001b[?25h\n', () => {});
  fs.write(2, 'kplay: ended in the middle of a computation that cannot be interrupted.\n', () => {});
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), 50);
}

try {
  start();
  Atomics.store(counters, state, listening);
} catch {
  Atomics.store(counters, state, unable);
}
