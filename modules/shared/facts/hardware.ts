import type { Mapping, Value } from '../../../runner/value.ts';
import { Float } from '../../../runner/value.ts';
import { keyValues, linesOf } from '../probe.ts';
import type { FactCollector } from './collector.ts';
import { uuidScript } from './collector.ts';

/** Processors, counted as Ansible counts them. */
export const processors: FactCollector = {
  name: 'processor',
  subset: 'hardware',
  ids: ['processor_cores', 'processor_count', 'processor_vcpus', 'processor_nproc', 'processor_threads_per_core'],
  script: `nproc 2>/dev/null || echo
grep -E '^(processor|Processor|vendor_id|Vendor|model name|cpu|physical id|core id|cpu cores|siblings|# processors)[[:space:]]*:' /proc/cpuinfo`,
  parse: parseProcessors,
};

function parseProcessors(output: string, known: Mapping): Mapping {
  const [available = '', ...lines] = output.split('\n');
  const listed: string[] = [];
  const sockets = new Map<string, number>();
  const threads = new Map<string, number>();
  const seen = { processor: 0, vendor_id: 0, 'model name': 0 };
  let socket = '0';
  let core = '0';
  for (const line of lines) {
    const at = line.indexOf(':');
    if (at < 0) continue;
    const key = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    if (/^(model name|Processor|vendor_id|cpu|Vendor|processor)$/.test(key)) listed.push(value);
    if (key in seen) seen[key as keyof typeof seen]++;
    if (key === 'physical id') {
      socket = value;
      if (!sockets.has(socket)) sockets.set(socket, 1);
    } else if (key === 'core id') {
      core = value;
      if (!threads.has(core)) threads.set(core, 1);
    } else if (key === 'cpu cores') sockets.set(socket, Number(value));
    else if (key === 'siblings') threads.set(core, Number(value));
  }
  const arm = /^(armv|aarch|ppc)/.test(String(known.architecture ?? ''));
  const entries = seen.vendor_id > 0 && seen.vendor_id === seen['model name'] ? seen.vendor_id : listed.length;
  const count = sockets.size || (arm ? seen.processor : entries);
  const cores = [...sockets.values()][0] || 1;
  const threadsPerCore = Math.max(1, Math.floor(([...threads.values()][0] ?? 1) / cores));
  return {
    processor: listed,
    processor_count: count,
    processor_cores: cores,
    processor_threads_per_core: threadsPerCore,
    processor_vcpus: threadsPerCore * count * cores,
    processor_nproc: Number(available) || seen.processor,
  };
}

/** Memory and swap in MiB. */
export const memory: FactCollector = {
  name: 'memory',
  subset: 'hardware',
  ids: ['memtotal_mb', 'memfree_mb', 'swaptotal_mb', 'swapfree_mb', 'memory_mb'],
  script: 'cat /proc/meminfo',
  parse: parseMemory,
};

function parseMemory(output: string): Mapping {
  const values = keyValues(output, ':');
  const mib = (key: string): number => Math.floor((Number.parseInt(values.get(key) ?? '0', 10) || 0) / 1024);
  const kib = (key: string): number => Number.parseInt(values.get(key) ?? '0', 10) || 0;
  const total = mib('MemTotal');
  const free = mib('MemFree');
  const freeWithoutCache = Math.floor((kib('MemFree') + kib('Cached') + kib('Buffers')) / 1024);
  return {
    memtotal_mb: total,
    memfree_mb: free,
    swaptotal_mb: mib('SwapTotal'),
    swapfree_mb: mib('SwapFree'),
    memory_mb: {
      real: { total, used: total - free, free },
      nocache: { free: freeWithoutCache, used: total - freeWithoutCache },
      swap: {
        total: mib('SwapTotal'),
        free: mib('SwapFree'),
        used: mib('SwapTotal') - mib('SwapFree'),
        cached: mib('SwapCached'),
      },
    },
  };
}

/** Time since boot and load. */
export const uptime: FactCollector = {
  name: 'uptime',
  subset: 'hardware',
  ids: ['uptime_seconds', 'loadavg'],
  script: 'value /proc/uptime; value /proc/loadavg',
  parse(output) {
    const [up = '', load = ''] = output.split('\n');
    const [one, five, fifteen] = load.split(' ').map((number) => toFloat(Number(number)));
    return {
      uptime_seconds: Math.floor(Number.parseFloat(up) || 0),
      ...(load === '' ? {} : { loadavg: { '1m': one!, '5m': five!, '15m': fifteen! } }),
    };
  },
};

