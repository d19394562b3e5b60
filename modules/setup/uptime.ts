import type { Value } from '../../runner/value.ts';
import { Float } from '../../runner/value.ts';
import type { FactCollector } from './collector.ts';

/** Time since boot. */
export const uptime: FactCollector = {
  name: 'uptime',
  subset: 'hardware',
  script: 'value /proc/uptime',
  parse: (output) => ({ uptime_seconds: Math.floor(Number.parseFloat(output) || 0) }),
};

/** How many processes wanted to run. */
export const loadAverage: FactCollector = {
  name: 'loadavg',
  subset: 'loadavg',
  script: 'value /proc/loadavg',
  parse(output) {
    const [one, five, fifteen] = output.split(' ').map((number) => toFloat(Number(number)));
    return fifteen === undefined ? {} : { loadavg: { '1m': one!, '5m': five!, '15m': fifteen } };
  },
};

function toFloat(number: number): Value {
  return Number.isInteger(number) ? new Float(number) : number;
}
