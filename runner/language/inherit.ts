import type {
  CommonKeywords,
  Conditions,
  NodeKeywords,
  ParentNode,
  PlayNode,
  RoleNode,
  TaskNode,
  TaskTreeNode,
  Written,
} from './tree.ts';

export { displayName } from './display-name.ts';

type AnyKeywords = CommonKeywords & Partial<NodeKeywords>;

/**
 * The keywords that hold for a node, nearest first: its own, its blocks' and roles', the play's last. An include gives
 * what it includes only its `apply`; a role that another depends on gets that one's too.
 */
export function keywordsAround(node: TaskTreeNode, play?: PlayNode): AnyKeywords[] {
  const chain: AnyKeywords[] = [node.keywords];
  for (let parent = parentOf(node); parent; parent = parentOf(parent)) {
    if (parent.type !== 'include') chain.push(parent.keywords);
    else if (parent.apply) chain.push(parent.apply);
  }
  if (play) chain.push(play.keywords);
  return chain;
}

/** What a node inherits from: the role that needs it for a dependency, else its parent. */
export function parentOf(node: TaskTreeNode): ParentNode | undefined {
  return node.type === 'role' && node.dependencyOf ? node.dependencyOf : node.parent;
}

/** The role that a node belongs to, and those that use it, the nearest first. */
export function rolesAround(node: TaskTreeNode | undefined): RoleNode[] {
  const roles: RoleNode[] = [];
  for (let at = node; at; at = parentOf(at)) if (at.type === 'role') roles.push(at);
  return roles;
}

/** The nearest value of a keyword of which the nearest one wins, out of what {@link keywordsAround} gave; undefined when nobody says it. */
export function nearest<K extends keyof NodeKeywords>(
  around: readonly AnyKeywords[],
  name: K,
): NodeKeywords[K] | undefined {
  for (const keywords of around) {
    const value = (keywords as Partial<NodeKeywords>)[name];
    if (value !== undefined) return value as NodeKeywords[K];
  }
  return undefined;
}

/** All conditions of a node, outermost first: import_playbook's, roles', blocks', its own. */
export function whenOf(node: TaskTreeNode, play?: PlayNode): Conditions {
  const inner = keywordsAround(node)
    .reverse()
    .flatMap((keywords) => keywords.when ?? []);
  return play ? [...play.when, ...inner] : inner;
}

/** All tags of a node, its own and its parents', as written and each once; may hold templates. */
export function tagsOf(node: TaskTreeNode, play?: PlayNode): Written<string>[] {
  const levels = keywordsAround(node, play);
  const tags: Written<string>[] = [];
  for (let level = levels.length - 1; level >= 0; level--) {
    for (const tag of levels[level]!.tags) if (!tags.some((known) => known.value === tag.value)) tags.push(tag);
  }
  return tags;
}

/** Environments that hold for a node, outermost first; later ones win. */
export function environmentOf(node: TaskTreeNode, play?: PlayNode): Written[] {
  return keywordsAround(node, play)
    .reverse()
    .flatMap((keywords) => keywords.environment ?? []);
}

/** Handlers that a task notifies: its own, or those of the nearest block that names some. */
export function notifyOf(node: TaskNode): readonly Written<string>[] {
  if (node.notify.length > 0) return node.notify;
  for (let parent = node.parent; parent; parent = parentOf(parent)) {
    if (parent.type === 'block' && parent.notify.length > 0) return parent.notify;
  }
  return [];
}
