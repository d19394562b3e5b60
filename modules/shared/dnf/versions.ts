/** A package's version as rpm orders it. */
export interface RpmVersion {
  readonly name: string;
  readonly epoch: string;
  readonly version: string;
  readonly release: string;
  readonly arch: string;
}

/** Reads `name epoch version release arch`, undefined for other lines. */
export function parseRpmVersion(line: string): RpmVersion | undefined {
  const [name, epoch, version, release, arch, ...rest] = line.trim().split(/\s+/);
  if (arch === undefined || rest.length > 0 || !/^(\d+|\(none\))$/.test(epoch!)) return undefined;
  return { name: name!, epoch: epoch!.replace('(none)', '0'), version: version!, release: release!, arch };
}

/** Whether an entry of `name` means this package: with its version, its release and epoch when they are given, and its architecture. */
export function isMeant(entry: string, { name, epoch, version, release, arch }: RpmVersion): boolean {
  const forms = [`${version}`, `${version}-${release}`].flatMap((form) => [form, `${epoch}:${form}`]);
  return forms.some((form) => entry === `${name}-${form}` || entry === `${name}-${form}.${arch}`);
}

/** Less than 0, 0, or more than 0, as one version is older than another, the same or newer. */
export function compareRpmVersions(one: RpmVersion, other: RpmVersion): number {
  return (
    Number(one.epoch) - Number(other.epoch) ||
    compareParts(one.version, other.version) ||
    compareParts(one.release, other.release)
  );
}

/**
 * Orders two versions (or releases) by rpm's rules: digits and letters are compared run by run, digits are newer than letters,
 * `~` is older than the end, `^` newer than the end and older than anything else, and all other characters only separate.
 */
export function compareParts(one: string, other: string): number {
  const [left, right] = [runs(one), runs(other)];
  for (let at = 0; ; at++) {
    const [a, b] = [left[at], right[at]];
    if (a === b) {
      if (a === undefined) return 0;
      continue;
    }
    if (a === '~' || b === '~') return a === '~' ? -1 : 1;
    if (a === '^') return b === undefined ? 1 : -1;
    if (b === '^') return a === undefined ? -1 : 1;
    if (a === undefined || b === undefined) return a === undefined ? -1 : 1;
    const order = compareRuns(a, b);
    if (order !== 0) return order;
  }
}

function runs(text: string): string[] {
  return text.match(/\d+|[A-Za-z]+|[~^]/g) ?? [];
}

function compareRuns(a: string, b: string): number {
  const [digitsA, digitsB] = [/^\d/.test(a), /^\d/.test(b)];
  if (digitsA !== digitsB) return digitsA ? 1 : -1;
  if (!digitsA) return a < b ? -1 : a > b ? 1 : 0;
  const [x, y] = [BigInt(a), BigInt(b)];
  return x < y ? -1 : x > y ? 1 : 0;
}
