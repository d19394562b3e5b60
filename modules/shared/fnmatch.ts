/** Whether a name matches a shell pattern, by the rules of Python's fnmatch: `*` and `?` match any character, dots and slashes too. */
export function fnmatch(name: string, pattern: string): boolean {
  return new RegExp(`^${translate(pattern)}$`, 'su').test(name);
}

function translate(pattern: string): string {
  let result = '';
  for (let at = 0; at < pattern.length; ) {
    const set = /^\[(!?)(\]?[^\]]*)\]/.exec(pattern.slice(at));
    const character = String.fromCodePoint(pattern.codePointAt(at)!);
    if (set && set[2] !== '') {
      result += `[${set[1] ? '^' : ''}${set[2]!.replace(/[\\[\]^]/g, '\\$&')}]`;
      at += set[0].length;
      continue;
    }
    result += character === '*' ? '.*' : character === '?' ? '.' : character.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
    at += character.length;
  }
  return result;
}
