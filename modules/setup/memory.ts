import type { Mapping } from '../../runner/value.ts';
import { keyValues } from '../shared/probe.ts';
import type { FactCollector } from './collector.ts';

/** Memory and swap in MiB. */
export const memory: FactCollector = {
  name: 'memory',
  subset: 'hardware',
  // What stands behind this is not needed, and is more.
  script: 'while IFS= read -r v; do printf "%s\\n" "$v"; case $v in SwapFree:*) break ;; esac; done </proc/meminfo',
  parse: parseMemory,
};

function parseMemory(output: string): Mapping {
  const values = keyValues(output, ':');
  const mib = (key: string): number => Math.floor((Number.parseInt(values.get(key) ?? '0', 10) || 0) / 1024);
  const total = mib('MemTotal');
  const free = mib('MemFree');
  const freeWithoutCache = mib('Cached') + free + mib('Buffers');
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
