import path from 'node:path';
import { KplayError } from '../errors.ts';
import { parentOf } from '../language/inherit.ts';
import type { IncludeNode, ParentNode } from '../language/tree.ts';

/** How many includes may be inside of each other. Files that include themselves to try again need some. */
const deepest = 1000;
/** How many files an error names when none of them comes again. */
const named = 6;

/** Throws a KplayError for an include that is too deep in others: they would have no end. */
export function checkDepth(node: IncludeNode): void {
  let depth = 0;
  for (const around of nodesAround(node)) if (around.type === 'include') depth++;
  if (depth < deepest) return;
  const names = [...nodesAround(node)].map(nameOf).filter((name) => name !== undefined);
  const again = names.indexOf(names[0]!, 1);
  const ring = names.slice(0, again < 0 ? named : again + 1);
  throw new KplayError({
    code: 'parse',
    message: `${node.kind}: ${deepest} includes are inside of each other, the innermost of them in ${ring.join(', which is included by ')}.`,
    hint: 'What includes itself needs a condition under which it does so no more.',
    position: node.position,
  });
}

function* nodesAround(node: IncludeNode): Iterable<ParentNode> {
  for (let around = parentOf(node); around; around = parentOf(around)) yield around;
}

function nameOf(node: ParentNode): string | undefined {
  if (node.type === 'role') return `role ${node.role.name}`;
  return node.type === 'block' && node.file !== undefined ? path.basename(node.file) : undefined;
}
