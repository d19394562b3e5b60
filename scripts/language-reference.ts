import { type KeywordPlace, keywords, kindNames, loopControlKeywords } from '../runner/language/keywords.ts';

const places: readonly (readonly [KeywordPlace, string])[] = [
  ['play', 'play'],
  ['role', 'role'],
  ['block', 'block'],
  ['task', 'task'],
  ['handler', 'handler'],
  ['include', 'include'],
  ['import_playbook', 'import_playbook'],
];

/** docs/language.md: every keyword, where it may stand and what it takes, out of the tables that the loader reads by. */
export function languageReference(): string {
  const heads = ['keyword', 'what it takes', ...places.map(([, name]) => name), 'what it means'];
  const rows = Object.entries(keywords)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, { kind, on, doc, unsupported }]) => [
      `\`${name}\``,
      kindNames[kind],
      ...places.map(([place]) => (on.includes(place) ? 'yes' : '')),
      unsupported === undefined ? doc : `Not supported: ${unsupported}`,
    ]);
  const loop = Object.entries(loopControlKeywords).map(([name, doc]) => [`\`${name}\``, doc]);
  return `# Keywords

Made by \`npm run docs\` out of kplay's own tables; \`kplay doc -t keyword NAME\` tells the same of one. Where a value may be a template, it is one
that gives what the second column says. \`include\` is a task that runs include_tasks or include_role: what is included takes the others in
\`apply\`. \`with_NAME\` runs a task for each item that the lookup NAME gives.

${tableOf(heads, rows)}
## Under loop_control

${tableOf(['keyword', 'what it means'], loop)}`;
}

function tableOf(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`;
  return line(heads) + line(heads.map(() => '---')) + rows.map(line).join('');
}
