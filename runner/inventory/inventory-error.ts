import { KplayError } from '../errors.ts';
import type { Position } from '../position.ts';

/** An error about an inventory source, with its place. */
export function inventoryError(message: string, position?: Position, hint?: string): KplayError {
  return new KplayError({ code: 'inventory', message, position, hint });
}
