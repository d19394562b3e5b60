import { readFileSync } from 'node:fs';
import path from 'node:path';
import test from 'ava';
import type { Inventory } from '../../../runner/inventory/inventory.ts';
import { loadInventory } from '../../../runner/inventory/load-inventory.ts';
import { keyText } from '../../../runner/python/dict.ts';
import { packageRoot } from '../../../runner/root.ts';
import type { Value } from '../../../runner/value.ts';
import { Float, isMapping } from '../../../runner/value.ts';
import { HostLayers } from '../../../runner/variables/host-layers.ts';

interface Selection {
  readonly pattern: string;
  readonly limit: string | null;
  readonly hosts: readonly string[];
  readonly warnings: readonly string[];
}

interface Recorded {
  readonly groups: readonly {
    readonly name: string;
    readonly children: readonly string[];
    readonly hosts: readonly string[];
    readonly all: readonly string[];
    readonly priority: number;
  }[];
  readonly hosts: Readonly<Record<string, { variables: Record<string, unknown>; files: (string | null)[] }>>;
  readonly selected: readonly Selection[];
}

const here = path.join(packageRoot, 'test/conformance/inventory');
const fixtures = path.join(packageRoot, 'test/fixtures/inventory');
const cases = JSON.parse(readFileSync(path.join(here, 'cases.json'), 'utf8')) as { name: string; sources: string[] }[];

for (const { name, sources } of cases) {
  test(`${name}: groups, hosts and variables are those that ansible-core reads`, async (t) => {
    const recorded = read(name);
    const inventory = await loadInventory(sources, { warn: () => undefined, cwd: fixtures });
    t.deepEqual(
      [...inventory.groups.values()].map((group) => ({
        name: group.name,
        children: namesOf(group.children),
        hosts: namesOf(group.hosts),
        all: namesOf(inventory.hostsOf(group)),
        priority: group.priority,
      })),
      recorded.groups.map((group) => ({ ...group, hosts: [...group.hosts] })),
    );
    const hosts = hostsOf(inventory);
    t.deepEqual(Object.keys(hosts), Object.keys(recorded.hosts));
    for (const [host, expected] of Object.entries(recorded.hosts)) t.deepEqual(hosts[host], expected, host);
  });

  test(`${name}: patterns select the hosts that ansible-core selects`, async (t) => {
    const inventory = await loadInventory(sources, { warn: () => undefined, cwd: fixtures });
    for (const expected of read(name).selected) t.deepEqual(select(inventory, expected), expected);
  });
}

function read(name: string): Recorded {
  return JSON.parse(readFileSync(path.join(here, 'recorded', `${name}.json`), 'utf8')) as Recorded;
}

function namesOf(things: Iterable<{ readonly name: string }>): string[] {
  return [...things].map((thing) => thing.name);
}

function select(inventory: Inventory, { pattern, limit }: Selection): Selection {
  const warnings: string[] = [];
  const hosts = inventory.match(pattern, {
    limit: limit?.replace('LIMITFILE', path.join(fixtures, 'patterns/limit')) ?? undefined,
    warn: (text) => warnings.push(text),
  });
  return { pattern, limit, hosts: namesOf(hosts), warnings };
}

/** Every host's variables, unrendered, as the order of precedence merges them. */
function hostsOf(inventory: Inventory): Record<string, object> {
  const layers = new HostLayers(inventory, '/nonexistent');
  const hosts: Record<string, object> = {};
  for (const host of inventory.hosts.values()) {
    const variables: Record<string, unknown> = {};
    for (const layer of layers.of(host.name).toReversed()) {
      for (const [key, value] of Object.entries(layer.dict())) variables[key] = plain(value);
    }
    const { inventory_file: file, inventory_dir: folder, ...others } = variables;
    const { group_names: groupNames, ...rest } = { ...others, group_names: [...inventory.groupNames(host)] };
    hosts[host.name] = {
      variables: { ...rest, group_names: groupNames },
      files: [file, folder].map((one) =>
        typeof one === 'string' && one.startsWith('/') ? path.relative(fixtures, one) : one,
      ),
    };
  }
  return hosts;
}

/** A value as JSON has it. */
function plain(value: Value): unknown {
  if (value instanceof Float) return value.value;
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plain);
  if (!isMapping(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, entry]) => [keyText(name), plain(entry)]));
}
