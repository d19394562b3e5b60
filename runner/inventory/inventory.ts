import type { Position } from '../position.ts';
import type { Mapping } from '../value.ts';

/** A group of hosts. `all` holds everything; `ungrouped` those in no other group. */
export interface Group {
  readonly name: string;
  /** Where it is first named, when that is in a file. */
  readonly position: Position | undefined;
  /** Variables of the inventory file itself. */
  readonly vars: Mapping;
  readonly children: Set<Group>;
  readonly parents: Set<Group>;
  /** Hosts named directly. */
  readonly hosts: Set<InventoryHost>;
  /** ansible_group_priority, 1 when not said. */
  priority: number;
}

/** A host of the inventory. */
export interface InventoryHost {
  readonly name: string;
  readonly vars: Mapping;
  /** Variables given by add_host while running: finished, never rendered; they stand above {@link vars}. */
  readonly added: Mapping;
  /** The file or host list that named it first, for inventory_file and inventory_dir; undefined for none. */
  readonly source: string | undefined;
  /** Groups that name it directly. */
  readonly groups: Set<Group>;
  /** Whether it is the implicit localhost. */
  readonly implicit: boolean;
}

/** All hosts and groups of all sources, in the order they were written. */
export interface Inventory {
  readonly hosts: ReadonlyMap<string, InventoryHost>;
  readonly groups: ReadonlyMap<string, Group>;
  /** Files and host lists as given, absolute. */
  readonly sources: readonly string[];
  /** Folders whose group_vars/ and host_vars/ count, in source order. */
  readonly folders: readonly string[];
  /** A host by name; `localhost` is made when nobody wrote it. */
  host(name: string): InventoryHost | undefined;
  /** Names of all groups of a host without `all`, sorted as Ansible's group_names. */
  groupNames(host: InventoryHost): readonly string[];
  /** All groups of a host, lowest precedence first: by depth, priority, name; `all` first. */
  groupsByPrecedence(host: InventoryHost): readonly Group[];
  /** All hosts of a group, its descendants included, in inventory order. */
  hostsOf(group: Group): readonly InventoryHost[];
  /** The hosts that a pattern selects, in inventory order; `limit` narrows it. Throws KplayError for bad patterns. Unknown names are reported by `warn`. */
  match(
    pattern: string,
    options?: { readonly limit?: string | undefined; readonly warn?: (text: string) => void },
  ): readonly InventoryHost[];
  /** add_host, group_by. Returns whether anything is new. */
  addHost(name: string, groups: readonly string[], vars: Mapping): boolean;
  addToGroup(hostName: string, group: string, parents: readonly string[]): boolean;
}
