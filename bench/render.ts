import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { packageRoot } from '../runner/root.ts';
import { createTemplar } from '../runner/template/create.ts';
import type { TemplateContext } from '../runner/template/templar.ts';
import { type RenderCase, renderCases } from './render/cases.ts';

/** What renders a case took, and what came out. */
interface Rendered {
  /** Milliseconds. */
  readonly median: number;
  readonly text: string;
}

const { values } = parseArgs({ options: { python: { type: 'string', default: 'python3' } } });
const theirs = withJinja(values.python);
console.log('| what is rendered | Jinja2, ms | kplay, ms | kplay / Jinja2 |\n| --- | --- | --- | --- |');
renderCases.forEach((one, index) => {
  const [own, other] = [withKplay(one), theirs[index]!];
  if (own.text !== other.text) throw new Error(`${one.name}: the two do not give the same text`);
  const ratio = (own.median / other.median).toFixed(2);
  console.log(`| ${one.name} | ${other.median.toFixed(2)} | ${own.median.toFixed(2)} | ${ratio} |`);
});

function withJinja(python: string): Rendered[] {
  const cases = renderCases.map(({ files = {}, ...one }) => ({ ...one, files }));
  const script = path.join(packageRoot, 'bench/render/render.py');
  const { stdout, stderr, status } = spawnSync(python, [script], { input: JSON.stringify(cases), maxBuffer: 1 << 30 });
  if (status !== 0) throw new Error(`${python}, which needs the package jinja2: ${stderr}`);
  return JSON.parse(String(stdout)) as Rendered[];
}

function withKplay(one: RenderCase): Rendered {
  const folder = mkdtempSync(path.join(tmpdir(), 'kplay-render-'));
  try {
    mkdirSync(path.join(folder, 'templates'));
    for (const [name, text] of Object.entries(one.files ?? {}))
      writeFileSync(path.join(folder, 'templates', name), text);
    return measured(one, contextOf(one, folder), path.join(folder, 'template.j2'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function contextOf({ variables }: RenderCase, folder: string): TemplateContext {
  const scope = {
    get: (name: string) => variables[name],
    has: (name: string) => name in variables,
    names: () => Object.keys(variables),
  };
  return { scope, searchPath: [folder], playbookFolder: folder };
}

function measured(one: RenderCase, context: TemplateContext, file: string): Rendered {
  let templar = createTemplar();
  const [only] = one.templates;
  const render = (): string =>
    one.templates.length === 1
      ? templar.renderFile(only!, file, context)
      : one.templates.map((text) => templar.renderFile(text, file, context)).join('');
  const text = render();
  // The compiler of V8 has to have seen the code, as Python's has.
  for (let round = 0; round < 5; round++) render();
  const times = Array.from({ length: one.rounds }, () => {
    if (one.compiles) templar = createTemplar();
    const start = performance.now();
    render();
    return performance.now() - start;
  }).sort((a, b) => a - b);
  return { median: times[Math.floor(times.length / 2)]!, text };
}
