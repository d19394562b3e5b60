import { KplayError } from './errors.ts';

/*
 * Templates are computed on the one thread that also hears signals: while it computes, it hears of none. So whatever
 * loops over what a user wrote counts its steps here, and every so many of them somebody is asked whether to go on.
 * A module of its own state, since a process has one such thread, and since steps are counted far below what a run knows of.
 */

/** Who finds out, while this thread computes, whether it is to stop. */
export interface Listener {
  /**
   * The thread has computed for long, or (`countsSteps` false) is about to do what nobody can look into: signals are to
   * be heard by somebody else.
   */
  listen(countsSteps: boolean): void;
  /** Whether what is computed is to be given up. */
  interrupted(): boolean;
}

const stepsBetweenLooks = 2000;
/** Milliseconds without a turn of the event loop after which it is given one where that is possible. */
const long = 50;
/** Milliseconds after which somebody else is to hear signals: the thread that does takes as long as some short runs to start. */
const veryLong = 300;

let listener: Listener | undefined;
let stepsLeft = stepsBetweenLooks;
/** When the first look since the last turn of the event loop was taken. */
let since: number | undefined;

/** Names who is asked from now on; undefined for nobody, so that nothing is ever given up. */
export function setListener(next: Listener | undefined): void {
  listener = next;
}

/** Counts steps of a computation; costs next to nothing. Throws KplayError (`interrupted`) when it is to be given up. */
export function countSteps(steps = 1): void {
  stepsLeft -= steps;
  if (stepsLeft < 0) look();
}

function look(): void {
  stepsLeft = stepsBetweenLooks;
  if (!listener) return;
  if (listener.interrupted()) throw interruption();
  if (computesLongerThan(veryLong)) listener.listen(true);
}

/** Says that what comes now may take long and counts no steps: a regular expression, a hash, a big file. */
export function beforeLongCall(): void {
  listener?.listen(false);
}

/**
 * The same before a match of a regular expression, where it can be: repeats inside of repeats take time that grows
 * exponentially with the text, two repeats one after the other still with its square.
 */
export function beforeMatch(expression: RegExp, text: string): void {
  const { source } = expression;
  if (nestedRepeat.test(source) || (text.length > 10_000 && twoRepeats.test(source))) beforeLongCall();
}

const nestedRepeat = /[*+}][^(]*\)[*+{]|\\[1-9k]/;
const twoRepeats = /[*+}].*[*+}]/s;

/** Lets the event loop take a turn when it has waited for long. For loops that only wait for what is there already. */
export function letEventsIn(): Promise<void> | undefined {
  if (!computesLongerThan(long)) return undefined;
  return new Promise((resolve) => setImmediate(resolve));
}

/** The error that what is given up ends with. */
export function interruption(): KplayError {
  return new KplayError({ code: 'interrupted', message: 'interrupted' });
}

/** Whether an error says that what was computed has been given up. */
export function isInterruption(error: unknown): boolean {
  return error instanceof KplayError && error.problems[0]?.code === 'interrupted';
}

function computesLongerThan(limit: number): boolean {
  // Asked for each task, host and item, so by the clock that costs least, though it may be set.
  const now = Date.now();
  if (since !== undefined) return now - since > limit || now < since;
  since = now;
  setImmediate(() => {
    since = undefined;
  });
  return false;
}
