import { EvaluationError } from './evaluation-error.ts';

/** What formatting needs of a date; DateTime has it. */
export interface Dated {
  readonly date: Date;
  readonly micros: number;
  readonly offset: number | undefined;
  readonly instant: number;
}

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const months = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

function two(value: number, fill = '0'): string {
  return String(value).padStart(2, fill);
}

function dayOfYear(date: Date): number {
  return Math.floor(
    (Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 0)) /
      86_400_000,
  );
}

function isoWeek(date: Date): { year: number; week: number } {
  const thursday = new Date(date.getTime());
  thursday.setUTCDate(date.getUTCDate() + 4 - (date.getUTCDay() || 7));
  const start = Date.UTC(thursday.getUTCFullYear(), 0, 1);
  return {
    year: thursday.getUTCFullYear(),
    week: Math.floor((thursday.getTime() - start) / 604_800_000) + 1,
  };
}

function zone(value: Dated): string {
  if (value.offset === undefined) return '';
  const minutes = Math.abs(value.offset);
  return `${value.offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}${two(minutes % 60)}`;
}

type Part = (date: Date, value: Dated) => string;

const parts: Readonly<Record<string, Part>> = {
  a: (d) => days[d.getUTCDay()]!.slice(0, 3),
  A: (d) => days[d.getUTCDay()]!,
  b: (d) => months[d.getUTCMonth()]!.slice(0, 3),
  B: (d) => months[d.getUTCMonth()]!,
  c: (_d, v) => formatDate('%a %b %e %H:%M:%S %Y', v),
  C: (d) => two(Math.floor(d.getUTCFullYear() / 100)),
  d: (d) => two(d.getUTCDate()),
  D: (_d, v) => formatDate('%m/%d/%y', v),
  e: (d) => two(d.getUTCDate(), ' '),
  f: (d, v) => String(d.getUTCMilliseconds() * 1000 + v.micros).padStart(6, '0'),
  F: (_d, v) => formatDate('%Y-%m-%d', v),
  G: (d) => String(isoWeek(d).year),
  g: (d) => two(isoWeek(d).year % 100),
  h: (d) => months[d.getUTCMonth()]!.slice(0, 3),
  H: (d) => two(d.getUTCHours()),
  I: (d) => two(d.getUTCHours() % 12 || 12),
  j: (d) => String(dayOfYear(d)).padStart(3, '0'),
  k: (d) => two(d.getUTCHours(), ' '),
  l: (d) => two(d.getUTCHours() % 12 || 12, ' '),
  m: (d) => two(d.getUTCMonth() + 1),
  M: (d) => two(d.getUTCMinutes()),
  n: () => '\n',
  p: (d) => (d.getUTCHours() < 12 ? 'AM' : 'PM'),
  P: (d) => (d.getUTCHours() < 12 ? 'am' : 'pm'),
  r: (_d, v) => formatDate('%I:%M:%S %p', v),
  R: (_d, v) => formatDate('%H:%M', v),
  s: (_d, v) => String(Math.floor(v.instant / 1000)),
  S: (d) => two(d.getUTCSeconds()),
  t: () => '\t',
  T: (_d, v) => formatDate('%H:%M:%S', v),
  u: (d) => String(d.getUTCDay() || 7),
  U: (d) => two(Math.floor((dayOfYear(d) + 6 - d.getUTCDay()) / 7)),
  V: (d) => two(isoWeek(d).week),
  w: (d) => String(d.getUTCDay()),
  W: (d) => two(Math.floor((dayOfYear(d) + 6 - ((d.getUTCDay() + 6) % 7)) / 7)),
  x: (_d, v) => formatDate('%m/%d/%y', v),
  X: (_d, v) => formatDate('%H:%M:%S', v),
  y: (d) => two(d.getUTCFullYear() % 100),
  Y: (d) => String(d.getUTCFullYear()),
  z: (_d, v) => zone(v),
  Z: (_d, v) => (v.offset === undefined ? '' : v.offset === 0 ? 'UTC' : `UTC${zone(v)}`),
  '%': () => '%',
};

/** A date as Python's strftime prints it in the C locale. */
export function formatDate(format: string, value: Dated): string {
  const { date } = value;
  return format.replace(/%[-_0^#]?([a-zA-Z%])/g, (all, letter: string) => {
    const text = Object.hasOwn(parts, letter) ? parts[letter]!(date, value) : all;
    return all[1] === '-' ? text.replace(/^[0 ](?=\d)/, '') : text;
  });
}

const readers: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  y: '(?<y>\\d\\d)',
  m: '(?<m>1[0-2]|0?[1-9])',
  d: '(?<d>3[01]|[12]\\d|0?[1-9]| [1-9])',
  H: '(?<H>2[0-3]|[01]?\\d)',
  I: '(?<I>1[0-2]|0?[1-9])',
  M: '(?<M>[0-5]?\\d)',
  S: '(?<S>6[01]|[0-5]?\\d)',
  f: '(?<f>\\d{1,6})',
  j: '(?<j>\\d{1,3})',
  p: '(?<p>[AaPp][Mm])',
  z: '(?<z>[+-]\\d\\d:?[0-5]\\d|Z)',
  Z: '(?<Z>UTC|GMT|[A-Z]{3,4})?',
  a: `(?<a>${days.map((day) => day.slice(0, 3)).join('|')})`,
  A: `(?<A>${days.join('|')})`,
  b: `(?<b>${months.map((month) => month.slice(0, 3)).join('|')})`,
  B: `(?<B>${months.join('|')})`,
  '%': '%',
};

/** What {@link parseDate} reads. */
export interface ParsedDate {
  readonly wall: number;
  readonly micros: number;
  readonly offset: number | undefined;
}

/** Reads a date by a format, as Python's strptime. Throws EvaluationError when the text does not fit. */
export function parseDate(text: string, format: string): ParsedDate {
  const source = format
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replace(/\s+/g, '\\s+')
    .replace(/%([a-zA-Z%])/g, (all, letter: string) => {
      const reader = readers[letter];
      if (reader === undefined) throw new EvaluationError(`'${letter}' is a bad directive in format '${format}'`);
      return reader ?? all;
    });
  const match = new RegExp(`^${source}$`, 'i').exec(text);
  if (!match) throw new EvaluationError(`time data '${text}' does not match format '${format}'`);
  return dateOf(match.groups ?? {});
}

function dateOf(found: Record<string, string | undefined>): ParsedDate {
  const number = (name: string, standard: number): number => Number(found[name] ?? standard);
  const short = number('y', 0);
  const year = found.y !== undefined ? short + (short < 69 ? 2000 : 1900) : number('Y', 1900);
  const monthName = (found.B ?? found.b)?.toLowerCase();
  const month = monthName ? months.findIndex((name) => name.toLowerCase().startsWith(monthName)) : number('m', 1) - 1;
  let hour = number('H', 0);
  if (found.I !== undefined) hour = (number('I', 0) % 12) + (/^p/i.test(found.p ?? '') ? 12 : 0);
  const micros = Number((found.f ?? '0').padEnd(6, '0'));
  const day = found.j !== undefined ? number('j', 1) : number('d', 1);
  const base = Date.UTC(year, found.j !== undefined ? 0 : month, day, hour, number('M', 0), number('S', 0));
  return { wall: base + Math.floor(micros / 1000), micros: micros % 1000, offset: offsetOf(found.z) };
}

function offsetOf(zone: string | undefined): number | undefined {
  if (zone === undefined) return undefined;
  if (/^z$/i.test(zone)) return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return zone.startsWith('-') ? -minutes : minutes;
}
