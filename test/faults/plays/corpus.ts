import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';
import { createCatalog } from '../../../runner/module/catalog.ts';
import { packageRoot } from '../../../runner/root.ts';

/** A piece of YAML as js-yaml reads it. */
export type Node = null | boolean | number | string | Node[] | { [key: string]: Node };

/** The directory whose playbooks, roles and files the mutated plays are made of. */
export const corpusDirectory: string = path.join(packageRoot, 'test/conformance/playbooks');

/** Modules that do not belong in a play that is to be over soon, or that only a whole host could show. */
const leftOut = new Set(['pause', 'reboot', 'wait_for_connection']);

/** Playbooks to mutate: those of the conformance tests, and one for each module's own example. */
export async function readCorpus(): Promise<Node[][]> {
  const playbooks = readdirSync(corpusDirectory)
    .filter((name) => name.endsWith('.yml'))
    .map((name) => load(withoutTags(readFileSync(path.join(corpusDirectory, name), 'utf8'))) as Node)
    .filter((plays): plays is Node[] => Array.isArray(plays) && plays.some((play) => isDict(play) && 'hosts' in play));
  return [...playbooks, ...(await moduleExamples())];
}

/** A playbook without tags that js-yaml knows only when told to; what they mark may be plain text as well. */
function withoutTags(text: string): string {
  return text.replaceAll('!!binary ', '');
}

async function moduleExamples(): Promise<Node[][]> {
  const catalog = createCatalog();
  const plays: Node[][] = [];
  for (const name of [...catalog.names].sort()) {
    if (leftOut.has(name) || catalog.canonicalName(name) !== name) continue;
    const examples = (await catalog.load(name))?.examples;
    if (examples === undefined) continue;
    plays.push([{ hosts: 'all', gather_facts: false, tasks: load(examples) as Node, ignore_errors: true }]);
  }
  return plays;
}

/** Whether a node is a dict. */
export function isDict(node: Node | undefined): node is { [key: string]: Node } {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}
