import { DateTime, type Day, type TimeDelta } from '../../python/datetime.ts';
import { float } from '../../python/kinds.ts';
import type { V } from '../../python/object.ts';
import { formatDate } from '../../python/strftime.ts';
import { type Callee, fn } from './function.ts';
import { text } from './parameters.ts';

const own = (self: V): DateTime => self as DateTime;

/** Methods of datetime. A date and a time of day alone are strings. */
export const dateTimeMethods: ReadonlyMap<string, Callee> = new Map([
  ['strftime', fn({ format: text() }, (self, { format }) => formatDate(format, own(self)))],
  ['isoformat', fn({ sep: text('T') }, (self, { sep }) => own(self).iso(sep))],
  ['timestamp', fn({}, (self) => float(own(self).instant / 1000 + own(self).micros / 1e6))],
  ['weekday', fn({}, (self) => (own(self).date.getUTCDay() + 6) % 7)],
  ['isoweekday', fn({}, (self) => own(self).date.getUTCDay() || 7)],
  ['date', fn({}, (self) => own(self).date.toISOString().slice(0, 10))],
  ['time', fn({}, (self) => own(self).iso('T').slice(11))],
]);

/** Methods of timedelta. */
export const timeDeltaMethods: ReadonlyMap<string, Callee> = new Map([
  ['total_seconds', fn({}, (self) => float((self as TimeDelta).micros / 1e6))],
]);

const ownDay = (self: V): Day => self as Day;

/** Methods of date. */
export const dayMethods: ReadonlyMap<string, Callee> = new Map([
  [
    'strftime',
    fn({ format: text() }, (self, { format }) => formatDate(format, new DateTime(ownDay(self).date.getTime()))),
  ],
  ['isoformat', fn({}, (self) => ownDay(self).text())],
  ['weekday', fn({}, (self) => (ownDay(self).date.getUTCDay() + 6) % 7)],
  ['isoweekday', fn({}, (self) => ownDay(self).date.getUTCDay() || 7)],
]);
