import type { SharedReading } from './collector.ts';

const folders = {
  ids: '/dev/disk/by-id',
  uuids: '/dev/disk/by-uuid',
  labels: '/dev/disk/by-label',
  mapper: '/dev/mapper',
} as const;

const init = '/sbin/init';

/**
 * Where links lead, read by one process: those under which block devices are known, those from interfaces to their devices and to the
 * modules that drive these, and the one to the init system.
 */
export const linksReading: SharedReading = {
  name: 'links',
  script: `set -- ${init}
for i in /sys/class/net/*/device /sys/class/net/*/device/driver/module; do [ ! -L "$i" ] || set -- "$@" "$i"; done
ls -l "$@" /sys/block ${Object.values(folders).join(' ')}
set --`,
};

/** The links of a reading that were asked for by their own paths, with what they lead to. */
export function singleLinks(listing: string): (readonly [path: string, target: string])[] {
  return [...listing.matchAll(/^l.* (\/\S+) -> (.*)$/gm)].map(([, path, target]) => [path!, target!]);
}

/** Where /sbin/init leads; empty when it is no link. */
export function initLink(listing: string): string {
  return singleLinks(listing).find(([path]) => path === init)?.[1] ?? '';
}

/** The names of block devices. */
export class BlockLinks {
  readonly #links = new Map<string, (readonly [name: string, target: string])[]>();

  constructor(listing: string) {
    let folder = '/sys/block';
    for (const line of listing.split('\n')) {
      const [, name, target] = /^l.* ([^\s/]+) -> (.*)$/.exec(line) ?? [];
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
