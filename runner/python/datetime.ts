import type { Temporal } from '../value.ts';
import { EvaluationError } from './evaluation-error.ts';
import { isNumeric, toNumber } from './kinds.ts';
import { PyObject, type V } from './object.ts';

/** Python's datetime: a wall clock's time in milliseconds since 1970 as if it were UTC, and microseconds beyond them. */
export class DateTime extends PyObject implements Temporal {
  readonly typeName = 'datetime';
  readonly isTemporal = true;
  readonly wall: number;
  readonly micros: number;
  /** Minutes east of UTC, when it is known. */
  readonly offset: number | undefined;

  constructor(wall: number, micros = 0, offset?: number) {
    super();
    this.wall = wall;
    this.micros = micros;
    this.offset = offset;
  }

  get date(): Date {
    return new Date(this.wall);
  }

  /** Milliseconds since 1970 UTC; without an offset the wall clock is the local one. */
  get instant(): number {
    if (this.offset !== undefined) return this.wall - this.offset * 60_000;
    const d = this.date;
    return new Date(
      d.getUTCFullYear(),
      d.getUTCMonth(),
      d.getUTCDate(),
      d.getUTCHours(),
      d.getUTCMinutes(),
      d.getUTCSeconds(),
      d.getUTCMilliseconds(),
    ).getTime();
  }

