/** An object that would change, as YAML text before and after; before is empty for a new one. */
export interface ObjectDiff {
  readonly name: string;
  readonly before: string;
  readonly after: string;
}

/** Reads what the differ printed. Objects that differ only in what the API server keeps for itself are left out. */
export function parseObjectDiffs(output: string): ObjectDiff[] {
  const diffs: ObjectDiff[] = [];
  for (const part of `\n${output}`.split('\n@@before ').slice(1)) {
    const end = part.indexOf('\n');
    const name = part.slice(0, end);
    const mark = `\n@@after ${name}\n`;
    const at = part.indexOf(mark);
    if (at < 0) continue;
    const before = withoutBookkeeping(part.slice(end + 1, at + 1));
    const after = withoutBookkeeping(part.slice(at + mark.length));
    if (before !== after) diffs.push({ name, before, after });
  }
  return diffs;
}

/** The text without managedFields, generation and the like, which no manifest sets. */
function withoutBookkeeping(text: string): string {
  const kept: string[] = [];
  let skipping = false;
  for (const line of text.split('\n')) {
    if (/^ {2}(managedFields|generation|resourceVersion|uid|creationTimestamp|selfLink):/.test(line)) {
      skipping = line.startsWith('  managedFields:');
      continue;
    }
    if (skipping && /^ {2}(- | {2})/.test(line)) continue;
    skipping = false;
    kept.push(line);
  }
  const body = kept.join('\n').trim();
  return body === '' ? '' : `${body}\n`;
}

/** An object as a diff shows it: without the copy that kubectl keeps in an annotation, and without a Secret's values. */
export function shownDiff(diff: ObjectDiff): { before: string; after: string } {
  const [before, after] = [withoutCopy(diff.before), withoutCopy(diff.after)];
  if (!/^kind: Secret$/m.test(before + after)) return { before, after };
  const [old, now] = [secretValues(before), secretValues(after)];
  const mark = (side: string) => (key: string) => (old.get(key) === now.get(key) ? '(hidden)' : `(hidden, ${side})`);
  return { before: hideValues(before, mark('before')), after: hideValues(after, mark('after')) };
}

function withoutCopy(text: string): string {
  return text
    .replace(/^ {4}kubectl\.kubernetes\.io\/last-applied-configuration:.*\n(?: {6}.*\n|\n)*/m, '')
    .replace(/^ {2}annotations:\n(?! {4})/m, '');
}

const secretBlock = /^(?:data|stringData):\n(?: .*\n|\n)+/gm;
const secretEntry = /^ {2}(\S[^\n]*?):((?: [^\n]*)?\n(?: {3,}[^\n]*\n|\n)*)/gm;

function secretValues(text: string): Map<string, string> {
  const entries = [...text.matchAll(secretBlock)].flatMap(([block]) => [...block.matchAll(secretEntry)]);
  return new Map(entries.map(([, key, value]) => [key!, value!]));
}

function hideValues(text: string, mark: (key: string) => string): string {
  return text.replace(secretBlock, (block) =>
    block.replace(secretEntry, (_, key: string) => `  ${key}: ${mark(key)}\n`),
  );
}

/** Groups of new kinds have a dot in their names: a kind in a group without is one that this Kubernetes lacks. */
export const isLackingKind = 'no matches for kind "[^"]*" in version "[a-z0-9]*(/[a-z0-9]*)?"';

/**
 * Whether kubectl failed only because something of the manifests is yet to be made by them: a namespace, a new kind. Of a
 * kind that was made a moment ago it says that it does not support dry runs.
 */
export function isNotThereYet(errors: string): boolean {
  if (new RegExp(isLackingKind).test(errors)) return false;
  return /namespaces "[^"]*" not found|no matches for kind|ensure CRDs are installed first|could not find the requested resource|doesn't support dry-run/.test(
    errors,
  );
}

/** Whether there is no cluster, or no kubectl, to ask. */
export function isWithoutCluster(errors: string): boolean {
  return /connection refused|was refused|no such host|i\/o timeout|no route to host|kubectl: (command )?not found|: not found$|No such file or directory|no configuration has been provided/m.test(
    errors,
  );
}
