import { lstatSync, readlinkSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Change, Host, Plan } from '../../runner/module/contract.ts';
import { ModuleFailure } from '../../runner/module/contract.ts';
import { decode } from '../../runner/python/bytes.ts';
import { namesIn, systemPath } from '../../runner/python/file-names.ts';
import { linkCommand } from '../shared/file-links.ts';
import type { FileState } from '../shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState } from '../shared/file-state.ts';
import { makeFolder } from '../shared/make-folder.ts';
import type { PlaceArguments } from '../shared/place-file.ts';
import { placeFile, placeProbe } from '../shared/place-file.ts';
import { runRecords } from '../shared/probe-records.ts';
import { pathWord } from '../shared/shell-path.ts';
import { quote } from '../shared/shell-quote.ts';
import type { Source } from '../shared/source.ts';
import { sourceOfFile } from '../shared/source.ts';

/** What a folder of this machine holds, by names relative to it. */
interface LocalTree {
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly links: readonly { readonly name: string; readonly target: string }[];
}

/** A folder that is to be copied, and the same places on the host. */
export interface TreeState {
  readonly root: string;
  readonly folders: readonly FileState[];
  readonly files: readonly { readonly source: Source; readonly state: FileState }[];
  readonly links: readonly { readonly target: string; readonly state: FileState }[];
}

/** Reads a folder. Links are followed, or kept as links. Throws {@link ModuleFailure} for a link in a circle. */
function readTree(folder: string, follow: boolean): LocalTree {
  const tree = { folders: [] as string[], files: [] as string[], links: [] as { name: string; target: string }[] };
  const walk = (relative: string, above: readonly string[]): void => {
    const { ino, dev } = statSync(systemPath(path.join(folder, relative)));
    const identity = `${dev}:${ino}`;
    if (above.includes(identity)) throw new ModuleFailure(`${path.join(folder, relative)} holds itself through a link`);
    for (const entry of namesIn(path.join(folder, relative))) {
      const name = path.join(relative, entry);
      const local = systemPath(path.join(folder, name));
      const led = statSync(local, { throwIfNoEntry: false });
      // A link that leads nowhere cannot be followed: it is copied as it is.
      if (!led || (!follow && lstatSync(local).isSymbolicLink())) {
        tree.links.push({ name, target: decode(readlinkSync(local, 'buffer')) });
      } else if (led.isDirectory()) {
        tree.folders.push(name);
        walk(name, [...above, identity]);
      } else {
        tree.files.push(name);
      }
    }
  };
  walk('', []);
  return tree;
}

/** Looks at all places of a folder's files on the host, in one round trip. */
export async function probeTree(
  folder: string,
  args: PlaceArguments & { readonly local_follow: boolean; readonly decrypt: boolean },
  host: Host,
  into: string,
): Promise<TreeState> {
  const tree = readTree(folder, args.local_follow);
  const sources: Source[] = [];
  for (const name of tree.files) sources.push(await sourceOfFile(path.join(folder, name), args.decrypt));
  const dest = args.dest === '/' ? '' : args.dest.replace(/\/+$/, '');
  const root = into === '' ? dest || '/' : `${dest}/${into}`;
  const script = [
    filePrelude,
    `e() { ${fileProbe('"$1"', placeProbe(args, host, '"$2"'))} }`,
    `d() { ${fileProbe('"$1"', { follow: true, attributes: args })} }`,
    `p ${pathWord(root)} '' ''; root=\${p%/}`,
    'd "$root/"',
    ...tree.folders.map((name) => `d "$root"/${quote(name)}`),
    ...tree.files.map((name, index) => `e "$root"/${quote(name)} ${sources[index]!.checksum}`),
    ...tree.links.map(({ name }) => `d2 "$root"/${quote(name)}`),
  ];
  script.splice(3, 0, `d2() { ${fileProbe('"$1"')} }`);
  const states = (await runRecords(host, script.join('\n'))).map(parseFileState);
  const folders = states.splice(0, tree.folders.length + 1);
  const files = states.splice(0, tree.files.length);
  return {
    root: folders[0]!.path,
    folders,
    files: files.map((state, index) => ({ state, source: sources[index]! })),
    links: states.map((state, index) => ({ state, target: tree.links[index]!.target })),
  };
}

/** The plan that makes a folder of the host hold all that was read here; what else it holds stays. */
export function placeTree(args: PlaceArguments, tree: TreeState, host: Host): Plan {
  const changes: Change[] = [];
  const warnings = new Set<string>();
  for (const state of tree.folders) {
    if (state.kind === 'absent') changes.push(makeFolder(state.path, args));
    else if (state.kind !== 'directory')
      throw new ModuleFailure(`${state.path} is not a directory`, { dest: state.path });
  }
  for (const { state, source } of tree.files) {
    const plan = placeFile(args, { ...state, inFolder: true }, source, host);
    changes.push(...plan.changes);
    for (const warning of plan.warnings ?? []) warnings.add(warning);
  }
  for (const { state, target } of tree.links) {
    if (state.kind === 'link' && state.target === target) continue;
    if (state.kind === 'directory') throw new ModuleFailure(`${state.path} is a directory`, { dest: state.path });
    changes.push({
      what: `link ${state.path}`,
      before: state.target,
      after: target,
      command: linkCommand(state.path, `ln -s -- ${quote(target)}`),
    });
  }
  return { changes, result: { dest: tree.root, state: 'directory' }, warnings: [...warnings] };
}
