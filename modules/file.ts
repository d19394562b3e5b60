import type { Host, Plan } from '../runner/module/contract.ts';
import { ModuleFailure, stateModule } from '../runner/module/contract.ts';
import { placeCommand } from '../runner/module/host-files.ts';
import { combinations, recursiveChanges, recursiveProbe } from './file/recursive-attributes.ts';
import type { TimeArguments } from './file/times.ts';
import { timeChanges, timeChangesBelow, timeProbe } from './file/times.ts';
import type { FileAttributeArguments } from './shared/attributes.ts';
import {
  attributeChanges,
  attributeResult,
  changesAfterSending,
  checkNamesAndWarn,
  fileArguments,
  placementOf,
  shownKind,
} from './shared/attributes.ts';
import type { LinkState } from './shared/file-links.ts';
import { planHardLink, planSymbolicLink } from './shared/file-links.ts';
import type { FileState } from './shared/file-state.ts';
import { filePrelude, fileProbe, parseFileState, parseFileStateOrNone } from './shared/file-state.ts';
import { placeWarnings } from './shared/forecast.ts';
import { makeFolder } from './shared/make-folder.ts';
import type { ProbeRecord } from './shared/probe-records.ts';
import { runRecords } from './shared/probe-records.ts';
import { pathWord } from './shared/shell-path.ts';
import { quote } from './shared/shell-quote.ts';

interface Current extends LinkState {
  /** src with `~` and variables expanded. */
  readonly source: string | undefined;
  readonly below: readonly FileState[];
  readonly times: ProbeRecord | undefined;
}

interface FileModuleArguments extends FileAttributeArguments, TimeArguments {
  readonly path: string;
  readonly src?: string | undefined;
  readonly recurse: boolean;
  readonly force: boolean;
  readonly follow: boolean;
}

export default stateModule({
  name: 'file',
  summary: 'Make folders, links and empty files, set their attributes, or remove them.',
  notes: [
    'With recurse, links below the folder get an owner and group but neither permissions nor times, and are not followed.',
    'Times in other formats than %Y %y %m %d %H %M %S are refused.',
  ],
  examples: `
- name: Make the folder for keys
  ansible.builtin.file:
    path: /etc/apt/keyrings
    state: directory
    mode: "0755"
- ansible.builtin.file:
    src: /usr/share/zoneinfo/UTC
    dest: /etc/localtime
    state: link
- ansible.builtin.file:
    path: /etc/cni/net.d/10-bridge.conf
    state: absent
`,
  returns: {
    path: 'The path (file, directory, absent).',
    dest: 'The path (touch, link, hard).',
    src: 'What a link leads to.',
    mode: 'Permissions, e.g. 0755.',
    owner: 'Its user.',
    group: 'Its group.',
    uid: 'The user’s number.',
    gid: 'The group’s number.',
    size: 'Bytes.',
    state: 'What it is then.',
  },
  args: {
    ...fileArguments,
    path: { type: 'path', required: true, aliases: ['dest', 'name'], doc: 'The path.' },
    state: {
      type: 'str',
      choices: ['absent', 'directory', 'file', 'hard', 'link', 'touch'],
      doc: 'What is to be there. Default: what is there; a folder with recurse, else a file.',
    },
    src: { type: 'path', doc: 'What a link leads to; relative to the link’s folder.' },
    recurse: { type: 'bool', default: false, doc: 'Give all that is below a folder the same attributes.' },
    force: { type: 'bool', default: false, doc: 'Make links to what is not there, and in place of files.' },
    follow: { type: 'bool', default: true, doc: 'Work on what a link leads to.' },
    modification_time: { type: 'str', doc: '`preserve`, `now`, or a time.' },
    modification_time_format: { type: 'str', default: '%Y%m%d%H%M.%S', doc: 'How that time is written.' },
    access_time: { type: 'str', doc: '`preserve`, `now`, or a time.' },
    access_time_format: { type: 'str', default: '%Y%m%d%H%M.%S', doc: 'How that time is written.' },
  },
  async probe(args, host): Promise<Current> {
    const script = [
      filePrelude,
      fileProbe(pathWord(args.path), { attributes: args }),
      sourceProbe(args.src, args.state),
      fileProbe(pathWord(args.path), { attributes: args, follow: true }),
      timeProbe(args),
      args.recurse ? recursiveProbe : 'r\n',
    ];
    const [itself, source, target, times, below] = await runRecords(host, script.join(''));
    const parse = args.state === 'absent' ? parseFileStateOrNone : parseFileState;
    const targetState = parse(target!);
    return {
      itself: parse(itself!),
      target: targetState,
      source: source!.text('source'),
      sourceExists: source!.has('exists'),
      sameFile: source!.has('same'),
      filled: source!.has('filled'),
      times,
      below: combinations(below, targetState),
    };
  },
  plan(args, current, host) {
    const state = args.state ?? impliedState(args.recurse, current);
    if (args.recurse && state !== 'directory') {
      throw new ModuleFailure("recurse option requires state to be 'directory'", { path: args.path });
    }
    if (args.src !== undefined && state !== 'link' && state !== 'hard') {
      throw new ModuleFailure(`src option requires state to be 'link' or 'hard'`, { path: args.path });
    }
    if (state !== 'absent') checkOwners(args, current.itself, state, host.checkMode);
    const plan = plans[state]({ ...args, src: current.source }, current, host);
    return { ...plan, warnings: [...(plan.warnings ?? []), ...forecast(args, current.itself, state, host)] };
  },
});

