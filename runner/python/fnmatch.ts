/** A shell pattern as a regular expression for whole names, by the rules of Python's fnmatch: `*` and `?` match any character, dots and slashes too. */
export function fnmatchExpression(pattern: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; ) {
    const set = /^\[(!?)(\]?[^\]]*)\]/.exec(pattern.slice(at));
    const character = String.fromCodePoint(pattern.codePointAt(at)!);
    if (set && set[2] !== '') {
      source += `[${set[1] ? '^' : ''}${set[2]!.replace(/[\\[\]^]/g, '\\$&')}]`;
      at += set[0].length;
      continue;
    }
    source += character === '*' ? '.*' : character === '?' ? '.' : character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    at += character.length;
  }
  return new RegExp(`^${source}$`, 'su');
}

/** Whether a name matches a shell pattern. */
export function fnmatch(name: string, pattern: string): boolean {
  return fnmatchExpression(pattern).test(name);
}
