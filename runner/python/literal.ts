import { Float } from '../value.ts';

/** A float as Python prints it: `1.0`, `1e+16`, `1e-05`, `inf`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (Object.is(value, -0)) return '-0.0';
  const [mantissa = '', power = '0'] = value.toExponential().split('e');
  const exponent = Number(power);
  if (value !== 0 && (exponent < -4 || exponent >= 16)) {
    return `${mantissa}e${exponent < 0 ? '-' : '+'}${String(Math.abs(exponent)).padStart(2, '0')}`;
  }
  if (Number.isInteger(value)) return `${BigInt(value)}.0`;
  return exponent < 0 ? value.toFixed(mantissa.replace(/[-.]/g, '').length - 1 - exponent) : String(value);
}

/** A number as Python's str() prints it; a whole number of JavaScript is an int. */
export function numberText(value: number | bigint | Float): string {
  if (value instanceof Float) return floatText(value.value);
  return typeof value === 'bigint' || Number.isInteger(value) ? String(value) : floatText(value);
}

/** A number as Python's json.dumps prints it. */
export function jsonNumber(value: number | bigint | Float): string {
  const number = value instanceof Float ? value.value : value;
  if (typeof number === 'bigint' || Number.isFinite(number)) return numberText(value);
  return Number.isNaN(number) ? 'NaN' : number > 0 ? 'Infinity' : '-Infinity';
}

const plainText = /^[ !#-&(-[\]-~]*$/;
const needsEscape = /[\\\n\r\t]|[\p{C}\p{Z}]/gu;
const shortEscapes: Readonly<Record<string, string>> = {
  '\\': '\\\\',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  ' ': ' ',
};

/** Text as a Python literal: single quotes unless the text holds those and no double ones. */
export function quoted(text: string): string {
  if (plainText.test(text)) return `'${text}'`;
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text.replace(needsEscape, escapeCharacter);
  return quote + (quote === "'" ? escaped.replaceAll("'", "\\'") : escaped) + quote;
}

function escapeCharacter(character: string): string {
  const short = shortEscapes[character];
  if (short !== undefined) return short;
  const code = character.codePointAt(0)!;
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`;
}
