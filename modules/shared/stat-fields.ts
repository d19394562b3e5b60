import type { Mapping, Value } from '../../runner/value.ts';
import { Float } from '../../runner/value.ts';
import { kindOfMode, modeText } from './file-mode.ts';

/** The format of `stat -c` that {@link parseStat} reads; one line, names of user and group last. */
export const statFormat = '%f %u %g %s %i %d %h %b %o %t %T %X %Y %Z|%x|%y|%z|%U|%G';

/** The fields that Ansible's stat and find modules tell of a file. */
export interface StatFields {
  readonly fields: Mapping;
  readonly bits: number;
  readonly size: number;
  readonly times: { readonly atime: number; readonly mtime: number; readonly ctime: number };
}

/** Reads one line in {@link statFormat}. */
export function parseStat(line: string): StatFields {
  const [numbers, accessed, modified, changed, owner, group] = line.split('|');
  const [hexMode, uid, gid, size, inode, dev, nlink, blocks, blockSize, major, minor, a, m, c] = numbers!.split(' ');
  const bits = Number.parseInt(hexMode!, 16);
  const times = { atime: exact(a!, accessed), mtime: exact(m!, modified), ctime: exact(c!, changed) };
  const fields: Mapping = {
    mode: modeText(bits),
    ...kindFields(bits),
    uid: Number(uid),
    gid: Number(gid),
    size: Number(size),
    inode: Number(inode),
    dev: Number(dev),
    nlink: Number(nlink),
    atime: float(times.atime),
    mtime: float(times.mtime),
    ctime: float(times.ctime),
    ...permissionFields(bits),
    blocks: Number(blocks),
    block_size: Number(blockSize),
    device_type: deviceNumber(Number.parseInt(major!, 16), Number.parseInt(minor!, 16)),
  };
  if (owner !== undefined && owner !== 'UNKNOWN') fields.pw_name = owner;
  if (group !== undefined && group !== 'UNKNOWN') fields.gr_name = group;
  return { fields, bits, size: Number(size), times };
}

function kindFields(bits: number): Mapping {
  const kind = kindOfMode(bits);
  return {
    isdir: kind === 'directory',
    ischr: kind === 'character',
    isblk: kind === 'block',
    isreg: kind === 'file',
    isfifo: kind === 'fifo',
    islnk: kind === 'link',
    issock: kind === 'socket',
  };
}

function permissionFields(bits: number): Mapping {
  const fields: Mapping = {};
  for (const [who, shift] of [
    ['usr', 6],
    ['grp', 3],
    ['oth', 0],
  ] as const) {
    fields[`w${who}`] = (bits & (2 << shift)) !== 0;
    fields[`r${who}`] = (bits & (4 << shift)) !== 0;
    fields[`x${who}`] = (bits & (1 << shift)) !== 0;
  }
  fields.isuid = (bits & 0o4000) !== 0;
  fields.isgid = (bits & 0o2000) !== 0;
  return fields;
}

/** Seconds with the fraction that the time's text has. */
function exact(seconds: string, text: string | undefined): number {
  const fraction = /\.(\d+)/.exec(text ?? '')?.[1];
  return Number(fraction === undefined ? seconds : `${seconds}.${fraction}`);
}

function float(value: number): Value {
  return Number.isInteger(value) ? new Float(value) : value;
}

/** Linux's encoding of a device's numbers. */
function deviceNumber(major: number, minor: number): number {
  return (minor & 0xff) + (major & 0xfff) * 0x100 + Math.floor(minor / 0x100) * 0x100000;
}
