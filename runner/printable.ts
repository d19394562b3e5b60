/**
 * What a terminal acts on or reorders text by: C0 but tab and newline, DEL, C1, characters that turn the direction of writing,
 * and halves of surrogate pairs, of which U+DC80 to U+DCFF stand for bytes that are no UTF-8.
 */
const unprintable =
  /\r\n|[\0-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** What most texts are, found out faster. */
const plain = /^[\t\n\x20-\x7e]*$/;

/**
 * Text as it may be written to a terminal: what would steer the terminal becomes an escape (`\x1b`, `\u202e`), a line end
 * of CR and LF becomes a newline. Everything that hosts, inventories and playbooks bring goes through here before colours
 * are added.
 */
export function printable(text: string): string {
  if (plain.test(text)) return text;
  return text.replace(unprintable, escaped);
}

function escaped(character: string): string {
  if (character === '\r\n') return '\n';
  const code = character.charCodeAt(0);
  const byte = code >= 0xdc80 && code <= 0xdcff ? code - 0xdc00 : code;
  return byte <= 0xff ? `\\x${byte.toString(16).padStart(2, '0')}` : `\\u${byte.toString(16)}`;
}

const unprintableInJson = /[\x7f-\x9f\u202a-\u202e\u2066-\u2069]/g;

/** JSON whose texts have as escapes what a terminal acts on and JSON itself lets stand. It means the same. */
export function printableJson(json: string): string {
  return json.replace(unprintableInJson, escapedInJson);
}

function escapedInJson(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
