import type { ControllerEffects } from '../module/contract.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping } from '../value.ts';
import type { Engine } from './engine.ts';
import { censoredItem } from './outcome.ts';

/** For whom a module's effects are. */
export interface EffectTarget {
  readonly host: string;
  /** All hosts that variables are set for. */
  readonly hosts: readonly string[];
  readonly delegate: string | undefined;
  readonly delegateFacts: boolean;
  /** Whether nobody is to see what the task did: statistics that it gives are shown as hidden. */
  readonly noLog: boolean;
  /** Gets what is registered beside: ansible_facts, add_host … */
  readonly result: Mapping;
}

/** Carries out what a module asked of the engine beside the inventory: variables, facts, statistics. */
export function applyEffects(engine: Engine, effects: ControllerEffects, target: EffectTarget): void {
  const hosts = target.delegate !== undefined && target.delegateFacts ? [target.delegate] : target.hosts;
  if (effects.gatheredFacts) {
    for (const host of hosts) engine.store.setFacts(host, effects.gatheredFacts);
  }
  if (effects.facts) {
    for (const host of hosts) engine.store.setHostVariables(host, effects.facts);
    target.result.ansible_facts = effects.facts;
  }
  if (effects.includedVariables) {
    for (const host of hosts) engine.store.setIncludedVariables(host, effects.includedVariables);
    target.result.ansible_facts = effects.includedVariables;
  }
  if (effects.stats) addStats(engine.customStats, effects.stats, target);
}

/** Puts hosts into the inventory, and `hosts` into a group, where a module asked for it; tells whether anything of it was new. */
export function changeInventory(
  engine: Engine,
  { addHost, groupBy }: ControllerEffects,
  hosts: readonly string[],
): boolean {
  let changed = addHost !== undefined && engine.inventory.addHost(addHost.name, addHost.groups, addHost.variables);
  for (const host of groupBy ? hosts : []) {
    if (engine.inventory.addToGroup(host, groupBy!.group, groupBy!.parents)) changed = true;
  }
  return changed;
}

function addStats(custom: Mapping, stats: NonNullable<ControllerEffects['stats']>, target: EffectTarget): void {
  const owner = stats.perHost ? target.host : '_run';
  const known = (isMapping(custom[owner]) ? custom[owner] : {}) as Mapping;
  for (const [name, value] of Object.entries(stats.data)) {
    const hidden = target.noLog || known[name] === censoredItem;
    known[name] = hidden ? censoredItem : stats.aggregate ? aggregate(known[name], value) : value;
  }
  custom[owner] = known;
}

function aggregate(before: Value | undefined, value: Value): Value {
  if (typeof before === 'number' && typeof value === 'number') return before + value;
  if (typeof before === 'string' && typeof value === 'string') return before + value;
  if (Array.isArray(before) && Array.isArray(value)) return [...before, ...value];
  if (isMapping(before) && isMapping(value)) return { ...before, ...value };
  return value;
}
