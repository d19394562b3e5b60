import { joined, splitLines } from './text-operations.ts';

/** Python's textwrap for every line of a text, white space kept inside lines, as Jinja's `wordwrap` asks for it. */
export function wrapText(text: string, width: number, breakLong: boolean, onHyphens: boolean, newline: string): string {
  return splitLines(text)
    .map((line) => joined(wrapLine(line, width, breakLong, onHyphens), newline))
    .join(newline);
}

function wrapLine(line: string, width: number, breakLong: boolean, onHyphens: boolean): string[] {
  const chunks = splitChunks(line, onHyphens);
  const lines: string[] = [];
  let current = '';
  for (let chunk = chunks.shift(); chunk !== undefined; chunk = chunks.shift()) {
    if (current === '' && lines.length > 0 && chunk.trim() === '') continue;
    if (current.length + chunk.length <= width) {
      current += chunk;
      continue;
    }
    if (chunk.length > width && breakLong) {
      const room = Math.max(1, width - current.length);
      lines.push(current + chunk.slice(0, room));
      chunks.unshift(chunk.slice(room));
    } else if (current === '') lines.push(chunk);
    else {
      lines.push(current.trimEnd());
      chunks.unshift(chunk);
    }
    current = '';
  }
  if (current.trim() !== '') lines.push(current.trimEnd());
  return lines;
}

function splitChunks(line: string, onHyphens: boolean): string[] {
  const pattern = onHyphens ? /\s+|[^\s-]*\w-(?=\w)|[^\s]+?(?=\s|$|(?<=\w)-(?=\w))|\S+/g : /\s+|\S+/g;
  return line.match(pattern) ?? [];
}
