import type { Mapping } from '../value.ts';
import { mapping } from '../value.ts';
import { isConnectionVariable } from './connection-names.ts';

/** What is known of a host: its facts, and the variables that they become. */
export interface HostFacts {
  /** Without the prefix `ansible_`. */
  readonly facts: Mapping;
  /** `ansible_facts`, and each fact as `ansible_NAME`. */
  readonly variables: Mapping;
}

export const noFacts: HostFacts = makeFacts(mapping());

/** Known facts with further ones, which win. */
export function addFacts(known: HostFacts, added: Mapping): HostFacts {
  const facts = mapping(Object.entries(known.facts));
  for (const [name, value] of Object.entries(added)) {
    facts[name.startsWith('ansible_') ? name.slice('ansible_'.length) : name] = value;
  }
  return makeFacts(facts);
}

function makeFacts(facts: Mapping): HostFacts {
  const variables = mapping([['ansible_facts', facts]]);
  for (const [name, value] of Object.entries(facts)) {
    const variable = /^(facter|ohai)_|^(module_setup|gather_subset)$/.test(name) ? name : `ansible_${name}`;
    // A host must not be able to say how and as whom the controller talks to it.
    if (!isConnectionVariable(variable)) variables[variable] = value;
  }
  return { facts, variables };
}
