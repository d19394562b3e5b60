import path from 'node:path';
import type { HashBehaviour } from '../dicts.ts';
import { KplayError, type Problem } from '../errors.ts';
import type { Group, Inventory, InventoryHost } from '../inventory/inventory.ts';
import type { Mapping } from '../value.ts';
import { mapping } from '../value.ts';
import type { Layer } from './layer.ts';
import { addedLater, finished, written } from './layer.ts';
import { VariableFolder } from './variable-files.ts';

/** The variables that the inventory and the group_vars and host_vars folders give to hosts. */
export class HostLayers {
  readonly #inventory: Inventory;
  readonly #behaviour: HashBehaviour;
  readonly #folders = new Map<string, VariableFolder>();
  readonly #inventoryFolders: readonly VariableFolder[];
  #playbookFolder: VariableFolder;
  readonly #known = new Map<string, { readonly groups: readonly Group[]; readonly layers: readonly Layer[] }>();

  constructor(inventory: Inventory, playbookFolder: string, behaviour: HashBehaviour = 'replace') {
    this.#inventory = inventory;
    this.#behaviour = behaviour;
    this.#inventoryFolders = inventory.folders.map((folder) => this.#folder(folder));
    this.#playbookFolder = this.#folder(playbookFolder);
  }

  /** From now on the folders beside the playbook in this folder count, as in a play of it under Ansible. */
  enter(playbookFolder: string): void {
    const folder = this.#folder(playbookFolder);
    if (folder === this.#playbookFolder) return;
    this.#playbookFolder = folder;
    this.#known.clear();
  }

  /** The layers of a host, highest first. Throws KplayError for files that cannot be read. */
  of(name: string): readonly Layer[] {
    const host = this.#inventory.host(name);
    const groups = host ? this.#inventory.groupsByPrecedence(host) : [this.#inventory.groups.get('all')!];
    const known = this.#known.get(name);
    // The inventory makes a new list of groups when add_host or group_by changed something.
    if (known && sameGroups(known.groups, groups)) return known.layers;
    const layers = [...this.#hostLayers(name, host), ...this.#groupLayers(groups)];
    this.#known.set(name, { groups, layers });
    return layers;
  }

  /** Reads the files of all groups, and of all hosts where `hosts` is set, beside these playbooks too. Throws KplayError with every problem. */
  readFiles(hosts: boolean, playbookFolders: Iterable<string>): void {
    const problems: Problem[] = [];
    const beside = [...playbookFolders].map((name) => this.#folder(name));
    const folders = new Set([...beside, ...this.#inventoryFolders]);
    const read = (kind: 'group_vars' | 'host_vars', name: string): void => {
      for (const folder of folders) problems.push(...problemsOf(() => folder.find(kind, name)));
    };
    for (const group of this.#inventory.groups.keys()) read('group_vars', group);
    if (hosts) for (const host of this.#inventory.hosts.keys()) read('host_vars', host);
    if (problems.length > 0) throw new KplayError(problems);
  }

  #folder(name: string): VariableFolder {
    let folder = this.#folders.get(name);
    if (!folder) {
      folder = new VariableFolder(name, this.#behaviour);
      this.#folders.set(name, folder);
    }
    return folder;
  }

  #hostLayers(name: string, host: InventoryHost | undefined): Layer[] {
    const layers: Layer[] = [];
    addFile(layers, this.#playbookFolder.find('host_vars', name));
    for (const folder of this.#inventoryFolders.toReversed()) addFile(layers, folder.find('host_vars', name));
    if (!host) return layers;
    layers.push(addedLater(host.added), written(host.vars));
    if (host.source !== undefined) layers.push(finished(placeOfHost(host.source)));
    return layers;
  }

  #groupLayers(groups: readonly Group[]): Layer[] {
    const layers: Layer[] = [];
    const highestFirst = groups.toReversed();
    const named = highestFirst.filter((group) => group.name !== 'all');
    const all = highestFirst.filter((group) => group.name === 'all');
    for (const part of [named, all]) {
      for (const folder of [this.#playbookFolder, ...this.#inventoryFolders.toReversed()]) {
        for (const group of part) addFile(layers, folder.find('group_vars', group.name));
      }
    }
    for (const group of highestFirst) layers.push(written(group.vars));
    return layers;
  }
}

function problemsOf(action: () => unknown): readonly Problem[] {
  try {
    action();
    return [];
  } catch (error) {
    if (error instanceof KplayError) return error.problems;
    throw error;
  }
}

function sameGroups(a: readonly Group[], b: readonly Group[]): boolean {
  return a === b || (a.length === b.length && a.every((group, index) => group === b[index]));
}

function addFile(layers: Layer[], dict: Mapping | undefined): void {
  if (dict) layers.push(written(dict));
}

function placeOfHost(source: string): Mapping {
  return mapping([
    ['inventory_file', source],
    ['inventory_dir', path.isAbsolute(source) ? path.dirname(source) : null],
  ]);
}
