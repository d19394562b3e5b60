import { type HashBehaviour, joinValues } from '../dicts.ts';
import type { Position } from '../position.ts';
import { rememberPlace } from '../position.ts';
import { sameValues } from '../shared-values.ts';
import type { Mapping, Value } from '../value.ts';
import { mapping } from '../value.ts';
import type { Group, Inventory, InventoryHost } from './inventory.ts';
import { inventoryError } from './inventory-error.ts';
import { selectHosts } from './patterns.ts';

const localNames: readonly string[] = ['localhost', '127.0.0.1', '::1'];

/** Turns a glob into the test of a whole name. */
export type GlobCompiler = (glob: string) => (name: string) => boolean;

/** The inventory while it is read and while it is used: hosts and groups, and what follows from their relations. */
export class InventoryData implements Inventory {
  readonly hosts = new Map<string, InventoryHost>();
  readonly groups = new Map<string, Group>();
  readonly sources: string[] = [];
  readonly folders: string[] = [];
  /** What is read now; remembered with hosts that it names. */
  currentSource: string | undefined;
  readonly #all: Group;
  readonly #ungrouped: Group;
  readonly #glob: GlobCompiler;
  readonly #behaviour: HashBehaviour;
  readonly #implicit = new Map<string, InventoryHost>();
  readonly #depths = new Map<Group, number>();
  readonly #precedence = new Map<InventoryHost, readonly Group[]>();
  readonly #members = new Map<Group, readonly InventoryHost[]>();

