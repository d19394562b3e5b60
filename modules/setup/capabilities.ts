import type { FactCollector } from './collector.ts';

/** The capabilities that processes of the login have; `N/A` where no capsh is there to tell. */
export const capabilities: FactCollector = {
  name: 'caps',
  subset: 'caps',
  script: '! command -v capsh >/dev/null || limit 5 capsh --print',
  parse(output) {
    const [, current] = /^Current:(.*)$/m.exec(output) ?? [];
    if (current === undefined) return { system_capabilities_enforced: 'N/A', system_capabilities: 'N/A' };
    if (current.trim() === '=ep') return { system_capabilities_enforced: 'False', system_capabilities: [] };
    const names = (current.split('=')[1] ?? '').split(',').map((name) => name.trim());
    return { system_capabilities_enforced: 'True', system_capabilities: names };
  },
};
