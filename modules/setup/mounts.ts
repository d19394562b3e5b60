import type { Mapping } from '../../runner/value.ts';
import { linesOf } from '../shared/probe.ts';
import type { FactCollector } from './collector.ts';
import { BlockLinks, linksReading } from './links.ts';
import { kernelReading } from './processors.ts';

/**
 * Mounted file systems that stand on a device or a server, with their sizes: those of devices are asked for at once, a
 * server's and what a program mounts one by one, since it may not answer. The kernel's list is filtered first: a shell reads it byte by byte, and
 * a node of a cluster has hundreds of other mounts.
 */
export const mounts: FactCollector = {
  name: 'mounts',
  subset: 'hardware',
  shares: [linksReading, kernelReading],
  script: `sed -nE '/^(\\/|[^ ]*:\\/|\\\\134)/p' /proc/self/mounts | { set --
while read -r device mount type options dump pass rest; do
  [ "$type" = none ] && continue
  printf '%s\\t%s\\t%s\\t%s\\t%s\\t%s\\n' "$device" "$mount" "$type" "$options" "$dump" "$pass"
  case "$type $device$mount" in
    fuse*|*:/*|*' //'*|*\\\\*) printf '@size %s %s\\n' "$(limit 5 stat -f -c '%s %S %b %a %c %d' "$(printf '%b' "$mount")")" "$mount" ;;
    *) set -- "$@" "$mount" ;;
  esac
done
[ $# = 0 ] || limit 5 stat -f -c '@size %s %S %b %a %c %d %n' "$@"; }`,
  parse: (output, _known, more) =>
    parseMounts(output, new BlockLinks(more?.shared(linksReading) ?? ''), more?.shared(kernelReading) ?? ''),
};

function parseMounts(output: string, links: BlockLinks, kernel: string): Mapping {
  const sizes = new Map<string, string>();
  const bound = new Set([...kernel.matchAll(/^@bind (.*)$/gm)].map(([, mount]) => mount!));
  const uuids = links.names('uuids');
  const lines = linesOf(output);
  for (const line of lines) {
    const [, numbers = '', mount = ''] = /^@size ((?:\d+ ){6})(.*)$/.exec(line) ?? [];
    if (mount !== '') sizes.set(mount, numbers.trim());
  }
  // What is mounted over another hides it.
  const found = new Map<string, Mapping>();
  for (const line of lines.filter((text) => !text.startsWith('@'))) {
    const [source = '', mount = '', fstype = '', options = '', dump = '', pass = ''] = line.split('\t');
    const device = unescapeMount(source);
    found.set(mount, {
      mount: unescapeMount(mount),
      device,
      fstype,
      options: `${unescapeMount(options)}${bound.has(mount) ? ',bind' : ''}`,
      dump: Number(dump),
      passno: Number(pass),
      ...sizeFacts(sizes.get(mount) ?? ''),
      uuid: uuids.get(links.kernelName(device))?.[0] ?? 'N/A',
    });
  }
  return { mounts: [...found.values()] };
}

/** The kernel writes blanks in paths as octal escapes. */
function unescapeMount(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}

function sizeFacts(sizes: string): Mapping {
  const numbers = sizes.split(' ').map(Number);
  if (numbers.length !== 6 || numbers.some(Number.isNaN)) return {};
  const [size, fragment, blocks, available, inodes, freeInodes] = numbers as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  return {
    size_total: fragment * blocks,
    size_available: fragment * available,
    block_size: size,
    block_total: blocks,
    block_available: available,
    block_used: blocks - available,
    inode_total: inodes,
    inode_available: freeInodes,
    inode_used: inodes - freeInodes,
  };
}
