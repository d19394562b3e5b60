import type { HashBehaviour } from '../dicts.ts';
import type { HostFacts } from './facts.ts';
import { noFacts } from './facts.ts';
import { GrowingLayer } from './layer.ts';

/** What a run has found out about a host. */
export interface HostState {
  facts: HostFacts;
  readonly set: GrowingLayer;
  readonly included: GrowingLayer;
}

/** What a run has found out about its hosts. */
export class HostStates {
  readonly #states = new Map<string, HostState>();
  readonly #behaviour: HashBehaviour;

  constructor(behaviour: HashBehaviour) {
    this.#behaviour = behaviour;
  }

  /** A host's state; nothing is known of one that is asked for the first time. */
  of(host: string): HostState {
    let state = this.#states.get(host);
    if (!state) {
      state = { facts: noFacts, set: new GrowingLayer(true), included: new GrowingLayer(false, this.#behaviour) };
      this.#states.set(host, state);
    }
    return state;
  }
}
