import type { Mapping } from '../../runner/value.ts';
import type { FactCollector, SharedReading } from './collector.ts';

const keys = [
  'processor',
  'Processor',
  'vendor_id',
  'Vendor',
  'model name',
  'cpu',
  'physical id',
  'core id',
  'cpu cores',
  'siblings',
  '# processors',
  'max thread id',
];

/** What lines of the kernel's lists begin with that show what the machine is, and the sign for that. */
const machineSigns = [
  ['model name.*QEMU Virtual CPU', 'qemu'],
  ['machine.*CHRP IBM pSeries .emulated by qemu', 'qemu'],
  ['vendor_id.*User Mode Linux', 'uml'],
  ['model name.*UML', 'uml'],
  ['vendor_id.*PowerVM Lx86', 'powervm'],
  ['kvm ', 'kvm'],
  ['vboxdrv ', 'vboxdrv'],
  ['virtio ', 'virtio'],
] as const;

/**
 * What the kernel lists, read by one process: processors and who may use them, `SIGN=1` for what that and its modules show of
 * the machine, and `@bind PLACE` for a mount that shows only a part of its file system. The flags are those of the first processor: they are long, and all have the same.
 */
export const kernelReading: SharedReading = {
  name: 'kernel',
  script: `sed -nE -e '/^(${keys.join('|')})[[:space:]]*:/p' -e '/^Cpus_allowed_list:/p' -e '/^flags[[:space:]]*:/{
x
/^$/{
x
p
h
d
}
x
}' ${machineSigns.map(([line, sign]) => `-e 's/^${line}.*/${sign}=1/p'`).join(' ')} -e 's/^[0-9]+ [0-9]+ [0-9]+:[0-9]+ (\\/[^ ]+|[^/ ][^ ]*) ([^ ]+) .*/@bind \\2/p' /proc/cpuinfo /proc/self/status /proc/modules /proc/self/mountinfo`,
};

/** Processors, counted as Ansible counts them. */
export const processors: FactCollector = {
  name: 'processor',
  subset: 'hardware',
  shares: [kernelReading],
  script: '',
  parse: (_output, known, more) => parseProcessors(more?.shared(kernelReading) ?? '', known),
};

/** What /proc/cpuinfo tells. */
interface Seen {
  readonly listed: string[];
  readonly sockets: Map<string, number>;
  readonly threads: Map<string, number>;
  readonly times: { processor: number; vendor_id: number; 'model name': number };
  readonly single: Map<string, string>;
}

function parseProcessors(output: string, known: Mapping): Mapping {
  const seen = look(output.split('\n'));
  const available = countOf(seen.single.get('Cpus_allowed_list') ?? '') || seen.times.processor;
  const flags = seen.single.get('flags');
  const facts: Mapping = { processor: seen.listed, ...(flags === undefined ? {} : { flags: flags.split(/\s+/) }) };
  const architecture = String(known.architecture ?? '');
  const counts = architecture === 's390x' ? mainframe(seen) : counted(seen, architecture);
  return { ...facts, ...counts, processor_nproc: available };
}

function look(lines: readonly string[]): Seen {
  const seen: Seen = {
    listed: [],
    sockets: new Map(),
    threads: new Map(),
    times: { processor: 0, vendor_id: 0, 'model name': 0 },
    single: new Map(),
  };
  let socket = '0';
  let core = '0';
  for (const line of lines) {
    const at = line.indexOf(':');
    if (at < 0) continue;
    const key = line.slice(0, at).trim();
    const value = line.slice(at + 1).trim();
    if (/^(model name|Processor|vendor_id|cpu|Vendor|processor)$/.test(key)) seen.listed.push(value);
    if (Object.hasOwn(seen.times, key)) seen.times[key as keyof Seen['times']]++;
    if (key === 'physical id') {
      socket = value;
      if (!seen.sockets.has(socket)) seen.sockets.set(socket, 1);
    } else if (key === 'core id') {
      core = value;
      if (!seen.threads.has(core)) seen.threads.set(core, 1);
    } else if (key === 'cpu cores') seen.sockets.set(socket, Number(value));
    else if (key === 'siblings') seen.threads.set(core, Number(value));
    else seen.single.set(key, value);
  }
  return seen;
}

function counted({ listed, sockets, threads, times }: Seen, architecture: string): Mapping {
  const entries = times.vendor_id > 0 && times.vendor_id === times['model name'] ? times.vendor_id : listed.length;
  const count = sockets.size || (/^(armv|aarch|ppc)/.test(architecture) ? times.processor : entries);
  const cores = [...sockets.values()][0] || 1;
  const threadsPerCore = roundToEven(([...threads.values()][0] ?? 1) / cores);
  return {
    processor_count: count,
    processor_cores: cores,
    processor_threads_per_core: threadsPerCore,
    processor_vcpus: threadsPerCore * count * cores,
  };
}

function mainframe({ single }: Seen): Mapping {
  const processors = Number(single.get('# processors') ?? 0);
  const threads = Number(single.get('max thread id') ?? 0) + 1;
  return {
    processor_count: 1,
    processor_cores: roundToEven(processors / threads),
    processor_threads_per_core: threads,
    processor_vcpus: processors,
  };
}

/** Python's round: a half goes to the even neighbour. */
function roundToEven(number: number): number {
  const floor = Math.floor(number);
  if (number - floor === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return Math.round(number);
}

/** How many numbers a list like `0-3,8` names. */
function countOf(list: string): number {
  return list
    .split(',')
    .filter((part) => part !== '')
    .map((part) => part.split('-').map(Number))
    .reduce((sum, [first = 0, last = first]) => sum + last - first + 1, 0);
}
