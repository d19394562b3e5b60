import { EvaluationError } from './evaluation-error.ts';

type Part = number | string;

/** The order of two versions by one of Ansible's schemes. Throws EvaluationError for a version the scheme does not know. */
export function compareVersions(a: string, b: string, scheme: string): number {
  switch (scheme) {
    case 'loose':
      return compareParts(looseParts(a), looseParts(b));
    case 'strict':
      return compareStrict(a, b);
    case 'semver':
    case 'semantic':
      return compareSemver(a, b);
    case 'pep440':
      return comparePep440(a, b);
    default:
      throw new EvaluationError(
        `Invalid version type (${scheme}). Must be one of loose, strict, semver, semantic, pep440`,
      );
  }
}

function compare(a: Part, b: Part): number {
  if (typeof a !== typeof b) {
    const [left, right] = [typeof a === 'number' ? 'int' : 'str', typeof b === 'number' ? 'int' : 'str'];
    throw new EvaluationError(
      `Version comparison failed: '<' not supported between instances of '${left}' and '${right}'`,
    );
  }
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compare(a[index]!, b[index]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function looseParts(version: string): Part[] {
  const parts = version.split(/(\d+|[a-z]+|\.)/).filter((part) => part !== '' && part !== '.');
  return parts.map((part) => (/^\d+$/.test(part) ? Number(part) : part));
}

function compareStrict(a: string, b: string): number {
  const read = (version: string): number[] => {
    const match = /^(\d+)\.(\d+)(?:\.(\d+))?(?:([ab])(\d+))?$/.exec(version);
    if (!match) throw new EvaluationError(`Version comparison failed: invalid version number '${version}'`);
    const [, major, minor, patch = '0', letter, number = '0'] = match;
    const stage = letter === 'a' ? 0 : letter === 'b' ? 1 : 2;
    return [Number(major), Number(minor), Number(patch), stage, Number(number)];
  };
  return compareParts(read(a), read(b));
}

const semver =
  /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(?:-((?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*)(?:\.(?:0|[1-9]\d*|\d*[a-zA-Z-][0-9a-zA-Z-]*))*))?(?:\+[0-9a-zA-Z-]+(?:\.[0-9a-zA-Z-]+)*)?$/;

function compareSemver(a: string, b: string): number {
  const [coreA, preA] = readSemver(a);
  const [coreB, preB] = readSemver(b);
  const order = compareParts(coreA, coreB);
  if (order !== 0 || preA === preB) return order;
  if (preA === undefined) return 1;
  if (preB === undefined) return -1;
  return comparePrereleases(preA.split('.'), preB.split('.'));
}

function readSemver(version: string): [number[], string | undefined] {
  const match = semver.exec(version);
  if (!match) throw new EvaluationError(`Version comparison failed: invalid semantic version '${version}'`);
  return [[Number(match[1]), Number(match[2]), Number(match[3])], match[4]];
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const [left = '', right = ''] = [a[index], b[index]];
    const [leftNumber, rightNumber] = [/^\d+$/.test(left), /^\d+$/.test(right)];
    if (leftNumber && rightNumber) {
      if (Number(left) !== Number(right)) return Number(left) - Number(right);
    } else if (leftNumber !== rightNumber) return leftNumber ? -1 : 1;
    else if (left !== right) return left < right ? -1 : 1;
  }
  return a.length - b.length;
}

const pep440 =
  /^v?(?:(\d+)!)?(\d+(?:\.\d+)*)(?:[-_.]?(a|b|c|rc|alpha|beta|pre|preview)[-_.]?(\d*))?(?:(?:-(\d+))|(?:[-_.]?(post|rev|r)[-_.]?(\d*)))?(?:[-_.]?(dev)[-_.]?(\d*))?(?:\+([a-z0-9]+(?:[-_.][a-z0-9]+)*))?$/i;
const stages: Readonly<Record<string, number>> = { a: 0, alpha: 0, b: 1, beta: 1, c: 2, rc: 2, pre: 2, preview: 2 };

function comparePep440(a: string, b: string): number {
  const left = readPep440(a);
  const right = readPep440(b);
  return compareParts(left.key, right.key) || compareLocal(left.local, right.local);
}

function readPep440(version: string): { key: number[]; local: string | undefined } {
  const match = pep440.exec(version.trim());
  if (!match) throw new EvaluationError(`Version comparison failed: Invalid version: '${version}'`);
  const [, epoch = '0', release = '', pre, preNumber, post, postWord, postNumber, dev, devNumber, local] = match;
  const numbers = release.split('.').map(Number);
  const padded = Array.from({ length: 8 }, (_, index) => numbers[index] ?? 0);
  const isPost = post !== undefined || postWord !== undefined;
  const preKey = pre ? stages[pre.toLowerCase()]! : !isPost && dev ? -1 : 3;
  const postKey = isPost ? Number(post ?? (postNumber || 0)) : -1;
  const devKey = dev ? Number(devNumber || 0) : Number.MAX_SAFE_INTEGER;
  return { key: [Number(epoch), ...padded, preKey, Number(preNumber || 0), postKey, devKey], local };
}

function compareLocal(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return -1;
  if (b === undefined) return 1;
  const read = (local: string): string[] => local.toLowerCase().split(/[-_.]/);
  return -comparePrereleases(read(b), read(a));
}
