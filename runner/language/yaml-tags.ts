import type { Problem } from '../errors.ts';
import { decode } from '../python/bytes.ts';
import type { Value } from '../value.ts';
import { asFloat, readFloat, readInteger, resolvePlain } from './yaml-scalars.ts';

const known = new Set(['!', '!!str', '!!int', '!!float', '!!bool', '!!null', '!!binary', '!!seq', '!!map', '!unsafe']);

/** What is wrong with a tag, for one that is not read here. */
export function refusedTag(tag: string): Problem | undefined {
  if (known.has(tag)) return undefined;
  return tag === '!vault' || tag === '!vault-encrypted'
    ? {
        code: 'unsupported',
        message: 'Values encrypted with ansible-vault (!vault) are not supported.',
        hint: 'Keep the secret in a file of its own that only you can read, or give it with --extra-vars @FILE.',
      }
    : {
        code: 'yaml',
        message: `The YAML tag "${tag}" is not known.`,
        hint: 'Quote the text if it shall begin with "!".',
      };
}

/** The value of a scalar with a known tag. `fail` is told what is wrong with a text that is not what its tag says, and throws. */
export function taggedValue(text: string, tag: string, fail: (message: string) => never): Value {
  switch (tag) {
    case '!!int':
      return readInteger(text) ?? fail(`"${text}" is not a whole number.`);
    case '!!float':
      return readFloat(text) ?? decimal(text) ?? fail(`"${text}" is not a number.`);
    case '!!bool':
      return boolean(text) ?? fail(`"${text}" is not a boolean.`);
    case '!!null':
      return null;
    case '!!binary':
      return binary(text) ?? fail('This is no base64, in which "!!binary" is written.');
    default:
      return text;
  }
}

function decimal(text: string): Value | undefined {
  return text.trim() !== '' && Number.isFinite(Number(text)) ? asFloat(Number(text)) : undefined;
}

function boolean(text: string): boolean | undefined {
  const value = resolvePlain(text);
  return typeof value === 'boolean' ? value : undefined;
}

/** Bytes are text here, as they come out of Ansible's templates. */
function binary(text: string): string | undefined {
  const digits = text.replaceAll(/\s/g, '');
  if (digits.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(digits)) return undefined;
  return decode(Buffer.from(digits, 'base64'));
}
