import { Undefined, UnsafeText } from '../../value.ts';
import type { V } from '../python/object.ts';
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

/** What belongs to one rendering of a template with its parents. */
export interface TemplateState {
  /** For every block the bodies that define it, the most derived first. */
  readonly blocks: Map<string, Exec[]>;
  /** Set by `extends`: what is rendered instead of the rest. */
  parent: Exec | undefined;
}

/** A variable or a global of the templating language; Undefined when there is neither. */
export function resolveGlobal(name: string, run: Run): V {
  const value = run.context.scope.get(name);
  if (value !== undefined) return value instanceof UnsafeText ? value.text : value;
  return run.registry.global(name) ?? new Undefined(`'${name}' is undefined`);
}
