import type { V } from '../../python/object.ts';
import { Undefined, UnsafeText } from '../../value.ts';
import type { Run } from '../run.ts';

const noValues: ReadonlyMap<string, V> = new Map();

/** Local names of a template: those of a loop, macro, `with` or the template itself. Variables are behind them all. */
export class Frame {
  readonly run: Run;
  readonly parent: Frame | undefined;
  /** Made when something is set; most templates set nothing. */
  #values: Map<string, V> | undefined;
  /** The blocks of a template and those it extends, innermost first; only set on a template's own frame. */
  readonly template: TemplateState;

  constructor(run: Run, parent: Frame | undefined, template: TemplateState) {
    this.run = run;
    this.parent = parent;
    this.template = template;
  }

  child(): Frame {
    return new Frame(this.run, this, this.template);
  }

  set(name: string, value: V): void {
    this.#values ??= new Map();
    this.#values.set(name, value);
  }

  /** The local value of a name, if it has one. */
  local(name: string): V | undefined {
    for (let frame: Frame | undefined = this; frame; frame = frame.parent) {
      const value = frame.#values?.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** The names set in this very frame. */
  own(): ReadonlyMap<string, V> {
    return this.#values ?? noValues;
  }

  /** All local names seen from here. */
  locals(): Map<string, V> {
    const result = this.parent?.locals() ?? new Map<string, V>();
    for (const [name, value] of this.#values ?? noValues) result.set(name, value);
    return result;
  }
}

/** How one part of a template runs: prints to `out`, tells whether a loop is to be left or goes on. */
export type Exec = (frame: Frame, out: V[]) => Signal;
export type Eval = (frame: Frame) => V;

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
