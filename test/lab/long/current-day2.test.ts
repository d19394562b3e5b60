import { releases } from '../releases.ts';
import { dayTwo } from './day-two.ts';

dayTwo({ offer: ['--kubernetes', releases.at(-1)!.minor], above: ['test/lab/inventory-current'] });
