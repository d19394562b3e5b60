import type { Mapping } from '../../../runner/value.ts';
import { keyValues } from '../probe.ts';
import type { FactCollector } from './collector.ts';
import { parseOsRelease } from './distribution.ts';

/** What lsb_release says, where it is installed. */
export const lsb: FactCollector = {
  name: 'lsb',
  subset: 'min',
  script: `if command -v lsb_release >/dev/null 2>&1; then lsb_release -a 2>/dev/null; elif [ -r /etc/lsb-release ]; then cat /etc/lsb-release; fi`,
  parse: parseLsb,
};

function parseLsb(output: string): Mapping {
  const printed = keyValues(output, ':');
  const file = parseOsRelease(output);
  const field = (shown: string, stored: string): string | undefined => printed.get(shown) ?? file.get(stored);
  const release = field('Release', 'DISTRIB_RELEASE');
  const found: Mapping = {};
  const add = (key: string, value: string | undefined): void => {
    if (value !== undefined) found[key] = value;
  };
  add('codename', field('Codename', 'DISTRIB_CODENAME'));
  add('description', field('Description', 'DISTRIB_DESCRIPTION'));
  add('id', field('Distributor ID', 'DISTRIB_ID'));
  add('release', release);
  add('major_release', release?.split('.')[0]);
  return { lsb: found };
}
