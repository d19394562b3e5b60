import type { Mapping } from '../value.ts';
import { mapping } from '../value.ts';
import { isConnectionVariable } from './connection-names.ts';

/** What is known of a host: its facts, and the variables that they become. */
export interface HostFacts {
  /** What `ansible_facts` holds. */
  readonly facts: Mapping;
  /** `ansible_facts`, and each fact by its own name. */
  readonly variables: Mapping;
}

export const noFacts: HostFacts = { facts: mapping(), variables: mapping([['ansible_facts', mapping()]]) };

/** Known facts with further ones, which win. Each is named as the variable that it becomes. */
export function addFacts(known: HostFacts, added: Mapping): HostFacts {
  const facts = mapping(Object.entries(known.facts));
  const variables = mapping(Object.entries(known.variables));
  variables.ansible_facts = facts;
  for (const [name, value] of Object.entries(added)) {
    facts[factName(name)] = value;
    // A host must not be able to say how and as whom the controller talks to it.
    if (!isConnectionVariable(name)) variables[name] = value;
  }
  return { facts, variables };
}

/** The name of a fact in `ansible_facts`: without the prefix, but for the facts of the host's own files. */
function factName(variable: string): string {
  return variable === 'ansible_local' ? variable : variable.replace(/^ansible_/, '');
}
