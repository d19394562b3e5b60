import type { Mapping } from '../../../runner/value.ts';
import { mapping } from '../../../runner/value.ts';
import type { FactCollector } from './collector.ts';
import { uuidScript } from './collector.ts';

const fields = 'size removable ro queue/rotational queue/logical_block_size device/vendor device/model queue/scheduler';

/** Disks and their partitions, from /sys/block. */
export const devices: FactCollector = {
  name: 'devices',
  subset: 'hardware',
  script: `for d in /sys/block/*; do
  [ -e "$d/size" ] || continue
  printf '@disk %s\\n' "\${d##*/}"
  for f in ${fields}; do [ -r "$d/$f" ] && { printf '%s=' "$f"; value "$d/$f"; }; done
  for h in "$d"/holders/*; do [ -e "$h" ] && printf 'holder=%s\\n' "\${h##*/}"; done
  for p in "$d"/*/partition; do
    [ -e "$p" ] || continue
    p=\${p%/partition}; value "$p/start" >/dev/null; s=$v; value "$p/size" >/dev/null
    printf 'partition=%s %s %s\\n' "\${p##*/}" "$s" "$v"
  done
done
ls -l /sys/block | sed -n 's/.* \\([^ ]*\\) -> \\(.*\\)$/@link \\1 \\2/p'
${uuidScript}`,
  parse: parseDevices,
};

function parseDevices(output: string): Mapping {
  const uuids = new Map<string, string>();
  const links = new Map<string, string>();
  const disks: string[][] = [];
  for (const line of output.split('\n')) {
    if (line.startsWith('@uuid ')) uuids.set(line.split(' ')[1]!, line.split(' ')[2]!);
    else if (line.startsWith('@link ')) links.set(line.split(' ')[1]!, line.split(' ')[2]!);
    else if (line.startsWith('@disk ')) disks.push([line.slice(6)]);
    else if (line !== '') disks.at(-1)?.push(line);
  }
  return {
    devices: mapping(disks.map(([name, ...lines]) => [name!, disk(lines, links.get(name!) ?? '', uuids)] as const)),
  };
}

function disk(lines: readonly string[], link: string, uuids: Map<string, string>): Mapping {
  const values = new Map<string, string>();
  const holders: string[] = [];
  const partitions = mapping();
  const sectorSize = lines.find((line) => line.startsWith('queue/logical_block_size='))?.split('=')[1] ?? '512';
  for (const line of lines) {
    const at = line.indexOf('=');
    const [key, value] = [line.slice(0, at), line.slice(at + 1).trim()];
    if (key === 'holder') holders.push(value);
    else if (key === 'partition') addPartition(partitions, value, sectorSize, uuids);
    else values.set(key, value);
  }
  const sectors = values.get('size') ?? '0';
  return {
    virtual: /\/virtual\/|virtio/.test(link) ? 1 : 0,
    vendor: values.get('device/vendor') ?? null,
    model: values.get('device/model') ?? null,
    removable: values.get('removable') ?? '0',
    rotational: values.get('queue/rotational') ?? '0',
    scheduler_mode:
      /\[([^\]]+)\]/.exec(values.get('queue/scheduler') ?? '')?.[1] ?? values.get('queue/scheduler') ?? '',
    sectors,
    sectorsize: sectorSize,
    size: humanSize(Number(sectors) * 512),
    holders,
    partitions,
  };
}

function addPartition(partitions: Mapping, text: string, sectorSize: string, uuids: Map<string, string>): void {
  const [name = '', start = '0', sectors = '0'] = text.split(' ');
  const size = humanSize(Number(sectors) * 512);
  partitions[name] = {
    start,
    sectors,
    sectorsize: Number(sectorSize),
    size,
    uuid: uuids.get(name) ?? null,
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
