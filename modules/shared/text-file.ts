import type { Change, Host, Plan } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { decode, encode } from '../../runner/python/bytes.ts';
import type { Mapping } from '../../runner/value.ts';
import type { FileAttributeArguments } from './attributes.ts';
import { attributeChanges, attributeResult, changesAfterSending, checkNames, placementOf } from './attributes.ts';
import type { FileProbe, FileState } from './file-state.ts';
import { probeFile } from './file-state.ts';
import { contentDiff } from './files.ts';
import { placeWarnings } from './forecast.ts';
import { makeFolder } from './make-folder.ts';

/** A text file of the host as it is, for modules that change lines of it. */
export interface TextFile {
  readonly state: FileState;
  /** Empty when the file is absent. Files that are not UTF-8 have one character for each byte. */
  readonly text: string;
  readonly utf8: boolean;
}

/** The arguments of modules that change a text file. */
export interface EditArguments extends FileAttributeArguments {
  readonly backup?: boolean | undefined;
  readonly validate?: string | undefined;
}

/**
 * What becomes of a link: what it leads to is edited, or a file with what it leads to takes its place. Modules differ in it as
 * Ansible's do.
 */
export type LinkRule = 'follow' | 'replace';

/** The probe of a text file that is to be edited. */
export function textProbe(args: EditArguments, links: LinkRule = 'follow'): FileProbe {
  const content = Number.MAX_SAFE_INTEGER;
  const link = links === 'follow' ? { follow: true } : { throughLink: true };
  return { ...link, content, attributes: args, backup: args.backup };
}

/** Reads a text file of the host. One round trip. Throws {@link ModuleFailure} for a folder. */
export async function readTextFile(
  host: Host,
  path: string,
  args: EditArguments,
  links: LinkRule = 'follow',
): Promise<TextFile> {
  return textFile(await probeFile(host, path, textProbe(args, links)));
}

/** The text of a file that a probe fetched. */
export function textFile(state: FileState): TextFile {
  if (state.kind === 'directory' || state.through?.kind === 'directory')
    throw new ModuleFailure(`Path ${state.path} is a directory !`, { rc: 256 });
  // Whoever took it for empty would write it anew without what is in it.
  const isThere = (state.through ?? state).kind === 'file';
  if (isThere && state.content === undefined) throw new ModuleFailure(`the content of ${state.path} was not read`);
  const bytes = state.content ?? Buffer.alloc(0);
  const text = decode(bytes);
  const utf8 = text.isWellFormed();
  return { state, text: utf8 ? text : bytes.toString('latin1'), utf8 };
}

/** An argument's text as it would read in that file. */
export function asIn(file: TextFile, text: string): string {
  return file.utf8 ? text : encode(text).toString('latin1');
}

/** What editing came to. */
export interface Edit {
  readonly text: string;
  readonly msg: string;
  /** Further fields of the result. */
  readonly fields?: Mapping | undefined;
  /** Make the folder that the file is in. */
  readonly makeFolder?: boolean | undefined;
  /** Where the backup's name is told (`backup`, or `backup_file`). */
  readonly backupField?: string | undefined;
}

/** The plan that gives a file its new text and its attributes. */
export function planEdit(args: EditArguments, file: TextFile, edit: Edit, host: Host): Plan {
  const { state } = file;
  const bytes = file.utf8 ? encode(edit.text) : Buffer.from(edit.text, 'latin1');
  const same = edit.text === file.text && (state.kind !== 'absent' || edit.text === '');
  const attributes = state.kind === 'absent' ? [] : attributeChanges(args, state);
  const fields = { path: state.path, ...edit.fields };
  if (same) {
    checkNames(args, state, host.checkMode || state.kind === 'absent');
    const msg = attributes.length > 0 ? 'ownership, perms or SE linux context changed' : edit.msg;
    const after = state.kind === 'absent' ? {} : attributeResult(args, state);
    return { changes: attributes, result: { ...after, msg, ...fields } };
  }
  checkNames(args, state, host.checkMode);
  const backup = args.backup === true && state.kind === 'file';
  const header = `${state.path} (content)`;
  const changes: Change[] = [
    ...folderChange(state, edit.makeFolder ?? false),
    {
      what: `content of ${state.path}`,
      diff: contentDiff(state.content, bytes, [header, header]),
      send: {
        source: bytes,
        destination: state.path,
        ...placementOf(args, state),
        validate: args.validate,
      },
    },
    ...changesAfterSending(args, state),
  ];
  const changed = attributes.length > 0 ? `${edit.msg} and ownership, perms or SE linux context changed` : edit.msg;
  const after = attributeResult(args, state, { size: bytes.length, kind: 'file' });
  const result: Mapping = { ...after, msg: changed, ...fields };
  if (backup) result[edit.backupField ?? 'backup_file'] = state.backupPath;
  const makesFolder = edit.makeFolder ?? false;
  return { changes, result, warnings: placeWarnings(args, state, host, { makesFolder }) };
}

function folderChange(state: FileState, make: boolean): Change[] {
  if (!make || state.inFolder) return [];
  const folder = state.path.slice(0, state.path.lastIndexOf('/')) || '/';
  return [makeFolder(folder, {})];
}

/** A text as lines that keep their line ends, as Python's readlines. */
export function keepLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}
