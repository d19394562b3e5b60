/**
 * Splits a play's hosts into the batches of `serial`: numbers, or percentages of all hosts rounded down (at least 1);
 * the last value repeats. Throws RangeError for a value that is neither.
 */
export function splitIntoBatches<T>(hosts: readonly T[], serial: readonly (number | string)[]): T[][] {
  const sizes = serial.map((size) => batchSize(size, hosts.length));
  if (sizes.length === 0) return hosts.length > 0 ? [[...hosts]] : [];
  const batches: T[][] = [];
  let start = 0;
  while (start < hosts.length) {
    const size = sizes[Math.min(batches.length, sizes.length - 1)]!;
    // A size of 0 or less means all that are left, as in Ansible.
    const end = size <= 0 ? hosts.length : start + size;
    batches.push(hosts.slice(start, end));
    start = end;
  }
  return batches;
}

function batchSize(size: number | string, total: number): number {
  const percentage = /^\s*(\d+(?:\.\d+)?)%\s*$/.exec(String(size));
  // In Ansible's order of computing: 29% of 100 hosts are 28.
  if (percentage) return Math.max(1, Math.floor((Number(percentage[1]) / 100) * total));
  const number = Number(size);
  if (!Number.isInteger(number))
    throw new RangeError(`serial must be a number of hosts or a percentage, not "${size}"`);
  return number;
}

/** Whether `count` of `total` hosts are more than a percentage of them; in Ansible's order of computing, so that 7 of 25 are not more than 28 %. */
export function isMoreThan(count: number, total: number, percentage: number): boolean {
  return count / total > percentage / 100;
}
