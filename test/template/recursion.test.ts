import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { createTemplar } from '../../runner/template/create.ts';
import { contextOf, problemOf } from './context.ts';

const templar = createTemplar();

/** Writes template files, and renders the one that is named. */
function render(t: ExecutionContext, files: Readonly<Record<string, string>>, name: string): () => string {
  const directory = mkdtempSync(path.join(tmpdir(), 'kplay-templates-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  for (const [file, text] of Object.entries(files)) writeFileSync(path.join(directory, file), text);
  const context = contextOf({ tree: [[[]], []] }, [directory]);
  return () => templar.renderFile(files[name]!, path.join(directory, name), context);
}

test('a chain of extends is followed to its end', (t) => {
  const files = {
    'top.j2': '{% extends "middle.j2" %}{% block b %}top{% endblock %}',
    'middle.j2': '{% extends "base.j2" %}{% block b %}middle {{ super() }}{% endblock %}',
    'base.j2': 'base {% block b %}{% endblock %}',
  };
  t.is(render(t, files, 'top.j2')(), 'base top');
  t.is(render(t, files, 'middle.j2')(), 'base middle ');
});

test('a template that includes itself under a condition is rendered', (t) => {
  const files = { 'tree.j2': '({% for n in tree %}{% set tree = n %}{% include "tree.j2" %}{% endfor %})' };
  t.is(render(t, files, 'tree.j2')(), '((())())');
});

const rings: Record<string, { files: Record<string, string>; message: RegExp; place: [string, number] }> = {
  'extends itself': {
    files: { 'a.j2': 'x\n{% extends "a.j2" %}' },
    message: /a\.j2 extends a\.j2/,
    place: ['a.j2', 2],
  },
  'extends what extends it': {
    files: { 'a.j2': '{% extends "b.j2" %}', 'b.j2': '\n\n{% extends "a.j2" %}' },
    message: /a\.j2 extends b\.j2 extends a\.j2/,
    place: ['b.j2', 3],
  },
  'includes itself': {
    files: { 'a.j2': 'x\n{% include "a.j2" %}' },
    message: /a\.j2 includes a\.j2/,
    place: ['a.j2', 2],
  },
  'imports what imports it': {
    files: { 'a.j2': '{% import "b.j2" as b %}', 'b.j2': '{% import "a.j2" as a %}' },
    message: /a\.j2 includes b\.j2 includes a\.j2/,
    place: ['b.j2', 1],
  },
  'looks itself up': {
    files: { 'a.j2': "\n{{ lookup('template', 'a.j2') }}" },
    message: /a\.j2 includes a\.j2/,
    place: ['a.j2', 2],
  },
  'has a macro that calls itself': {
    files: { 'a.j2': '{% macro m() %}\n{{ m() }}{% endmacro %}{{ m() }}' },
    message: /^recursive loop detected/,
    place: ['a.j2', 2],
  },
};

for (const [what, { files, message, place }] of Object.entries(rings)) {
  test(`a template that ${what} fails with the place`, (t) => {
    const problem = problemOf(render(t, files, 'a.j2'));
    t.regex(problem.message, /^recursive loop detected in template string/);
    t.regex(problem.message, message);
    t.deepEqual([path.basename(problem.position!.file), problem.position!.line], place);
  });
}

test('what fails in a template that is extended has its place there', (t) => {
  const files = {
    'a.j2': '{% extends "b.j2" %}{% block x %}\n{{ nope }}{% endblock %}',
    'b.j2': '\n\n\n{{ missing }}',
  };
  const inBase = problemOf(render(t, files, 'a.j2')).position!;
  t.deepEqual([path.basename(inBase.file), inBase.line], ['b.j2', 4]);
  const inBlock = problemOf(render(t, { ...files, 'b.j2': '\n{% block x %}{% endblock %}' }, 'a.j2')).position!;
  t.deepEqual([path.basename(inBlock.file), inBlock.line], ['a.j2', 2]);
});
