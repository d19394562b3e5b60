const trueWords = new Set(['y', 'yes', 'on', '1', 'true', 't']);
const falseWords = new Set(['n', 'no', 'off', '0', 'false', 'f']);

/** The truth of one of Ansible's words for it, in any case of letters; undefined for other text. */
export function booleanWord(word: string): boolean | undefined {
  const lower = word.trim().toLowerCase();
  if (trueWords.has(lower)) return true;
  return falseWords.has(lower) ? false : undefined;
}

/** What Ansible's filter `bool` takes for true; it knows fewer words, takes no blanks away, and has all else for false. */
export function isTrueForFilter(word: string): boolean {
  return ['yes', 'on', '1', 'true'].includes(word.toLowerCase());
}
