import type { V } from './object.ts';
export function now(_utc: boolean, _format: string | null): V {
  return null;
}
