import type { Mapping } from '../../runner/value.ts';
import type { FactCollector } from './collector.ts';

/** The host's clock. */
export const dateTime: FactCollector = {
  name: 'date_time',
  subset: 'date_time',
  // The last line of a zone's file is its rule, with the names of both its times.
  script: `date '+%Y %m %d %H %M %S %s %A %w %W %Z %z
%N'
case \${TZ-} in '') f=/etc/localtime;; :/*|/*) f=\${TZ#:};; *) f=/usr/share/zoneinfo/\${TZ#:};; esac
[ ! -r "$f" ] || tail -n 1 "$f"`,
  parse: parseDateTime,
};

function parseDateTime(output: string): Mapping {
  const [local = '', fraction = '', rule = ''] = output.split('\n');
  const [
    year = '',
    month = '',
    day = '',
    hour = '',
    minute = '',
    second = '',
    epoch = '',
    weekday = '',
    number = '',
    week = '',
    zone = '',
    offset = '',
  ] = local.split(' ');
  const micro = /^\d{9}$/.test(fraction) ? fraction.slice(0, 6) : '000000';
  const utc = new Date(Number(epoch) * 1000).toISOString().slice(0, 19);
  const basic = `${year}${month}${day}T${hour}${minute}${second}`;
  return {
    date_time: {
      year,
      month,
      day,
      hour,
      minute,
      second,
      epoch,
      epoch_int: epoch,
      weekday,
      weekday_number: number,
      weeknumber: week,
      date: `${year}-${month}-${day}`,
      time: `${hour}:${minute}:${second}`,
      iso8601: `${utc}Z`,
      iso8601_micro: `${utc}.${micro}Z`,
      iso8601_basic: `${basic}${micro}`,
      iso8601_basic_short: basic,
      tz: zone,
      tz_dst: summerName(rule) ?? zone,
      tz_offset: offset,
    },
  };
}

/** The name of summer time in a rule like `CET-1CEST,M3.5.0,M10.5.0/3`; that of the only time where there is no other. */
function summerName(rule: string): string | undefined {
  const name = '<[^>]+>|[A-Za-z]+';
  const [, standard, summer] = new RegExp(`^(${name})[-+]?[\\d:]+(${name})?(?:$|[-+\\d,])`).exec(rule) ?? [];
  return (summer ?? standard)?.replace(/[<>]/g, '');
}
