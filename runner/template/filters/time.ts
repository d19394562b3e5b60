import { DateTime, wallClock } from '../../python/datetime.ts';
import { truth } from '../../python/operators.ts';
import { formatDate, parseDate } from '../../python/strftime.ts';
import { str } from '../../python/text.ts';
import { type Callee, fn } from '../runtime/function.ts';

/** Dates. */
export const timeFilters: Readonly<Record<string, Callee>> = {
  strftime: fn('second utc', (format, [second = null, utc = false]) =>
    formatDate(str(format), wallClock(truth(utc), second)),
  ),
  to_datetime: fn('format', (value, [format = '%Y-%m-%d %H:%M:%S']) => {
    const { wall, micros, offset } = parseDate(str(value), str(format));
    return new DateTime(wall, micros, offset);
  }),
};