/** sh text on `src`, as seen from the folder of the path `$p`, or from inside when the path is a folder. */
function sourceProbe(src: string | undefined, state: string | undefined): string {
  const lines = ['r'];
  if (state === 'link' || state === 'hard') {
    lines.push('if [ -d "$p" ] && [ ! -L "$p" ] && [ "$(ls -A "$p" 2>/dev/null)" ]; then echo filled=1; fi');
  }
  if (src !== undefined) {
    lines.push(`q=${pathWord(src)}; k source "$q"`);
    if (state !== 'hard') {
      lines.push('if [ -d "$p" ] && [ ! -L "$p" ]; then x=$p; else x=${p%/*}; fi');
      lines.push('case $q in /*) ;; *) q=$x/$q;; esac');
    }
    lines.push('if [ -e "$q" ]; then echo exists=1; fi');
    if (state === 'hard') {
      lines.push(
        'if [ "$(stat -c %d:%i "$q" 2>/dev/null)" = "$(stat -c %d:%i "$p" 2>/dev/null)" ]; then echo same=1; fi',
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** As {@link checkNamesAndWarn}; the file is told of as it would have been made. */
function checkOwners(args: FileModuleArguments, itself: FileState, state: State, checkMode: boolean): void {
  const made: FileState = { ...itself, kind: 'file', mode: 0o666 & ~itself.umask };
  const subject = itself.kind === 'absent' && state === 'touch' && !checkMode ? made : itself;
  checkNamesAndWarn(args, subject, checkMode);
}

/** What check mode warns of: as the host is now, a run could not make it. */
function forecast(args: FileModuleArguments, itself: FileState, state: State, host: Host): string[] {
  if (state === 'absent' || itself.kind !== 'absent') return [];
  return placeWarnings(args, itself, host, { makesFolder: state === 'directory' });
}

type State = 'absent' | 'directory' | 'file' | 'hard' | 'link' | 'touch';

function impliedState(recurse: boolean, { itself }: Current): State {
  if (itself.kind === 'absent') return recurse ? 'directory' : 'file';
  return itself.kind === 'directory' || itself.kind === 'link' ? itself.kind : 'file';
}

const plans: Readonly<Record<State, (args: FileModuleArguments, current: Current, host: Host) => Plan>> = {
  absent: (_, { itself }) => planAbsent(itself),
  directory: planDirectory,
  file: planFile,
  hard: (args, current) => withTimes(args, current, planHardLink(args, current), current.sameFile),
  link(args, current) {
    const leadsOn = args.src === undefined || args.src === current.itself.target;
    const exists = leadsOn ? current.target.kind !== 'absent' : current.sourceExists;
    const plan = planSymbolicLink(args, current);
    return exists ? withTimes(args, current, plan, leadsOn) : plan;
  },
  touch: planTouch,
};

/** A link's plan with the times that are asked for: they are those of what it leads to, as in Ansible. */
function withTimes(args: FileModuleArguments, { itself, times }: Current, plan: Plan, isThere: boolean): Plan {
  return { ...plan, changes: [...plan.changes, ...timeChanges(args, itself, isThere ? times : undefined, true)] };
}

function planAbsent(state: FileState): Plan {
  const result = { path: state.path, state: 'absent' };
  if (state.kind === 'absent') return { changes: [], result };
  if (state.path === '/') throw new ModuleFailure('/ is not removed', { path: '/' });
  const command = `rm ${state.kind === 'directory' ? '-rf' : '-f'} ${quote(state.path)}`;
  return { changes: [stateChange(state, 'absent', command)], result };
}

function planDirectory(args: FileModuleArguments, { itself, target, below, times }: Current): Plan {
  const state = args.follow ? target : itself;
  const result = { path: state.path, ...attributeResult(args, state, { kind: 'directory' }) };
  // What a link leads to is made where there is nothing yet.
  if (itself.kind === 'absent' || (args.follow && state.kind === 'absent')) {
    const make = makeFolder(state.path, { ...args, directory_mode: args.mode });
    const change = stateChange(state, 'directory', make.command!);
    const changes = [change, ...timeChanges(args, state, undefined)];
    return { changes, result, again: args.attributes !== undefined || args.setype !== undefined };
  }
  if (state.kind !== 'directory') {
    const msg = `${state.path} already exists as a ${state.kind === 'absent' ? 'broken link' : shownKind(state.kind)}`;
    throw new ModuleFailure(msg, { path: state.path });
  }
  const inside = args.recurse
    ? [...recursiveChanges(args, state, below), ...timeChangesBelow(args, state, below, times)]
    : [];
  return { changes: [...attributeChanges(args, state), ...inside, ...timeChanges(args, state, times)], result };
}

function planFile(args: FileModuleArguments, { itself, target, times }: Current): Plan {
  const state = args.follow ? target : itself;
  if (state.kind === 'absent' || state.kind === 'directory' || state.kind === 'link') {
    const fields = { path: state.path, state: state.kind };
    throw new ModuleFailure(`file (${state.path}) is ${state.kind}, cannot continue`, fields);
  }
  const changes = [...attributeChanges(args, state), ...timeChanges(args, state, times)];
  return { changes, result: { path: state.path, ...attributeResult(args, state) } };
}

function planTouch(args: FileModuleArguments, { itself, target, times }: Current): Plan {
  const state = args.follow ? target : itself;
  const dest = { dest: state.path };
  if (itself.kind === 'link' && target.kind === 'absent') {
    const words = `[Errno 2] No such file or directory: b'${state.path}'`;
    throw new ModuleFailure(`Error while updating modification or access time: ${words}`, { path: state.path });
  }
  if (state.kind !== 'absent') {
    const changes = [...attributeChanges(args, state), ...timeChanges(args, state, times)];
    return { changes, result: { ...attributeResult(args, state), ...dest } };
  }
  const made: FileState = { ...state, kind: 'file', mode: 0o666 & ~state.umask };
  const { attributes, replaces } = placementOf(args, state);
  const make = placeCommand(state.path, ':', { ...attributes, replaces });
  const changes = [
    { ...stateChange(state, 'touch', make), guarded: true },
    ...changesAfterSending(args, made),
    ...timeChanges({ ...args, state: 'file' }, made, undefined),
  ];
  return { changes, result: { ...attributeResult(args, made), ...dest } };
}

function stateChange(state: FileState, after: string, command: string): Plan['changes'][number] {
  return {
    what: `state of ${state.path}`,
    before: state.kind,
    after,
    diff: {
      before: `state: ${state.kind}\n`,
      after: `state: ${after}\n`,
      beforeHeader: state.path,
      afterHeader: state.path,
    },
    command,
  };
}
