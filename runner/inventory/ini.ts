import type { Position } from '../position.ts';
import { nameOfText } from '../python/dict.ts';
import { inventoryLiteral } from '../python/parse-literal.ts';
import { type ShellWord, ShellWordsError, shellWords } from '../python/shlex.ts';
import { hostEntry } from './host-range.ts';
import type { Group } from './inventory.ts';
import type { InventoryData } from './inventory-data.ts';
import { inventoryError } from './inventory-error.ts';

type SectionKind = 'hosts' | 'children' | 'vars';

/** Reads an inventory in Ansible's INI form into `inventory`. Throws KplayError `inventory` with the place. */
export function readIniInventory(text: string, file: string, inventory: InventoryData): void {
  const reader = new IniReader(file, inventory);
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) reader.line(line, index + 1);
  reader.finish();
}

class IniReader {
  readonly #file: string;
  readonly #inventory: InventoryData;
  #group: Group;
  #kind: SectionKind = 'hosts';
  #line = 0;
  /** Groups that have a section of their own, by which `:vars` and `:children` may name them. */
  readonly #declared = new Set<string>();
  readonly #awaited: { readonly group: string; readonly message: string; readonly position: Position }[] = [];

  constructor(file: string, inventory: InventoryData) {
    this.#file = file;
    this.#inventory = inventory;
    this.#group = inventory.group('ungrouped');
    for (const name of inventory.groups.keys()) this.#declared.add(name);
  }

  line(text: string, number: number): void {
    this.#line = number;
    const content = text.trim();
    if (content === '' || content.startsWith('#') || content.startsWith(';')) return;
    const column = text.indexOf(content) + 1;
    if (content.startsWith('[') && this.#section(content, column)) return;
    if (this.#kind === 'hosts') this.#hosts(content, column);
    else if (this.#kind === 'vars') this.#variable(content, column);
    else this.#child(content, column);
  }

  /** Reports sections about groups that nobody declared. */
  finish(): void {
    for (const { group, message, position } of this.#awaited) {
      if (!this.#declared.has(group)) throw inventoryError(message, position);
    }
  }

  /** Whether the line is a section's head; `[2001:db8::1]:22` is a host. */
  #section(content: string, column: number): boolean {
    const match = /^\[([^:\]\s]+)(?::(\w+))?\]\s*(?:[#;].*)?$/.exec(content);
    if (!match) {
      if (!content.endsWith(']')) return false;
      throw inventoryError(
        `Invalid section entry: '${content}'.`,
        this.#at(column),
        'A section is [group], [group:children] or [group:vars], without spaces.',
      );
    }
    const [, name, kind = 'hosts'] = match as unknown as [string, string, string | undefined];
    if (kind !== 'hosts' && kind !== 'children' && kind !== 'vars') {
      throw inventoryError(`Section [${name}:${kind}] has unknown type: ${kind}`, this.#at(column + name.length + 2));
    }
    if (kind === 'vars') {
      const message = `Section [${name}:vars] not valid for undefined group: ${name}`;
      this.#awaited.push({ group: name, message, position: this.#at(column + 1) });
    } else this.#declared.add(name);
    this.#group = this.#inventory.group(name, this.#at(column + 1));
    this.#kind = kind;
    return true;
  }

  #hosts(content: string, column: number): void {
    const [first, ...rest] = this.#words(content, column);
    if (!first) return;
    if (first.text === '---') {
      throw inventoryError(
        "Invalid host pattern '---' supplied: this looks like a YAML file.",
        this.#at(column),
        'Give a YAML inventory the ending .yml.',
      );
    }
    const { names, port } = hostEntry(first.text, this.#at(first.column));
    const hosts = names.map((name) => this.#inventory.place(name, this.#group, port));
    for (const { text, column: start } of rest) {
      const sign = text.indexOf('=');
      if (sign < 0) {
        throw inventoryError(`Expected key=value host variable assignment, got: ${text}`, this.#at(start));
      }
      const name = text.slice(0, sign);
      const value = inventoryLiteral(text.slice(sign + 1));
      const [place, namePlace] = [this.#at(start + sign + 1), this.#at(start)];
      for (const host of hosts) this.#inventory.setVariable(host.vars, nameOfText(name), value, place, namePlace);
    }
  }

  #words(content: string, column: number): ShellWord[] {
    try {
      return shellWords(content, true).map((word) => ({ text: word.text, column: word.column + column - 1 }));
    } catch (error) {
      if (!(error instanceof ShellWordsError)) throw error;
      throw inventoryError(
        `Error parsing host definition '${content}': ${error.message}`,
        this.#at(column + error.column - 1),
      );
    }
  }

  #variable(content: string, column: number): void {
    const sign = content.indexOf('=');
    if (sign < 0) throw inventoryError(`Expected key=value, got: ${content}`, this.#at(column));
    const written = content.slice(sign + 1);
    const value = inventoryLiteral(written.trim());
    const place = this.#at(column + sign + 1 + (written.length - written.trimStart().length));
    this.#inventory.setGroupVariable(
      this.#group,
      nameOfText(content.slice(0, sign).trim()),
      value,
      place,
      this.#at(column),
    );
  }

  #child(content: string, column: number): void {
    const name = /^([^:\]\s]+)\s*(?:#.*)?$/.exec(content)?.[1];
    if (name === undefined) throw inventoryError(`Expected group name, got: ${content}`, this.#at(column));
    const message = `Section [${this.#group.name}:children] includes undefined group: ${name}`;
    this.#awaited.push({ group: name, message, position: this.#at(column) });
    this.#inventory.addChild(this.#group, this.#inventory.group(name, this.#at(column)), this.#at(column));
  }

  #at(column: number): Position {
    return { file: this.#file, line: this.#line, column };
  }
}
