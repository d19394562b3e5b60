import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { decode, firstInvalid } from '../python/bytes.ts';
import { keyText, nameOfText } from '../python/dict.ts';
import { parseJson } from '../python/json-reader.ts';
import type { Mapping, Value } from '../value.ts';
import { isMapping, mapping } from '../value.ts';
import type { InventoryData } from './inventory-data.ts';
import { inventoryError } from './inventory-error.ts';

const execute = promisify(execFile);

/**
 * Runs an inventory script with `--list`, and with `--host NAME` for each host when its answer has no `_meta`, and
 * reads what it prints into `inventory`. Throws KplayError `inventory`.
 */
export async function readScriptInventory(file: string, inventory: InventoryData): Promise<void> {
  const data = await callScript(file, ['--list']);
  const meta = data._meta;
  delete data._meta;
  for (const [name, entry] of Object.entries(data)) readGroup(file, keyText(name), entry, inventory);
  const known = isMapping(meta) && isMapping(meta.hostvars) ? meta.hostvars : undefined;
  for (const host of inventory.hosts.values()) {
    if (host.source !== file) continue;
    const vars = known ? (known[nameOfText(host.name)] ?? null) : await callScript(file, ['--host', host.name], true);
    if (!isMapping(vars)) continue;
    for (const [key, value] of Object.entries(vars)) inventory.setVariable(host.vars, key, value);
  }
}

function readGroup(file: string, name: string, entry: Value, inventory: InventoryData): void {
  const group = inventory.group(name);
  let content = entry;
  if (Array.isArray(content)) content = { hosts: content };
  else if (isMapping(content) && !['hosts', 'vars', 'children'].some((key) => Object.hasOwn(content as Mapping, key))) {
    // The oldest form: a host of the group's name with these variables.
    content = { hosts: [name], vars: content };
  }
  if (!isMapping(content)) throw inventoryError(`${file}: group '${name}' must be a list of hosts or a dict.`);
  for (const host of listOf(file, name, 'hosts', content)) inventory.place(host, group);
  for (const child of listOf(file, name, 'children', content)) inventory.addChild(group, inventory.group(child));
  const vars = content.vars ?? null;
  if (vars !== null && !isMapping(vars)) throw inventoryError(`${file}: "vars" of group '${name}' must be a dict.`);
  for (const [key, value] of Object.entries(vars ?? {})) inventory.setGroupVariable(group, key, value);
}

function listOf(file: string, group: string, key: string, content: Mapping): string[] {
  const list = content[key] ?? [];
  if (!Array.isArray(list)) throw inventoryError(`${file}: "${key}" of group '${group}' must be a list.`);
  return list.map(String);
}

async function callScript(file: string, args: readonly string[], emptyAllowed = false): Promise<Mapping> {
  const command = `${file} ${args.join(' ')}`;
  let bytes: Buffer;
  try {
    bytes = (await execute(file, args, { maxBuffer: 1 << 30, encoding: 'buffer' })).stdout;
  } catch (error) {
    const { stderr, code } = error as { stderr?: Buffer; code?: string | number };
    const reason = typeof code === 'number' ? `ended with exit code ${code}` : `could not be run (${code ?? 'killed'})`;
    throw inventoryError(
      `The inventory script "${command}" ${reason}${stderr?.length ? `: ${decode(stderr).trim()}` : ''}`,
    );
  }
  const output = decode(bytes);
  if (!output.isWellFormed()) {
    const at = firstInvalid(bytes);
    throw inventoryError(
      `The inventory script "${command}" printed the byte 0x${bytes[at]!.toString(16)} at place ${at}, which is not UTF-8.`,
    );
  }
  if (emptyAllowed && output.trim() === '') return mapping();
  try {
    const value = parseJson(output);
    if (isMapping(value)) return value;
  } catch (error) {
    throw inventoryError(`The inventory script "${command}" printed no valid JSON: ${(error as Error).message}`);
  }
  throw inventoryError(`The inventory script "${command}" must print a JSON object.`);
}
