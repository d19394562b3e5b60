import type { Warn } from '../errors.ts';
import { parseYaml } from '../language/yaml.ts';
import { placeOfKey, placeOfValue } from '../position.ts';
import { keyText, nameOfText } from '../python/dict.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping, mapping } from '../value.ts';
import { hostEntry } from './host-range.ts';
import type { Group } from './inventory.ts';
import type { InventoryData } from './inventory-data.ts';
import { inventoryError } from './inventory-error.ts';

/** Reads an inventory in Ansible's YAML form into `inventory`. Throws KplayError `inventory` or `yaml` with the place. */
export function readYamlInventory(text: string, file: string, inventory: InventoryData, warn: Warn): void {
  const data = parseYaml(text, file, { warn });
  if (data === null) throw inventoryError('The inventory file is empty.', { file, line: 1, column: 1 });
  if (!isMapping(data)) {
    throw inventoryError(
      `A YAML inventory must be a dict of groups, not ${kindOf(data)}.`,
      { file, line: 1, column: 1 },
      'Begin with "all:" and put "hosts:", "children:" and "vars:" below it.',
    );
  }
  if (typeof data.plugin === 'string') throw unsupportedPlugin(data.plugin, data);
  for (const name of Object.keys(data)) new GroupReader(inventory, warn).group(name, data, undefined);
}

function unsupportedPlugin(plugin: string, data: Mapping): Error {
  return inventoryError(
    `Inventory plugins are not supported, but this file configures '${plugin}'.`,
    placeOfValue(data, 'plugin'),
    'Write the hosts down in INI or YAML form, or give an executable script that prints JSON.',
  );
}

class GroupReader {
  readonly #inventory: InventoryData;
  readonly #warn: Warn;

  constructor(inventory: InventoryData, warn: Warn) {
    this.#inventory = inventory;
    this.#warn = warn;
  }

  group(name: string, holder: Mapping, parent: Group | undefined): void {
    const content = holder[name];
    if (content !== null && !isMapping(content)) {
      throw inventoryError(
        `Group '${keyText(name)}' must be a dict with "hosts", "children" or "vars", not ${kindOf(content!)}.`,
        placeOfValue(holder, name),
      );
    }
    const group = this.#inventory.group(keyText(name), placeOfKey(holder, name));
    if (parent) this.#inventory.addChild(parent, group, placeOfKey(holder, name));
    if (content === null) return;
    for (const key of Object.keys(content)) this.#section(key, content, group);
  }

  #section(key: string, content: Mapping, group: Group): void {
    if (key !== 'vars' && key !== 'children' && key !== 'hosts') {
      const text = `Skipping unexpected key (${keyText(key)}) in group (${group.name}), only "vars", "children" and "hosts" are valid`;
      this.#warn(text, placeOfKey(content, key));
      return;
    }
    const section = this.#dict(key, content, group);
    if (section === undefined) return;
    if (key === 'children') for (const child of Object.keys(section)) this.group(child, section, group);
    else if (key === 'hosts') for (const host of Object.keys(section)) this.#hosts(host, section, group);
    else {
      for (const [name, value] of Object.entries(section)) {
        const [place, namePlace] = [placeOfValue(section, name), placeOfKey(section, name)];
        this.#inventory.setGroupVariable(group, name, value, place, namePlace);
      }
    }
  }

  /** A section as a dict; one text is a dict with that entry, as in Ansible. */
  #dict(key: string, content: Mapping, group: Group): Mapping | undefined {
    const section = content[key]!;
    if (section === null) return undefined;
    if (typeof section === 'string') return mapping([[nameOfText(section), null]]);
    if (isMapping(section)) return section;
    throw inventoryError(
      `Invalid "${key}" entry for "${group.name}" group, requires a dictionary, found ${kindOf(section)} instead.`,
      placeOfValue(content, key),
      key === 'vars' ? undefined : `Write names as keys: "${key}:" and below it "name:" without a dash.`,
    );
  }

  #hosts(entry: string, section: Mapping, group: Group): void {
    const vars = section[entry]!;
    const { names, port } = hostEntry(keyText(entry), placeOfKey(section, entry));
    if (vars !== null && !isMapping(vars)) {
      throw inventoryError(
        `The variables of host '${keyText(entry)}' must be a dict, not ${kindOf(vars)}.`,
        placeOfValue(section, entry),
      );
    }
    for (const name of names) {
      const host = this.#inventory.place(name, group, port);
      for (const [key, value] of Object.entries(vars ?? {})) {
        this.#inventory.setVariable(host.vars, key, value, placeOfValue(vars!, key), placeOfKey(vars!, key));
      }
    }
  }
}

function kindOf(value: Value): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null) return 'nothing';
  return typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}