  /** @param behaviour what becomes of a dict that is set where there is one */
  constructor(glob: GlobCompiler, behaviour: HashBehaviour) {
    this.#glob = glob;
    this.#behaviour = behaviour;
    this.#all = this.group('all');
    this.#ungrouped = this.group('ungrouped');
    this.addChild(this.#all, this.#ungrouped);
  }

  /** A group by name, made when it is new; `position` is where it is named. */
  group(name: string, position?: Position): Group {
    let group = this.groups.get(name);
    if (!group) {
      const relations = { children: new Set<Group>(), parents: new Set<Group>(), hosts: new Set<InventoryHost>() };
      group = { name, position, vars: mapping(), ...relations, priority: 1 };
      this.groups.set(name, group);
      this.#forget();
    }
    return group;
  }

  /** Puts a host, made when it is new, into a group. */
  place(name: string, group: Group, port?: number): InventoryHost {
    let host = this.hosts.get(name);
    if (!host) {
      host = makeHost(name, this.currentSource, false);
      this.hosts.set(name, host);
    }
    if (port !== undefined) host.vars.ansible_port = port;
    group.hosts.add(host);
    host.groups.add(group);
    this.#forget();
    return host;
  }

  /** Makes a group another's child. Throws KplayError when that would be a circle. */
  addChild(parent: Group, child: Group, position?: Position): void {
    if (parent === child || this.#descendants(child).includes(parent)) {
      throw inventoryError(
        `Adding group '${child.name}' as child to '${parent.name}' creates a recursive dependency loop.`,
        position,
      );
    }
    parent.children.add(child);
    child.parents.add(parent);
    this.#forget();
  }

  /** Sets a variable of a group; `ansible_group_priority` is no variable but the group's priority. */
  setGroupVariable(group: Group, name: string, value: Value, place?: Position, key?: Position): void {
    if (name === 'ansible_group_priority') {
      group.priority = groupPriority(group, value, place);
      this.#forget();
    } else this.setVariable(group.vars, name, value, place, key);
  }

  /** Sets a variable of a group or host and remembers where it was written. */
  setVariable(vars: Mapping, name: string, value: Value, place?: Position, key?: Position): void {
    vars[name] = this.#behaviour === 'merge' ? joinValues(vars[name], value) : value;
    if (place) rememberPlace(vars, name, place, key);
  }

  /** Puts groups without a parent below `all`, and hosts into `ungrouped` that are in no other group. */
  reconcile(): void {
    this.#reconcile(this.groups.values(), this.hosts.values());
  }

  /** The same for those that a change was about: a change per host must not cost a look at all hosts. */
  #reconcile(groups: Iterable<Group>, hosts: Iterable<InventoryHost>): void {
    for (const group of groups) {
      if (group !== this.#all && group.parents.size === 0) this.addChild(this.#all, group);
    }
    for (const host of hosts) {
      let own = 0;
      for (const group of host.groups) if (group !== this.#all && group !== this.#ungrouped) own++;
      if (own > 0 && host.groups.has(this.#ungrouped)) {
        host.groups.delete(this.#ungrouped);
        this.#ungrouped.hosts.delete(host);
      } else if (own === 0) {
        host.groups.add(this.#ungrouped);
        this.#ungrouped.hosts.add(host);
      }
    }
    this.#forget();
  }

  host(name: string): InventoryHost | undefined {
    const written = this.hosts.get(name);
    if (written || !localNames.includes(name)) return written;
    let host = this.#implicit.get(name);
    if (!host) {
      host = makeHost(name, undefined, true);
      host.vars.ansible_connection = 'local';
      this.#implicit.set(name, host);
    }
    return host;
  }

  groupNames(host: InventoryHost): readonly string[] {
    const names = this.groupsByPrecedence(host).map((group) => group.name);
    return names.filter((name) => name !== 'all').sort();
  }

  groupsByPrecedence(host: InventoryHost): readonly Group[] {
    let groups = this.#precedence.get(host);
    if (!groups) {
      const found = new Set<Group>([this.#all]);
      for (const group of host.groups) this.#addWithParents(group, found);
      groups = [...found].sort(
        (a, b) => this.#depth(a) - this.#depth(b) || a.priority - b.priority || (a.name < b.name ? -1 : 1),
      );
      this.#precedence.set(host, groups);
    }
    return groups;
  }

  hostsOf(group: Group): readonly InventoryHost[] {
    let hosts = this.#members.get(group);
    if (!hosts) {
      const found = new Set<InventoryHost>();
      for (const part of [group, ...this.#descendants(group)]) for (const host of part.hosts) found.add(host);
      hosts = [...found];
      this.#members.set(group, hosts);
    }
    return hosts;
  }

  match(
    pattern: string,
    options: { readonly limit?: string | undefined; readonly warn?: (text: string) => void } = {},
  ): readonly InventoryHost[] {
    const environment = { inventory: this, glob: this.#glob, warn: options.warn ?? (() => undefined) };
    const selected = selectHosts(pattern, environment, false);
    if (options.limit === undefined) return selected;
    const limited = new Set(selectHosts(options.limit, environment, true));
    if (limited.size === 0) {
      throw inventoryError(
        'Specified inventory, host pattern and/or --limit leaves us with no hosts to target.',
        undefined,
        `--limit was "${options.limit}".`,
      );
    }
    return selected.filter((host) => limited.has(host));
  }

  addHost(name: string, groups: readonly string[], vars: Mapping): boolean {
    const known = this.hosts.get(name);
    let changed = known === undefined;
    const host = this.place(name, this.#all);
    for (const group of groups) {
      if (!host.groups.has(this.group(group))) changed = true;
      this.place(name, this.group(group));
    }
    for (const [key, value] of Object.entries(vars)) {
      const before = host.added[key];
      this.setVariable(host.added, key, value);
      if (!sameValues(before, host.added[key])) changed = true;
    }
    const named = groups.map((group) => this.group(group));
    this.#reconcile(named, [host]);
    return changed;
  }

  addToGroup(hostName: string, groupName: string, parents: readonly string[]): boolean {
    const host = this.host(hostName);
    if (!host) return false;
    let changed = !this.groups.has(groupName);
    const group = this.group(groupName);
    for (const parentName of parents) {
      const parent = this.group(parentName);
      if (parent.children.has(group)) continue;
      this.addChild(parent, group);
      changed = true;
    }
    if (!host.groups.has(group)) changed = true;
    if (!changed) return false;
    if (!host.implicit) this.place(hostName, group);
    this.#reconcile([group, ...group.parents], host.implicit ? [] : [host]);
    return changed;
  }

  #addWithParents(group: Group, found: Set<Group>): void {
    if (found.has(group)) return;
    found.add(group);
    for (const parent of group.parents) this.#addWithParents(parent, found);
  }

  /** All groups below a group, level by level. */
  #descendants(group: Group): Group[] {
    const found = new Set<Group>();
    let level: Iterable<Group> = group.children;
    for (let next: Group[] = [...level]; next.length > 0; next = [...level].flatMap((one) => [...one.children])) {
      level = new Set(next.filter((one) => !found.has(one)));
      for (const one of level) found.add(one);
    }
    return [...found];
  }

  #depth(group: Group): number {
    let depth = this.#depths.get(group);
    if (depth === undefined) {
      depth = 0;
      for (const parent of group.parents) depth = Math.max(depth, this.#depth(parent) + 1);
      this.#depths.set(group, depth);
    }
    return depth;
  }

  /** Drops what was worked out from relations that have changed. */
  #forget(): void {
    this.#depths.clear();
    this.#precedence.clear();
    this.#members.clear();
  }
}

function makeHost(name: string, source: string | undefined, implicit: boolean): InventoryHost {
  return { name, vars: mapping(), added: mapping(), source, groups: new Set(), implicit };
}

function groupPriority(group: Group, value: Value, position: Position | undefined): number {
  const priority = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof priority === 'number' && Number.isInteger(priority)) return priority;
  throw inventoryError(`ansible_group_priority of group '${group.name}' must be a whole number.`, position);
}
