import { readText } from '../python/file-names.ts';
import { splitPort } from './host-range.ts';
import type { Group, Inventory, InventoryHost } from './inventory.ts';
import { inventoryError } from './inventory-error.ts';

/** What patterns are evaluated against. */
interface Surroundings {
  readonly inventory: Inventory;
  readonly glob: (glob: string) => (name: string) => boolean;
  warn(text: string): void;
}

/**
 * The hosts that a pattern selects: terms divided by commas or colons; names of groups and hosts, globs, `~regex`, each
 * perhaps with a subscript. Plain terms come first, then those with `&`, then those with `!`. `@file` is a term only
 * of a limit. Throws KplayError `inventory` for what is no pattern.
 */
export function selectHosts(pattern: string, surroundings: Surroundings, limit: boolean): InventoryHost[] {
  const terms = splitPattern(pattern).flatMap((term) => (limit && term.startsWith('@') ? fileTerms(term) : [term]));
  const plain = terms.filter((term) => !/^[&!]/.test(term));
  const both = terms.filter((term) => term.startsWith('&'));
  const without = terms.filter((term) => term.startsWith('!'));
  let hosts = new Set<InventoryHost>();
  for (const term of plain.length > 0 ? plain : ['all']) {
    for (const host of hostsOfTerm(term, surroundings)) hosts.add(host);
  }
  for (const term of both) {
    const kept = new Set(hostsOfTerm(term.slice(1), surroundings));
    hosts = new Set([...hosts].filter((host) => kept.has(host)));
  }
  for (const term of without) for (const host of hostsOfTerm(term.slice(1), surroundings)) hosts.delete(host);
  return [...hosts];
}

/** Divides a pattern into terms, leaving colons in ranges, ports and IPv6 addresses alone. */
function splitPattern(pattern: string): string[] {
  const text = pattern.trim();
  if (text.includes(',')) {
    return text
      .split(',')
      .map((term) => term.trim())
      .filter((term) => term !== '')
      .flatMap(splitPattern);
  }
  if (text === '') return [];
  if (!text.includes(':') || isAddress(text)) return [text];
  return (text.match(/(?:[^\s:[\]]|\[[^\]]*\])+/g) ?? []).map((term) => term.trim());
}

function isAddress(text: string): boolean {
  if (splitPort(text)[1] !== undefined) return true;
  return /^[&!]?[0-9a-fA-F]*(:[0-9a-fA-F]*){2,}(%\w+)?$/.test(text);
}

function fileTerms(term: string): string[] {
  const file = term.slice(1);
  try {
    return readText(file).split(/\r?\n/).flatMap(splitPattern);
  } catch (error) {
    throw inventoryError(`Unable to find limit file ${file}: ${(error as Error).message}`);
  }
}

function hostsOfTerm(term: string, surroundings: Surroundings): InventoryHost[] {
  const subscript = term.startsWith('~') ? null : /^(.+)\[(?:(-?\d+)|(\d+):(\d*))\]$/.exec(term);
  if (!subscript) return hostsOfName(term, surroundings);
  const [, name, index, first, last] = subscript;
  const hosts = hostsOfName(name!, surroundings);
  if (index !== undefined) {
    const host = hosts.at(Number(index));
    if (hosts.length > 0 && !host) throw inventoryError(`No hosts matched the subscripted pattern '${term}'`);
    return host ? [host] : [];
  }
  return hosts.slice(Number(first), last === '' ? undefined : Number(last) + 1);
}

function hostsOfName(name: string, surroundings: Surroundings): InventoryHost[] {
  const { inventory } = surroundings;
  const found = new Set<InventoryHost>();
  const matches = matcher(name, surroundings);
  let groups: Iterable<Group> = [];
  if (matches) groups = [...inventory.groups.values()].filter((group) => matches(group.name));
  else if (inventory.groups.has(name)) groups = [inventory.groups.get(name)!];
  for (const group of groups) for (const host of inventory.hostsOf(group)) found.add(host);
  if (matches) {
    for (const host of inventory.hosts.values()) if (matches(host.name)) found.add(host);
  } else if (!inventory.groups.has(name)) {
    const host = inventory.host(name);
    if (host) found.add(host);
  }
  const isGroup = !matches && inventory.groups.has(name);
  if (found.size === 0 && !isGroup && name !== 'all') {
    surroundings.warn(`Could not match supplied host pattern, ignoring: ${name}`);
  }
  return [...found];
}

/** The test of names by a term that is not a plain name. */
function matcher(name: string, surroundings: Surroundings): ((name: string) => boolean) | undefined {
  if (name.startsWith('~')) {
    try {
      // Python's match(): from the beginning, not necessarily to the end.
      const expression = new RegExp(`^(?:${name.slice(1)})`);
      return (candidate) => expression.test(candidate);
    } catch (error) {
      throw inventoryError(`The host pattern '${name}' is not a regular expression: ${(error as Error).message}`);
    }
  }
  return /[*?[]/.test(name) ? surroundings.glob(name) : undefined;
}
