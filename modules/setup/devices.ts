import type { Mapping } from '../../runner/value.ts';
import { mapping } from '../../runner/value.ts';
import type { FactCollector } from './collector.ts';
import { BlockLinks, linksReading } from './links.ts';

const fields = [
  'size',
  'removable',
  'queue/rotational',
  'queue/logical_block_size',
  'queue/scheduler',
  'queue/discard_granularity',
  'queue/discard_max_hw_bytes',
  'device/vendor',
  'device/model',
  'device/serial',
  'device/sas_address',
  'device/sas_device_handle',
];

/** Disks and their partitions, from /sys/block, and the names under which they are known. */
export const devices: FactCollector = {
  name: 'devices',
  subset: 'hardware',
  shares: [linksReading],
  script: `holders() { for h in "$1"/holders/dm-*; do [ -e "$h" ] || continue; value "$h/dm/name" >/dev/null; printf '%s=%s\\n' "$2" "\${v:-\${h##*/}}"; done; }
for d in /sys/block/*; do
  [ -e "$d/size" ] || continue
  printf '@disk %s\\n' "\${d##*/}"
  for f in ${fields.join(' ')}; do [ -r "$d/$f" ] && { printf '%s=' "$f"; value "$d/$f"; }; done
  holders "$d" holder
  for p in "$d"/*/partition; do
    [ -e "$p" ] || continue
    p=\${p%/partition}; value "$p/start" >/dev/null; s=$v; value "$p/size" >/dev/null
    printf 'partition=%s %s %s\\n' "\${p##*/}" "$s" "$v"
    holders "$p" partition-holder
  done
done
for s in /sys/block/*/slaves/*; do [ -e "$s" ] || continue; d=\${s#/sys/block/}; printf '@owner %s %s\\n' "\${s##*/}" "\${d%%/*}"; done
! command -v lspci >/dev/null || { echo @pci; limit 5 lspci -D; }`,
  parse(output, _known, more) {
    const [sysfs = '', pci = ''] = `\n${output}`.split('\n@pci\n');
    return parseDevices(sysfs, pci, new BlockLinks(more?.shared(linksReading) ?? ''));
  },
};

/** By kinds of links, the links of each device. */
type Links = Readonly<Record<'ids' | 'uuids' | 'labels' | 'masters', ReadonlyMap<string, string[]>>>;

interface Surroundings {
  readonly links: Links;
  readonly places: BlockLinks;
  /** What lspci printed. */
  readonly pci: string;
}

function parseDevices(sysfs: string, pci: string, places: BlockLinks): Mapping {
  const disks: string[][] = [];
  const owners = new Map<string, string[]>();
  for (const line of sysfs.split('\n')) {
    const [mark, first = '', second = ''] = line.split(' ');
    if (mark === '@disk') disks.push([first]);
    else if (mark === '@owner') owners.set(first, [...(owners.get(first) ?? []), second].sort());
    else if (line !== '') disks.at(-1)?.push(line);
  }
  const links: Links = {
    ids: places.names('ids'),
    uuids: places.names('uuids'),
    labels: places.names('labels'),
    masters: owners,
  };
  const around: Surroundings = { links, places, pci };
  return {
    devices: mapping(disks.map(([name, ...lines]) => [name!, disk(name!, lines, around)] as const)),
    device_links: mapping(Object.entries(links).map(([kind, found]) => [kind, mapping([...found])] as const)),
  };
}

function disk(name: string, lines: readonly string[], around: Surroundings): Mapping {
  const values = new Map<string, string>();
  const holders: string[] = [];
  const partitions: Mapping = mapping();
  let partition: Mapping | undefined;
  for (const line of lines) {
    const at = line.indexOf('=');
    const [key, value] = [line.slice(0, at), line.slice(at + 1).trim()];
    if (key === 'holder') holders.push(value);
    else if (key === 'partition-holder') (partition!.holders as string[]).push(value);
    else if (key === 'partition') {
      const partitionName = value.split(' ')[0]!;
      partition = partitionFacts(partitionName, value, around);
      partitions[partitionName] = partition;
    } else if (value !== '') values.set(key, value);
  }
  return { ...diskFacts(name, values, around), holders, partitions };
}

function diskFacts(name: string, values: ReadonlyMap<string, string>, { links, places, pci }: Surroundings): Mapping {
  const sectorSize = values.get('queue/logical_block_size');
  const sectors = sectorsOf(values.get('size'), Number(sectorSize ?? 512));
  const serial = values.get('device/serial');
  const wwn = links.ids.get(name)?.find((id) => id.startsWith('wwn-'));
  return {
    // Ansible says so of every disk.
    virtual: 1,
    links: linksOf(name, links),
    vendor: values.get('device/vendor') ?? null,
    model: values.get('device/model') ?? null,
    sas_address: values.get('device/sas_address') ?? null,
    sas_device_handle: values.get('device/sas_device_handle') ?? null,
    ...(serial === undefined ? {} : { serial }),
    removable: values.get('removable') ?? null,
    support_discard:
      values.get('queue/discard_max_hw_bytes') === '0' ? '0' : (values.get('queue/discard_granularity') ?? null),
    ...(wwn === undefined ? {} : { wwn: wwn.slice('wwn-'.length) }),
    rotational: values.get('queue/rotational') ?? null,
    scheduler_mode: /\[(.*)\]/.exec(values.get('queue/scheduler') ?? '')?.[1] ?? '',
    sectorsize: sectorSize ?? 512,
    sectors,
    size: humanSize(sectors * Number(sectorSize ?? 512)),
    host: controllerOf(places.place(name), pci),
  };
}

/** The kernel counts in sectors of 512 bytes, whatever the disk's are. */
function sectorsOf(size: string | undefined, sectorSize: number): number {
  return Math.floor((Number(size ?? 0) * 512) / sectorSize);
}

function linksOf(device: string, links: Links): Mapping {
  return mapping(Object.entries(links).map(([kind, found]) => [kind, [...(found.get(device) ?? [])]] as const));
}

/** What lspci calls the controller that a disk is at, or nothing. */
function controllerOf(place: string, pci: string): string {
  const address = /.+\/([0-9a-f]{4}:[0-9a-f]{2}:[01][0-9a-f]\.[0-7])\//.exec(place)?.[1];
  if (address === undefined) return '';
  const line = pci.split('\n').find((text) => text.startsWith(`${address} `));
  return line?.slice(address.length + 1) ?? '';
}

function partitionFacts(name: string, text: string, { links }: Surroundings): Mapping {
  const [, start = '', size = ''] = text.split(' ');
  // A partition has no queue of its own that would tell another size.
  const sectorSize = 512;
  const sectors = sectorsOf(size, sectorSize);
  return {
    links: linksOf(name, links),
    start: start === '' ? 0 : start,
    sectorsize: sectorSize,
    sectors,
    size: humanSize(sectors * sectorSize),
    uuid: links.uuids.get(name)?.[0] ?? null,
    holders: [],
  };
}

/** `256.00 GB`, with units of 1024. */
export function humanSize(bytes: number): string {
  const units = ['Bytes', 'KB', 'MB', 'GB', 'TB', 'PB', 'EB'];
  let size = bytes;
  let unit = 0;
  while (size >= 1024 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  return `${size.toFixed(2)} ${units[unit]}`;
}
