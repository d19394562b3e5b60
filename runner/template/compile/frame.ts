import type { V } from '../../python/object.ts';
import { Undefined, UnsafeText } from '../../value.ts';
import type { Run } from '../run.ts';

/** Local names of a template: those of a loop, macro, `with` or the template itself. Variables are behind them all. */
export class Frame {
  readonly run: Run;
  readonly parent: Frame | undefined;
  /** The blocks of a template and those it extends, innermost first; only set on a template's own frame. */
  readonly template: TemplateState;
  /** The first two names, which is all that most loops have: found faster than in a Map. */
  #first: string | undefined;
  #firstValue: V = null;
  #second: string | undefined;
  #secondValue: V = null;
  /** All further names. */
  #values: Map<string, V> | undefined;

  constructor(run: Run, parent: Frame | undefined, template: TemplateState) {
    this.run = run;
    this.parent = parent;
    this.template = template;
  }

  child(): Frame {
    return new Frame(this.run, this, this.template);
  }

  set(name: string, value: V): void {
    if (this.#first === undefined || this.#first === name) {
      this.#first = name;
      this.#firstValue = value;
    } else if (this.#second === undefined || this.#second === name) {
      this.#second = name;
      this.#secondValue = value;
    } else {
      this.#values ??= new Map();
      this.#values.set(name, value);
    }
  }

  /** The local value of a name, if it has one. */
  local(name: string): V | undefined {
    for (let frame: Frame | undefined = this; frame; frame = frame.parent) {
      if (frame.#first === undefined) continue;
      if (frame.#first === name) return frame.#firstValue;
      if (frame.#second === name) return frame.#secondValue;
      const value = frame.#values?.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** The names set in this very frame. */
  own(): ReadonlyMap<string, V> {
    return this.#addTo(new Map());
  }

  /** All local names seen from here. */
  locals(): Map<string, V> {
    return this.#addTo(this.parent?.locals() ?? new Map());
  }

  #addTo(names: Map<string, V>): Map<string, V> {
    if (this.#first !== undefined) names.set(this.#first, this.#firstValue);
    if (this.#second !== undefined) names.set(this.#second, this.#secondValue);
    for (const [name, value] of this.#values ?? []) names.set(name, value);
    return names;
  }
}

/** How one part of a template runs: prints to `out`, tells whether a loop is to be left or goes on. */
export type Exec = (frame: Frame, out: V[]) => Signal;
export type Eval = (frame: Frame) => V;
/** What prints by itself instead of having a value. */
export interface Printer {
  readonly print: (frame: Frame, out: V[]) => void;
}

/** 0 go on, 1 break, 2 continue. */
export type Signal = 0 | 1 | 2;

/** A template's body or one of its blocks, and the file that it was written in (undefined for a text in a YAML file). */
export interface FileBody {
  readonly run: Exec;
  readonly file: string | undefined;
}

/** What belongs to one rendering of a template with its parents. */
export interface TemplateState {
  /** For every block the bodies that define it, the most derived first. */
  readonly blocks: Map<string, FileBody[]>;
  /** Set by `extends`: what is rendered instead of the rest. */
  parent: FileBody | undefined;
  /** The files that extend each other, this rendering's own first; undefined while there is but one. */
  chain: readonly (string | undefined)[] | undefined;
  /** The file of what is being rendered: a parent's, while that is. */
  file: string | undefined;
}

/** Runs a body that another file of the chain may have; what fails in it has its place there. */
export function runBody(body: FileBody, frame: Frame, out: V[]): Signal {
  const { template } = frame;
  const before = template.file;
  template.file = body.file;
  const signal = body.run(frame, out);
  template.file = before;
  return signal;
}

/** A variable or a global of the templating language; Undefined when there is neither. */
export function resolveGlobal(name: string, run: Run): V {
  const value = run.context.scope.get(name);
  if (value !== undefined) return value instanceof UnsafeText ? value.text : value;
  return run.registry.global(name) ?? new Undefined(`'${name}' is undefined`);
}
