import { wallClock } from './datetime.ts';
import type { V } from './object.ts';
import { formatDate } from './strftime.ts';

/** Ansible's `now()`: a datetime, or its text in a format. */
export function now(utc: boolean, format: string | null): V {
  const clock = wallClock(utc);
  return format === null ? clock : formatDate(format, clock);
}
