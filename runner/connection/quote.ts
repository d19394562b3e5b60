/** Quotes a text for POSIX sh as one word, whatever it holds (NUL excepted, which no shell can take). */
export function quote(text: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}
