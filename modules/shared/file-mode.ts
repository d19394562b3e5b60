import { ModuleFailure } from '../../runner/module/contract.ts';
import type { Value } from '../../runner/value.ts';

const kindMask = 0o170000;

/** What kind of file the bits of `st_mode` tell. */
export type FileKind = 'file' | 'directory' | 'link' | 'block' | 'character' | 'fifo' | 'socket';

const kinds = new Map<number, FileKind>([
  [0o100000, 'file'],
  [0o040000, 'directory'],
  [0o120000, 'link'],
  [0o060000, 'block'],
  [0o020000, 'character'],
  [0o010000, 'fifo'],
  [0o140000, 'socket'],
]);

export function kindOfMode(bits: number): FileKind {
  return kinds.get(bits & kindMask) ?? 'file';
}

/** Permission bits as Ansible prints them: `0644`. */
export function modeText(mode: number): string {
  return (mode & 0o7777).toString(8).padStart(4, '0');
}

/** Permission bits as results of modules that set them have them: `0644`, and `04755` for one with a set-id bit. */
export function resultMode(mode: number): string {
  return `0${(mode & 0o7777).toString(8).padStart(3, '0')}`;
}

/** What a mode is worked out from. */
export interface ModeContext {
  /** The permission bits now. */
  readonly mode: number;
  readonly directory: boolean;
  readonly umask: number;
}

/** Whether a `mode` argument is one of chmod's texts (`u=rwX,g=rX`) rather than a number. */
export function isSymbolicMode(mode: Value | undefined): boolean {
  return typeof mode === 'string' && !/^[0-7]+$/.test(mode.trim());
}

/**
 * The permission bits that a `mode` argument means: a number (YAML reads `0644` as one), octal digits, or chmod's
 * symbolic text, which starts from the bits that are there. Throws {@link ModuleFailure} for anything else.
 */
export function modeBits(mode: Value, context: ModeContext): number {
  if (typeof mode === 'number') return checkedBits(mode, String(mode));
  const text = String(mode).trim();
  if (/^[0-7]+$/.test(text)) return checkedBits(Number.parseInt(text, 8), text);
  return symbolicBits(text, context);
}

function checkedBits(bits: number, text: string): number {
  if (!Number.isInteger(bits) || bits < 0 || bits > 0o7777) {
    throw new ModuleFailure(`mode must be octal like "0644" or symbolic like "u=rw,g=r,o=r", not ${text}`);
  }
  return bits;
}

const shifts: Readonly<Record<string, number>> = { u: 6, g: 3, o: 0 };
const permissions: Readonly<Record<string, number>> = { r: 4, w: 2, x: 1 };

function symbolicBits(text: string, context: ModeContext): number {
  let bits = context.mode & 0o7777;
  for (const clause of text.split(',')) {
    const parts = /^([ugoa]*)((?:[-+=][rwxXstugo]*)+)$/.exec(clause.trim());
    if (!parts) throw new ModuleFailure(`mode must be octal or symbolic: bad symbolic permission for mode: ${text}`);
    const users = parts[1] === '' || parts[1]!.includes('a') ? 'ugo' : parts[1]!;
    const masked = parts[1] === '' ? context.umask : 0;
    for (const [, operator, letters] of parts[2]!.matchAll(/([-+=])([rwxXstugo]*)/g)) {
      bits = applyClause(bits, { users, operator: operator!, letters: letters!, masked, context });
    }
  }
  return bits;
}

interface Clause {
  readonly users: string;
  readonly operator: string;
  readonly letters: string;
  /** Bits that the clause may not touch, because it names no user. */
  readonly masked: number;
  readonly context: ModeContext;
}

function applyClause(bits: number, clause: Clause): number {
  let given = 0;
  let cleared = 0;
  for (const user of new Set(clause.users)) {
    given |= grantedBits(bits, user, clause) & ~clause.masked;
    cleared |= (7 << shifts[user]!) | specialBit(user);
  }
  if (clause.operator === '+') return bits | given;
  if (clause.operator === '-') return bits & ~given;
  // A directory keeps its set-id bits unless they are named, as chmod does.
  const kept = clause.context.directory ? bits & 0o6000 : 0;
  return (bits & ~(cleared & ~clause.masked)) | given | (kept & cleared);
}

function grantedBits(bits: number, user: string, clause: Clause): number {
  let granted = 0;
  for (const letter of clause.letters) {
    if (letter in permissions) granted |= permissions[letter]! << shifts[user]!;
    else if (letter in shifts) granted |= ((bits >> shifts[letter]!) & 7) << shifts[user]!;
    else if (letter === 'X' && (clause.context.directory || (bits & 0o111) !== 0)) granted |= 1 << shifts[user]!;
    else if (letter === 's') granted |= user === 'o' ? 0 : specialBit(user);
    else if (letter === 't' && user === 'o') granted |= 0o1000;
  }
  return granted;
}

function specialBit(user: string): number {
  return user === 'u' ? 0o4000 : user === 'g' ? 0o2000 : 0o1000;
}
