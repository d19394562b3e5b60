import type { Change } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { fileCommand, isChecked } from '../shared/file-command.ts';
import type { FileState } from '../shared/file-state.ts';
import { noDiff } from '../shared/files.ts';
import type { ProbeRecord } from '../shared/probe-records.ts';
import { quote } from '../shared/shell-quote.ts';
import { changeBelow, inTree } from './recursive-attributes.ts';

/** The arguments of the file module that set times. */
export interface TimeArguments {
  readonly state?: string | undefined;
  readonly modification_time?: string | undefined;
  readonly modification_time_format: string;
  readonly access_time?: string | undefined;
  readonly access_time_format: string;
  /** Whether what is below a folder gets the times, too. */
  readonly recurse?: boolean;
}

interface WantedTime {
  readonly what: 'modification' | 'access';
  /** touch's letter. */
  readonly letter: string;
  /** `preserve`, `now`, or `CCYYMMDDhhmm.SS` in the host's own time. */
  readonly time: string;
}

function wantedTimes(args: TimeArguments): WantedTime[] {
  const usual = args.state === 'touch' ? 'now' : 'preserve';
  const one = (what: WantedTime['what'], letter: string, time: string | undefined, format: string): WantedTime => {
    const text = time ?? usual;
    return { what, letter, time: text === 'now' || text === 'preserve' ? text : touchTime(text, format) };
  };
  return [
    one('modification', 'm', args.modification_time, args.modification_time_format),
    one('access', 'a', args.access_time, args.access_time_format),
  ];
}

const directives: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  m: '(?<m>\\d{1,2})',
  d: '(?<d>\\d{1,2})',
  H: '(?<H>\\d{1,2})',
  M: '(?<M>\\d{1,2})',
  S: '(?<S>\\d{1,2})',
  y: '(?<y>\\d{2})',
  '%': '%',
};

/** A time written in a strftime format, as touch -t wants it. */
function touchTime(text: string, format: string): string {
  const pattern = format.replace(/%(.)|[^\w%]/g, (part, letter: string | undefined) => {
    if (letter === undefined) return `\\${part}`;
    const directive = directives[letter];
    if (!directive)
      throw new ModuleFailure(`the time format ${format} is not supported: only %Y %y %m %d %H %M %S are`);
    return directive;
  });
  const fields = new RegExp(`^${pattern}$`).exec(text)?.groups;
  if (!fields) throw new ModuleFailure(`Error while obtaining timestamp for time ${text} using format ${format}`);
  const two = (name: string, usual: string): string => (fields[name] ?? usual).padStart(2, '0');
  const year = fields.Y ?? (fields.y ? `${Number(fields.y) < 69 ? 20 : 19}${fields.y}` : '1900');
  return `${year}${two('m', '1')}${two('d', '1')}${two('H', '0')}${two('M', '0')}.${two('S', '0')}`;
}

/**
 * sh text that tells the times that are asked for and those that `$p` has, as seconds since the epoch; with `recurse` another one that
 * something below it has, if anything has. The times of links do not count.
 */
export function timeProbe(args: TimeArguments): string {
  const wanted = wantedTimes(args).filter(({ time }) => time !== 'now' && time !== 'preserve');
  if (wanted.length === 0) return 'r\n';
  const lines = wanted.map(({ what, time, letter }) => {
    const [, year, month, day, hour, minute, second] = /^(....)(..)(..)(..)(..)\.(..)$/.exec(time)!;
    const text = `${year}-${month}-${day} ${hour}:${minute}:${second}`;
    const stat = `stat -c %${letter === 'm' ? 'Y' : 'X'}`;
    const other = `find "$p" ! -path "$p" ! -type l -exec ${stat} {} + 2>/dev/null | grep -vx "$w" | head -n 1`;
    const below = args.recurse ? `; k below${what} "$(${other})"` : '';
    return `w=$(date -d '${text}' +%s); k want${what} "$w"; k has${what} "$(${stat} "$p" 2>/dev/null)"${below}`;
  });
  return `r; ${lines.join('; ')}\n`;
}

/**
 * The changes of a file's times. The record is that of {@link timeProbe}; without one the file is only about to be made, or
 * another is. The times of a link are its own unless `follow`.
 */
export function timeChanges(
  args: TimeArguments,
  state: FileState,
  record: ProbeRecord | undefined,
  follow: boolean = false,
): Change[] {
  return wantedTimes(args).flatMap(({ what, letter, time }): Change[] => {
    if (time === 'preserve') return [];
    const set = time === 'now' ? '' : ` -t ${quote(time)}`;
    if (set !== '' && record && record.text(`want${what}`) === record.text(`has${what}`)) return [];
    const touch = `-c -${letter}${set}`;
    const change = { what: `${what} time of ${state.path}`, diff: noDiff };
    // Nothing is known of a directory that is only made now, nor of what a link will lead to.
    if (follow) return [{ ...change, command: `touch ${touch} ${quote(state.path)}` }];
    if (state.kind === 'absent') return [{ ...change, command: `touch -h ${touch} ${quote(state.path)}` }];
    const command = fileCommand(state, { throughLink: `touch ${touch}`, itself: `touch -h ${touch}` });
    return [{ ...change, command, guarded: isChecked(state) }];
  });
}

/** The changes of the times of what is below a folder but links: of the folder's own time it is {@link timeChanges} to tell. */
export function timeChangesBelow(
  args: TimeArguments,
  folder: FileState,
  below: readonly FileState[],
  record: ProbeRecord | undefined,
): Change[] {
  if (below.every(({ kind }) => kind === 'link')) return [];
  return wantedTimes(args).flatMap(({ what, letter, time }): Change[] => {
    if (time === 'preserve' || (time !== 'now' && !record?.text(`below${what}`))) return [];
    const touch = `touch -c -h -${letter}${time === 'now' ? '' : ` -t ${quote(time)}`}`;
    const batch = `find ${quote(folder.path)} ! -type l -exec ${touch} {} +`;
    return [changeBelow(`${what} time`, folder, time, inTree(folder, below, batch, touch))];
  });
}
