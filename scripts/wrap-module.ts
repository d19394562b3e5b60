import path from 'node:path';

/**
 * Turns a compiled ES module into the text of a function of the bundle. It understands what tsc writes for this
 * repository's sources and throws for anything else: statements of import and export that begin a line.
 * There are no cycles of imports (the linter refuses them) and no exported variables that change, so names can be taken
 * from a module when it is loaded.
 */
export function wrapModule(text: string, name: string): string {
  const exported = new Map<string, string>();
  const lines: string[] = [];
  for (const statement of statements(text.replace(/^#!.*/, ''))) {
    lines.push(transform(statement, name, exported));
  }
  for (const [as, local] of exported) lines.push(`$exports.${as} = ${local};`);
  const body = lines
    .join('\n')
    .replaceAll('createRequire(import.meta.url)', '$require')
    .replaceAll('import.meta', '$meta')
    .replace(/\bimport\(/g, '$dynamic(');
  return `function ($exports, $load, $require, $dynamic, $meta) {\n${body}\n}`;
}

/** The lines, those of an import that goes over several joined. */
function* statements(text: string): Generator<string> {
  let open: string | undefined;
  for (const line of text.split('\n')) {
    if (open !== undefined) {
      open += ` ${line.trim()}`;
      if (!/;\s*$/.test(line)) continue;
      yield open;
      open = undefined;
    } else if (/^(import (\w+, )?|export )\{\s*$/.test(line)) {
      open = line;
    } else yield line;
  }
  if (open !== undefined) yield open;
}

function transform(line: string, name: string, exported: Map<string, string>): string {
  if (/^import .*'[^']+';$/.test(line)) return importOf(line, name);
  if (!line.startsWith('export ')) return line;
  const rest = line.slice('export '.length);
  const from = /^\{(.*)\} from '([^']+)';$/.exec(rest);
  if (from) {
    const again = list(from[1]!).map(({ local, as }) => `$exports.${as} = ${sourceOf(from[2]!, name)}.${local};`);
    return again.join(' ');
  }
  const braces = /^\{(.*)\};$/.exec(rest);
  if (braces) {
    for (const { local, as } of list(braces[1]!)) exported.set(as, local);
    return '';
  }
  const unpacked = /^const \{([\w\s,]+)\} = /.exec(rest);
  if (unpacked) {
    for (const { local } of list(unpacked[1]!)) exported.set(local, local);
    return rest;
  }
  if (/^default (?!class|function|async)/.test(rest)) return `$exports.default = ${rest.slice('default '.length)}`;
  const declared = /^(?:async )?(?:function\*?|class|const) (\w+)/.exec(rest);
  // A line of a shell text; were it a statement, the bundle would not compile.
  if (!declared) return line;
  exported.set(declared[1]!, declared[1]!);
  return rest;
}

function importOf(line: string, name: string): string {
  const parts = /^import (?:(\w+)(?:, )?)?(?:\{([^}]*)\} )?\s*(?:from )'([^']+)';$/.exec(line);
  if (!parts) throw new Error(`${name}: not understood: ${line}`);
  const [, whole, names, from] = parts;
  const source = sourceOf(from!, name);
  if (from!.startsWith('.') && whole)
    throw new Error(`${name}: default imports of own files are not understood: ${line}`);
  const lines: string[] = [];
  if (whole) lines.push(`const ${whole} = ${source};`);
  if (names !== undefined) {
    const wanted = list(names).map(({ local, as }) => (local === as ? local : `${local}: ${as}`));
    lines.push(`const { ${wanted.join(', ')} } = ${source};`);
  }
  return lines.join(' ');
}

/** What gives the exports of a file of ours, or of a package. */
function sourceOf(from: string, name: string): string {
  if (!from.startsWith('.')) return `$require(${JSON.stringify(from)})`;
  return `$load(${JSON.stringify(path.posix.join(path.posix.dirname(name), from))})`;
}

function list(names: string): { local: string; as: string }[] {
  return names
    .split(',')
    .map((one) => one.trim())
    .filter((one) => one !== '')
    .map((one) => {
      const [local, as] = one.split(' as ');
      return { local: local!, as: as ?? local! };
    });
}
