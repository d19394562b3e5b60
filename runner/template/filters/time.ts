import { DateTime, wallClock } from '../../python/datetime.ts';
import { formatDate, parseDate } from '../../python/strftime.ts';
import { str } from '../../python/text.ts';
import { type Callee, fn } from '../runtime/function.ts';
import { any, flag, text } from '../runtime/parameters.ts';

/** Dates. */
export const timeFilters: Readonly<Record<string, Callee>> = {
  strftime: fn({ second: any(null), utc: flag(false) }, (format, { second, utc }) =>
    formatDate(str(format), wallClock(utc, second)),
  ),
  to_datetime: fn({ format: text('%Y-%m-%d %H:%M:%S') }, (value, { format }) => {
    const { wall, micros, offset } = parseDate(str(value), format);
    return new DateTime(wall, micros, offset);
  }),
};
