import type {
  FromImportNode,
  ImportNode,
  LoopNode,
  MacroNode,
  SignatureNode,
  SymbolNode,
  WithNode,
} from '../syntax/nodes.ts';
import type { Node } from '../syntax/nunjucks.ts';

/** All names that a template sets itself, anywhere. */
export function assignedNames(root: Node): Set<string> {
  const names = new Set<string>();
  visit(root, (node) => {
    collect(node, names);
  });
  return names;
}

/** Whether a name is used below a node. */
export function usesName(root: Node, name: string): boolean {
  let used = false;
  visit(root, (node) => {
    if (node.typename === 'Symbol' && (node as SymbolNode).value === name) used = true;
  });
  return used;
}

/** What sets names in the scope that it stands in, or keeps that scope for later. */
const keeping = new Set(['Assign', 'AssignBlock', 'Macro', 'CallBlock', 'Import', 'FromImport', 'Block']);

/** Whether nothing below a node sets a name that outlives it, or keeps the scope: then one scope does for all rounds of a loop. */
export function keepsNoScope(root: Node): boolean {
  let keeps = false;
  visit(root, (node) => {
    keeps ||= keeping.has(node.typename);
  });
  return !keeps;
}

function visit(value: unknown, see: (node: Node) => void): void {
  if (Array.isArray(value)) {
    for (const child of value) visit(child, see);
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  if ('typename' in value) see(value as Node);
  else if (!('defaults' in value)) return;
  for (const child of Object.values(value)) if (typeof child === 'object') visit(child, see);
}

function collect(node: Node, names: Set<string>): void {
  switch (node.typename) {
    case 'Loop':
      names.add('loop');
      addTarget((node as LoopNode).target, names);
      break;
    case 'Assign':
    case 'AssignBlock':
      addTarget((node as LoopNode).target, names);
      break;
    case 'With':
      for (const target of (node as WithNode).targets) addTarget(target, names);
      break;
    case 'Macro':
      names.add((node as MacroNode).name.value);
      addSignature((node as MacroNode).args, names);
      break;
    case 'CallBlock':
      addSignature((node as unknown as { signature: SignatureNode }).signature, names);
      break;
    case 'Import':
      names.add((node as ImportNode).target.value);
      break;
    case 'FromImport':
      for (const { alias } of (node as FromImportNode).names) names.add(alias);
      break;
    case 'Block':
      names.add('super');
      names.add('self');
  }
}

function addTarget(target: Node, names: Set<string>): void {
  visit(target, (node) => {
    if (node.typename === 'Symbol') names.add((node as SymbolNode).value);
  });
}

function addSignature(signature: SignatureNode, names: Set<string>): void {
  for (const name of [...signature.names, 'caller', 'varargs', 'kwargs']) names.add(name);
}