  get #microseconds(): number {
    return this.date.getUTCMilliseconds() * 1000 + this.micros;
  }

  override text(): string {
    return this.iso(' ');
  }

  iso(separator: string): string {
    const fraction = this.#microseconds === 0 ? '' : `.${String(this.#microseconds).padStart(6, '0')}`;
    return `${this.date.toISOString().slice(0, 19).replace('T', separator)}${fraction}${this.#zone()}`;
  }

  #zone(): string {
    if (this.offset === undefined) return '';
    const minutes = Math.abs(this.offset);
    const two = (value: number): string => String(value).padStart(2, '0');
    return `${this.offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
  }

  repr(): string {
    const d = this.date;
    const parts = [d.getUTCFullYear(), d.getUTCMonth() + 1, d.getUTCDate(), d.getUTCHours(), d.getUTCMinutes()];
    if (d.getUTCSeconds() > 0 || this.#microseconds > 0) parts.push(d.getUTCSeconds());
    if (this.#microseconds > 0) parts.push(this.#microseconds);
    return `datetime.datetime(${parts.join(', ')})`;
  }

  override attribute(name: string): V | undefined {
    const d = this.date;
    const fields: Record<string, () => V> = {
      year: () => d.getUTCFullYear(),
      month: () => d.getUTCMonth() + 1,
      day: () => d.getUTCDate(),
      hour: () => d.getUTCHours(),
      minute: () => d.getUTCMinutes(),
      second: () => d.getUTCSeconds(),
      microsecond: () => this.#microseconds,
    };
    return Object.hasOwn(fields, name) ? fields[name]!() : undefined;
  }

  override equals(other: V): boolean {
    return other instanceof DateTime && this.compare(other) === 0;
  }
  override compare(other: V): number | undefined {
    if (!(other instanceof DateTime)) return undefined;
    return this.wall - other.wall || this.micros - other.micros;
  }
  override arithmetic(operator: '+' | '-', other: V): V | undefined {
    if (other instanceof TimeDelta) {
      const micros = this.wall * 1000 + this.micros + (operator === '+' ? other.micros : -other.micros);
      return new DateTime(Math.floor(micros / 1000), micros - Math.floor(micros / 1000) * 1000, this.offset);
    }
    if (operator === '-' && other instanceof DateTime) {
      return new TimeDelta((this.wall - other.wall) * 1000 + this.micros - other.micros);
    }
    return undefined;
  }
}

/** Python's date: days since 1970. */
export class Day extends PyObject implements Temporal {
  readonly typeName = 'date';
  readonly isTemporal = true;
  readonly days: number;

  constructor(days: number) {
    super();
    this.days = days;
  }

  get date(): Date {
    return new Date(this.days * dayMilliseconds);
  }

  override text(): string {
    return this.date.toISOString().slice(0, 10);
  }

  repr(): string {
    const { date } = this;
    return `datetime.date(${date.getUTCFullYear()}, ${date.getUTCMonth() + 1}, ${date.getUTCDate()})`;
  }

  override attribute(name: string): V | undefined {
    const { date } = this;
    if (name === 'year') return date.getUTCFullYear();
    if (name === 'month') return date.getUTCMonth() + 1;
    return name === 'day' ? date.getUTCDate() : undefined;
  }

  override equals(other: V): boolean {
    return other instanceof Day && other.days === this.days;
  }

  override compare(other: V): number | undefined {
    return other instanceof Day ? this.days - other.days : undefined;
  }

  override arithmetic(operator: '+' | '-', other: V): V | undefined {
    if (other instanceof TimeDelta) return new Day(this.days + (operator === '+' ? other.days : -other.days));
    if (operator === '-' && other instanceof Day)
      return new TimeDelta((this.days - other.days) * dayMilliseconds * 1000);
    return undefined;
  }
}

const dayMilliseconds = 86_400_000;

/** Python's timedelta. */
export class TimeDelta extends PyObject {
  readonly typeName = 'timedelta';
  readonly micros: number;

  constructor(micros: number) {
    super();
    this.micros = micros;
  }
  get days(): number {
    return Math.floor(this.micros / 86_400e6);
  }
  get seconds(): number {
    return Math.floor((this.micros - this.days * 86_400e6) / 1e6);
  }
  get microseconds(): number {
    return this.micros - this.days * 86_400e6 - this.seconds * 1e6;
  }
  override text(): string {
    const two = (value: number): string => String(value).padStart(2, '0');
    const { days, seconds, microseconds } = this;
    const clock = `${Math.floor(seconds / 3600)}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
    const fraction = microseconds === 0 ? '' : `.${String(microseconds).padStart(6, '0')}`;
    const prefix = days === 0 ? '' : `${days} day${Math.abs(days) === 1 ? '' : 's'}, `;
    return prefix + clock + fraction;
  }
  repr(): string {
    const parts: string[] = [];
    if (this.days !== 0) parts.push(`days=${this.days}`);
    if (this.seconds !== 0) parts.push(`seconds=${this.seconds}`);
    if (this.microseconds !== 0) parts.push(`microseconds=${this.microseconds}`);
    return `datetime.timedelta(${parts.join(', ') || '0'})`;
  }
  override truth(): boolean {
    return this.micros !== 0;
  }
  override attribute(name: string): V | undefined {
    return name === 'days' || name === 'seconds' || name === 'microseconds' ? this[name] : undefined;
  }
  override equals(other: V): boolean {
    return other instanceof TimeDelta && other.micros === this.micros;
  }
  override compare(other: V): number | undefined {
    return other instanceof TimeDelta ? this.micros - other.micros : undefined;
  }
  override arithmetic(operator: '+' | '-', other: V): V | undefined {
    if (!(other instanceof TimeDelta)) return undefined;
    return new TimeDelta(operator === '+' ? this.micros + other.micros : this.micros - other.micros);
  }
}

/** The wall clock now, or of a time in seconds since 1970. */
export function wallClock(utc: boolean, seconds?: V): DateTime {
  const instant = seconds === undefined || seconds === null ? Date.now() : secondsOf(seconds) * 1000;
  const whole = Math.floor(instant);
  const micros = Math.round((instant - whole) * 1000);
  if (utc) return new DateTime(whole, micros);
  return new DateTime(whole - new Date(whole).getTimezoneOffset() * 60_000, micros);
}

function secondsOf(value: V): number {
  const seconds = isNumeric(value) ? toNumber(value) : typeof value === 'string' ? Number(value) : Number.NaN;
  if (Number.isNaN(seconds)) throw new EvaluationError(`Invalid value for epoch value (${String(value)})`);
  return seconds;
}
