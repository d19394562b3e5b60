import type { Change, Plan } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { temporaryToken } from '../../runner/module/host-files.ts';
import type { FileAttributeArguments } from './attributes.ts';
import { attributeChanges, attributeResult } from './attributes.ts';
import type { FileState } from './file-state.ts';
import { quote } from './shell-quote.ts';

/** What the plans of links go by. */
export interface LinkState {
  /** The path itself. */
  readonly itself: FileState;
  /** What it leads to, when it is a link. */
  readonly target: FileState;
  /** Whether what src names is there, seen from the link's folder. */
  readonly sourceExists: boolean;
  /** Whether path and src are the same file (hard links). */
  readonly sameFile: boolean;
  /** Whether the path is a folder that holds something. */
  readonly filled: boolean;
}

export interface LinkArguments extends FileAttributeArguments {
  readonly src?: string | undefined;
  readonly force: boolean;
  readonly follow: boolean;
}

/** The plan of a symbolic link. Throws {@link ModuleFailure} where something else would be lost. */
export function planSymbolicLink(args: LinkArguments, current: LinkState): Plan {
  const { itself, target } = current;
  const src = args.src ?? (itself.kind === 'link' && args.follow ? itself.target : undefined);
  if (src === undefined && itself.kind !== 'link') {
    throw new ModuleFailure('src is required for creating new symlinks', { path: itself.path });
  }
  if (src !== undefined && !args.force && !current.sourceExists && src !== itself.target) {
    const msg = `src file does not exist, use "force=yes" if you really want to create the link: ${src}`;
    throw new ModuleFailure(msg, { path: itself.path, src });
  }
  refuseToReplace(args, current, 'symlink');
  const changes: Change[] = [];
  if (src !== undefined && itself.target !== src)
    changes.push(linkChange(itself, `ln -s -- ${quote(src)}`, `src: ${src}`));
  const result = { dest: itself.path, src: src ?? null, ...attributeResult({}, itself, { kind: 'link' }) };
  if (changes.length > 0) return { changes, result, again: hasAttributes(args) };
  const subject = args.follow ? target : itself;
  if (subject.kind === 'absent') {
    const warnings = hasAttributes(args)
      ? ['Cannot set fs attributes on a non-existent symlink target. follow should be set to False to avoid this.']
      : [];
    return { changes, result, warnings };
  }
  return {
    changes: attributeChanges(args, subject),
    result: { ...result, ...attributeResult(args, subject), state: 'link' },
  };
}

/** The plan of a hard link. */
export function planHardLink(args: LinkArguments, current: LinkState): Plan {
  const { itself } = current;
  if (args.src === undefined) {
    if (itself.kind === 'absent') throw new ModuleFailure('src is required for creating new hardlinks');
    return { changes: attributeChanges(args, itself), result: { dest: itself.path } };
  }
  if (!current.sourceExists) throw new ModuleFailure('src does not exist', { dest: itself.path, src: args.src });
  const result = {
    dest: itself.path,
    src: args.src,
    ...attributeResult(args, itself, { kind: 'file' }),
    state: 'hard',
  };
  if (current.sameFile) return { changes: attributeChanges(args, itself), result };
  if (itself.kind === 'file' && !args.force) {
    const msg = `Cannot link, different hard link exists at destination: ${itself.path}`;
    throw new ModuleFailure(msg, { dest: itself.path, src: args.src });
  }
  refuseToReplace(args, current, 'hardlink');
  const change = linkChange(
    itself,
    `ln -- ${args.src.startsWith('/') ? '' : '"$OLDPWD"/'}${quote(args.src)}`,
    `src: ${args.src}`,
  );
  return { changes: [change], result, again: hasAttributes(args) };
}

function refuseToReplace(args: LinkArguments, { itself, filled }: LinkState, to: string): void {
  const fields = { path: itself.path };
  if (itself.kind === 'absent' || itself.kind === 'link') return;
  if (!args.force)
    throw new ModuleFailure(`refusing to convert from ${itself.kind} to ${to} for ${itself.path}`, fields);
  if (filled) throw new ModuleFailure(`the directory ${itself.path} is not empty, refusing to convert it`, fields);
}

/**
 * sh text that makes a link beside its place and renames it, so that there is always one or the other. `make` is the command
 * without the link's name.
 */
export function linkCommand(path: string, make: string): string {
  return `( kplay_begin ${quote(path)} ${temporaryToken()} || exit; ${make} "./$kplay_t" && kplay_rename )`;
}

function linkChange(itself: FileState, make: string, after: string): Change {
  const before = itself.kind === 'link' ? `src: ${itself.target}` : `state: ${itself.kind}`;
  const clear = itself.kind === 'directory' ? `rmdir ${quote(itself.path)} && ` : '';
  const command = clear + linkCommand(itself.path, make);
  const diff = { before: `${before}\n`, after: `${after}\n`, beforeHeader: itself.path, afterHeader: itself.path };
  return { what: `link ${itself.path}`, before, after, diff, command };
}

function hasAttributes(args: FileAttributeArguments): boolean {
  const { owner, group, mode, attributes, setype } = args;
  return [owner, group, mode, attributes, setype].some((value) => value !== undefined);
}
