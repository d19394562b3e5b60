import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { load } from 'js-yaml';

/** Variables that one comment is about, with their defaults as they are written. */
interface Entry {
  readonly text: string;
  readonly variables: readonly (readonly [name: string, value: string])[];
}

/** What a role's defaults/main.yml says. */
export interface RoleDefaults {
  /** The comment before the first variable that is set off by an empty line. */
  readonly summary: string;
  readonly entries: readonly Entry[];
}

/** Reads the comments and values of a defaults file. */
export function readDefaults(yaml: string): RoleDefaults {
  const entries: Entry[] = [];
  let summary = '';
  let text: string[] = [];
  let variables: [string, string][] = [];
  const close = (): void => {
    if (variables.length > 0) entries.push({ text: text.join(' '), variables });
    else if (text.length > 0) summary = [summary, text.join(' ')].filter(Boolean).join(' ');
    text = [];
    variables = [];
  };
  for (const line of yaml.split('\n')) {
    const [, name, rest] = /^(\w+):(.*)$/.exec(line) ?? [];
    if (line.startsWith('#')) {
      if (variables.length > 0) close();
      text.push(line.replace(/^# ?/, '').trim());
    } else if (name !== undefined) variables.push([name, rest!.trim()]);
    else if (line.trim() === '' || line === '---') close();
    else if (variables.length > 0) variables.at(-1)![1] += `\n${line}`;
  }
  close();
  return { summary, entries };
}

/** The roles reference, docs/roles.md: every role, where it runs, and its variables. */
export function rolesReference(root: string): string {
  const folder = path.join(root, 'roles');
  const uses = usesOfRoles(path.join(root, 'playbooks'));
  const parts = readdirSync(folder)
    .sort()
    .map((role) => {
      const file = path.join(folder, role, 'defaults', 'main.yml');
      const defaults = readDefaults(existsSync(file) ? readFileSync(file, 'utf8') : '');
      const used = uses.get(role) ?? [];
      const lines = [`## ${role}`, defaults.summary, used.length > 0 ? `Used by ${used.join(', ')}.` : ''];
      return [...lines.filter(Boolean), ...defaults.entries.map(entryText)].join('\n\n');
    });
  const head = [
    '# The roles and their variables',
    'Made from `roles/*/defaults/main.yml` by `npm run docs`; do not edit. Set any of them in the inventory (`group_vars`, `host_vars` or a host’s line).',
  ];
  return `${[...head, ...parts].join('\n\n')}\n`;
}

function entryText(entry: Entry): string {
  const names = entry.variables.map(([name, value]) => {
    const short = value.replace(/\s+/g, ' ').trim();
    if (value.includes('\n') || short.length > 70) return `- \`${name}\`:\n\n${fenced(value)}`;
    return `- \`${name}\`: ${short === '' ? 'empty' : `\`${short}\``}`;
  });
  return [entry.text && `${escaped(entry.text)}`, names.join('\n')].filter(Boolean).join('\n\n');
}

function fenced(value: string): string {
  const lines = value.split('\n').map((line) => (line.trim() === '' ? '' : `  ${line}`));
  if (lines[0] === '') lines.shift();
  return ['  ```yaml', ...lines, '  ```'].join('\n');
}

/** Markdown takes stars and what looks like HTML for its own. */
function escaped(text: string): string {
  return text.replace(/[*<]/g, '\\$&');
}

/** Playbooks that name a role, each with the tags it has there. */
function usesOfRoles(folder: string): Map<string, string[]> {
  const uses = new Map<string, string[]>();
  const files = readdirSync(folder).filter((file) => file.endsWith('.yml'));
  for (const file of files.sort()) {
    for (const [role, tags] of rolesOf(load(readFileSync(path.join(folder, file), 'utf8')))) {
      const place = `\`playbooks/${file}\`${tags === '' ? '' : ` (${tags})`}`;
      const known = uses.get(role) ?? [];
      if (!known.includes(place)) uses.set(role, [...known, place]);
    }
  }
  return uses;
}

type Fields = Readonly<Record<string, unknown>>;

function* rolesOf(node: unknown): Generator<readonly [role: string, tags: string]> {
  if (Array.isArray(node)) for (const one of node) yield* rolesOf(one);
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return;
  const fields = node as Fields;
  for (const role of Array.isArray(fields.roles) ? (fields.roles as (string | Fields)[]) : []) {
    if (typeof role === 'string') yield [role, ''];
    else yield [String(role.role ?? role.name), tagsOf(role.tags)];
  }
  for (const [key, value] of Object.entries(fields)) {
    if (/(^|\.)(include|import)_role$/.test(key)) yield [String((value as Fields).name), tagsOf(fields.tags)];
    else if (/^(tasks|pre_tasks|post_tasks|block|rescue|always)$/.test(key)) yield* rolesOf(value);
  }
}

function tagsOf(tags: unknown): string {
  const names = Array.isArray(tags) ? tags.map(String) : typeof tags === 'string' ? [tags] : [];
  return names.length === 0 ? '' : `tag${names.length > 1 ? 's' : ''} ${names.map((tag) => `\`${tag}\``).join(', ')}`;
}
