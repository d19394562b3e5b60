import { KplayError } from '../../../runner/errors.ts';
import type { Position } from '../../../runner/position.ts';
import type { Templar } from '../../../runner/template/templar.ts';
import type { Value } from '../../../runner/value.ts';

function balanced(text: string, position: Position | undefined): void {
  if (text.split('{{').length === text.split('}}').length) return;
  throw new KplayError({ code: 'template', message: 'A template is not closed.', position });
}

function unused(): never {
  throw new Error('not part of the stub');
}

/** Knows `{{ name }}` only, and takes `=` alone in an expression for an error. */
export const stubTemplar: Templar = {
  isVolatile: () => false,
  isTemplate: (text) => /\{\{|\{%/.test(text),
  render: (value, context) =>
    typeof value === 'string'
      ? value.replace(/\{\{ *(\w+) *\}\}/g, (_, name: string) => {
          const found = context.scope.get(name);
          if (found === undefined) throw new KplayError({ code: 'undefined', message: `'${name}' is undefined` });
          return found as Value as string;
        })
      : value,
  evaluate: unused,
  test: unused,
  renderFile: unused,
  check: balanced,
  checkExpression: (text, position) => {
    if (/[^=!<>]=[^=]/.test(text))
      throw new KplayError({ code: 'template', message: 'A "=" is no operator.', position });
  },
  checkFile: (text, file) => {
    const line = text.split('\n').findIndex((one) => one.split('{{').length !== one.split('}}').length);
    if (line >= 0) balanced(text, { file, line: line + 1, column: 1 });
  },
  lookup: unused,
  lookupNames: new Set(['items', 'dict', 'first_found', 'together', 'fileglob']),
  omit: '__omit__',
  rules: '2.18',
};
