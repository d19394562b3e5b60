import type { SharedReading } from './collector.ts';

const folders = {
  ids: '/dev/disk/by-id',
  uuids: '/dev/disk/by-uuid',
  labels: '/dev/disk/by-label',
  mapper: '/dev/mapper',
} as const;

/** The links under which block devices are known, read by one process. */
export const blockLinksReading: SharedReading = {
  name: 'block_links',
  script: `ls -l /sys/block ${Object.values(folders).join(' ')}`,
};

/** The names of block devices. */
export class BlockLinks {
  readonly #links = new Map<string, (readonly [name: string, target: string])[]>();

  constructor(listing: string) {
    // A list of one folder has no headings.
    let folder = '/sys/block';
    for (const line of listing.split('\n')) {
      const [, name, target] = /^l.* (\S+) -> (.*)$/.exec(line) ?? [];
      if (name !== undefined) this.#of(folder).push([name, target!]);
      else if (/^\/.*:$/.test(line)) folder = line.slice(0, -1);
    }
  }

  /** Where /sys/block/NAME leads. */
  place(disk: string): string {
    return this.#of('/sys/block').find(([name]) => name === disk)?.[1] ?? disk;
  }

  /** By the kernel's names of devices, the names of one kind that lead to them. */
  names(kind: 'ids' | 'uuids' | 'labels'): ReadonlyMap<string, string[]> {
    const found = new Map<string, string[]>();
    for (const [name, target] of this.#of(folders[kind])) {
      const device = lastPart(target);
      found.set(device, [...(found.get(device) ?? []), name].sort());
    }
    return found;
  }

  /** The kernel's name of a device file. */
  kernelName(path: string): string {
    const at = path.lastIndexOf('/');
    const link = this.#of(path.slice(0, at)).find(([name]) => name === path.slice(at + 1));
    return lastPart(link?.[1] ?? path);
  }

  #of(folder: string): (readonly [string, string])[] {
    const known = this.#links.get(folder);
    if (known) return known;
    const made: (readonly [string, string])[] = [];
    this.#links.set(folder, made);
    return made;
  }
}

function lastPart(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