function toFloat(number: number): Value {
  return Number.isInteger(number) ? new Float(number) : number;
}

const dmiFields: Readonly<Record<string, string>> = {
  bios_date: 'bios_date',
  bios_vendor: 'bios_vendor',
  bios_version: 'bios_version',
  board_asset_tag: 'board_asset_tag',
  board_name: 'board_name',
  board_serial: 'board_serial',
  board_vendor: 'board_vendor',
  board_version: 'board_version',
  chassis_asset_tag: 'chassis_asset_tag',
  chassis_serial: 'chassis_serial',
  chassis_vendor: 'chassis_vendor',
  chassis_version: 'chassis_version',
  product_name: 'product_name',
  product_serial: 'product_serial',
  product_uuid: 'product_uuid',
  product_version: 'product_version',
  system_vendor: 'sys_vendor',
};

/** Maker, model and serial numbers, as the firmware tells them; `NA` for what it does not. */
export const dmi: FactCollector = {
  name: 'dmi',
  subset: 'hardware',
  ids: Object.keys(dmiFields),
  script: `for f in ${Object.values(dmiFields).join(' ')}; do value "/sys/devices/virtual/dmi/id/$f"; done`,
  parse(output) {
    const lines = output.split('\n');
    return Object.fromEntries(Object.keys(dmiFields).map((fact, index) => [fact, lines[index]?.trim() || 'NA']));
  },
};

/**
 * Mounted file systems that stand on a device or a server, with their sizes: those of devices are asked for at once, a
 * server's and what a program mounts one by one, since it may not answer.
 */
export const mounts: FactCollector = {
  name: 'mounts',
  subset: 'hardware',
  script: `${uuidScript}
set --
while read -r device mount type options rest; do
  case $device in /*|*:/*) ;; *) continue ;; esac
  [ "$type" = none ] && continue
  printf '%s\\t%s\\t%s\\t%s\\n' "$device" "$mount" "$type" "$options"
  case "$type $device$mount" in
    fuse*|*:/*|*' //'*|*\\\\*) printf '@size %s %s\\n' "$(limit 5 stat -f -c '%S %b %a %c %d' "$(printf '%b' "$mount")")" "$mount" ;;
    *) set -- "$@" "$mount" ;;
  esac
done </proc/self/mounts
[ $# = 0 ] || limit 5 stat -f -c '@size %S %b %a %c %d %n' "$@"
set --`,
  parse: parseMounts,
};

function parseMounts(output: string): Mapping {
  const uuids = new Map<string, string>();
  const sizes = new Map<string, string>();
  const found: Mapping[] = [];
  const lines = linesOf(output);
  for (const line of lines) {
    const [, device = '', uuid = ''] = /^@uuid (\S+) (\S+)/.exec(line) ?? [];
    if (device !== '') uuids.set(device, uuid);
    const [, numbers = '', mount = ''] = /^@size ((?:\d+ ){5})(.*)$/.exec(line) ?? [];
    if (mount !== '') sizes.set(mount, numbers.trim());
  }
  for (const line of lines.filter((text) => !text.startsWith('@'))) {
    const [device = '', mount = '', fstype = '', options = ''] = line.split('\t');
    found.push({
      mount: unescapeMount(mount),
      device: unescapeMount(device),
      fstype,
      options,
      ...sizeFacts(sizes.get(mount) ?? ''),
      uuid: uuids.get(device.split('/').at(-1)!) ?? 'N/A',
    });
  }
  return { mounts: found };
}

/** The kernel writes blanks in paths as octal escapes. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function sizeFacts(sizes: string): Mapping {
  const numbers = sizes.split(' ').map(Number);
  if (numbers.length !== 5 || numbers.some(Number.isNaN)) return {};
  const [size, blocks, available, inodes, freeInodes] = numbers as [number, number, number, number, number];
  return {
    size_total: size * blocks,
    size_available: size * available,
    block_size: size,
    block_total: blocks,
    block_available: available,
    block_used: blocks - available,
    inode_total: inodes,
    inode_available: freeInodes,
    inode_used: inodes - freeInodes,
  };
}
