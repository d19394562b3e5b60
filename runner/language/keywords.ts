import { didYouMean } from '../errors.ts';
import { table } from '../table.ts';

/** Where a keyword may stand. `include` is a task that runs include_tasks or include_role. */
export type KeywordPlace = 'play' | 'role' | 'block' | 'task' | 'handler' | 'include' | 'import_playbook';

/** What a keyword's value must be, when it holds no template. */
export type KeywordKind =
  | 'any'
  | 'text'
  | 'boolean'
  | 'integer'
  | 'number'
  | 'list'
  | 'dict'
  | 'conditions'
  | 'names'
  | 'identifier';

export interface Keyword {
  readonly kind: KeywordKind;
  readonly on: readonly KeywordPlace[];
  /** One sentence, for the support table. */
  readonly doc: string;
  /** Why it is refused. */
  readonly unsupported?: string | undefined;
}

const everywhere: readonly KeywordPlace[] = ['play', 'role', 'block', 'task', 'handler'];
const nodes: readonly KeywordPlace[] = ['role', 'block', 'task', 'handler'];
const tasks: readonly KeywordPlace[] = ['task', 'handler'];
const withIncludes = (places: readonly KeywordPlace[]): readonly KeywordPlace[] => [...places, 'include'];
const play: readonly KeywordPlace[] = ['play'];

/** Every keyword of the language, where it may stand and what it takes; with_NAME is not in here. */
export const keywords: Readonly<Record<string, Keyword>> = table<Keyword>({
  hosts: { kind: 'names', on: play, doc: 'Patterns of the hosts that the play is for.' },
  gather_facts: { kind: 'boolean', on: play, doc: 'Whether facts are gathered first.' },
  gather_subset: { kind: 'any', on: play, doc: 'Which facts are gathered.' },
  gather_timeout: { kind: 'integer', on: play, doc: 'Seconds that gathering facts may take.' },
  fact_path: { kind: 'text', on: play, doc: 'Folder of local facts on the host.' },
  vars_files: { kind: 'list', on: play, doc: 'Files of variables; of a list in the list the first that exists.' },
  vars_prompt: { kind: 'any', on: play, doc: 'Variables that are asked for.' },
  roles: { kind: 'list', on: play, doc: 'Roles, run between pre_tasks and tasks.' },
  pre_tasks: { kind: 'list', on: play, doc: 'Tasks before the roles.' },
  tasks: { kind: 'list', on: play, doc: 'Tasks after the roles.' },
  post_tasks: { kind: 'list', on: play, doc: 'Tasks after the tasks and their handlers.' },
  handlers: { kind: 'list', on: play, doc: 'Tasks that run when notified.' },
  force_handlers: { kind: 'boolean', on: play, doc: 'Whether notified handlers run although a host failed.' },
  max_fail_percentage: { kind: 'number', on: play, doc: 'Ends the play when more hosts than this failed.' },
  serial: { kind: 'any', on: play, doc: 'Batch sizes: numbers or percentages.' },
  strategy: { kind: 'text', on: play, doc: 'linear, free or host_pinned.' },
  order: { kind: 'text', on: play, doc: 'The order of the hosts.' },
  user: { kind: 'text', on: play, doc: 'Older name of remote_user.' },

  name: { kind: 'text', on: withIncludes([...everywhere, 'import_playbook']), doc: 'Shown, and known to notify.' },
  connection: { kind: 'text', on: everywhere, doc: 'ssh, openssh or local.' },
  port: { kind: 'integer', on: everywhere, doc: 'Port of the connection.' },
  remote_user: { kind: 'text', on: everywhere, doc: 'User that logs in.' },
  vars: { kind: 'dict', on: withIncludes([...everywhere, 'import_playbook']), doc: 'Variables.' },
  module_defaults: { kind: 'any', on: everywhere, doc: 'Default arguments by module.' },
  environment: { kind: 'any', on: everywhere, doc: 'Environment of commands; levels add up.' },
  no_log: { kind: 'boolean', on: withIncludes(everywhere), doc: 'Hides results.' },
  run_once: { kind: 'boolean', on: withIncludes(everywhere), doc: 'Runs on the first host for all.' },
  ignore_errors: { kind: 'boolean', on: withIncludes(everywhere), doc: 'Goes on after a failure.' },
  ignore_unreachable: { kind: 'boolean', on: everywhere, doc: 'Goes on with an unreachable host.' },
  check_mode: { kind: 'boolean', on: everywhere, doc: 'Turns check mode on or off.' },
  diff: { kind: 'boolean', on: everywhere, doc: 'Turns diff mode on or off.' },
  any_errors_fatal: { kind: 'boolean', on: everywhere, doc: 'A failure on a host fails all.' },
  throttle: { kind: 'integer', on: everywhere, doc: 'At most this many hosts at a time.' },
  timeout: { kind: 'integer', on: withIncludes(everywhere), doc: 'Seconds that the task may take.' },
  debugger: {
    kind: 'text',
    on: withIncludes(everywhere),
    doc: 'When the debugger starts.',
    unsupported: 'kplay has no task debugger; use --step, -v and the debug module.',
  },
  become: { kind: 'boolean', on: everywhere, doc: 'Whether to become another user.' },
  become_method: { kind: 'text', on: everywhere, doc: 'How: sudo, su, doas or run0.' },
  become_user: { kind: 'text', on: everywhere, doc: 'The user to become.' },
  become_flags: { kind: 'text', on: everywhere, doc: 'Further flags of the method.' },
  become_exe: { kind: 'text', on: everywhere, doc: "The program in place of the method's." },
  tags: {
    kind: 'names',
    on: withIncludes([...everywhere, 'import_playbook']),
    doc: 'Names for --tags; levels add up.',
  },
  collections: {
    kind: 'list',
    on: withIncludes(everywhere),
    doc: 'Collections in which short names of modules and roles are looked for first.',
  },

  when: {
    kind: 'conditions',
    on: withIncludes([...nodes, 'import_playbook']),
    doc: 'Conditions, all of which must hold; levels add up.',
  },
  delegate_to: { kind: 'text', on: nodes, doc: 'The host that it is done on.' },
  delegate_facts: { kind: 'boolean', on: nodes, doc: 'Whether facts are the delegate\u2019s.' },

  block: { kind: 'list', on: ['block'], doc: 'Tasks that belong together.' },
  rescue: { kind: 'list', on: ['block'], doc: 'Tasks for a host that failed in the block.' },
  always: { kind: 'list', on: ['block'], doc: 'Tasks that run in any case.' },
  notify: { kind: 'names', on: ['block', 'task', 'handler'], doc: 'Handlers to run when it changed something.' },

  action: { kind: 'any', on: withIncludes(tasks), doc: 'The module, in its older form.' },
  local_action: { kind: 'any', on: tasks, doc: 'The same, on this machine.' },
  args: { kind: 'any', on: withIncludes(tasks), doc: 'Arguments beside the module\u2019s.' },
  async: { kind: 'integer', on: tasks, doc: 'Seconds that it may run in the background.' },
  poll: { kind: 'integer', on: tasks, doc: 'Seconds between two looks at it; 0 leaves it running.' },
  changed_when: { kind: 'conditions', on: tasks, doc: 'Whether it changed something.' },
  failed_when: { kind: 'conditions', on: tasks, doc: 'Whether it failed.' },
  until: { kind: 'conditions', on: tasks, doc: 'Repeats it until this holds.' },
  retries: { kind: 'integer', on: tasks, doc: 'How often it is repeated, 3.' },
  delay: { kind: 'number', on: tasks, doc: 'Seconds between two tries, 5.' },
  loop: { kind: 'any', on: withIncludes(tasks), doc: 'Runs it for every item.' },
  loop_control: { kind: 'dict', on: withIncludes(tasks), doc: 'Names and looks of the loop.' },
  register: { kind: 'identifier', on: withIncludes(tasks), doc: 'Variable for the result.' },
  listen: { kind: 'names', on: ['handler'], doc: 'Further names that it is notified by.' },

  import_playbook: { kind: 'text', on: ['import_playbook'], doc: 'Takes in the plays of another file.' },
});

/** Keys of loop_control. */
export const loopControlKeywords: Readonly<Record<string, string>> = table<string>({
  loop_var: 'Name of the item\u2019s variable.',
  index_var: 'Name of a variable with the index from 0.',
  label: 'What is shown in place of the item.',
  pause: 'Seconds between two items.',
  extended: 'Whether ansible_loop is set.',
  extended_allitems: 'Whether ansible_loop holds all items.',
  break_when: 'Ends the loop when this holds after an item.',
});

const byPlace = new Map<KeywordPlace, ReadonlySet<string>>();

/** Names of the keywords that may stand at a place. */
export function keywordsOf(place: KeywordPlace): ReadonlySet<string> {
  let names = byPlace.get(place);
  if (!names) {
    names = new Set(Object.keys(keywords).filter((name) => keywords[name]!.on.includes(place)));
    byPlace.set(place, names);
  }
  return names;
}

const taskKeywords: ReadonlySet<string> = new Set([...keywordsOf('task'), ...keywordsOf('handler')]);

/** Whether a key of a task is a keyword or a loop; any other names a module. */
export function isTaskKey(key: string): boolean {
  return taskKeywords.has(key) || key.startsWith('with_');
}

/** Keywords that are refused, and why. */
export const unsupportedKeywords: ReadonlyMap<string, string> = new Map(
  Object.entries(keywords).flatMap(([name, { unsupported }]) =>
    unsupported === undefined ? [] : [[name, unsupported]],
  ),
);

/** What a keyword takes, in words. */
export const kindNames: Readonly<Record<KeywordKind, string>> = {
  any: 'any value',
  text: 'text',
  boolean: 'true or false',
  integer: 'a whole number',
  number: 'a number',
  list: 'a list',
  dict: 'a dict',
  conditions: 'a condition or a list of them',
  names: 'a name or a list of them',
  identifier: 'the name of a variable',
};

const placeNames: Readonly<Record<KeywordPlace, string>> = {
  play: 'a play',
  role: 'a role',
  block: 'a block',
  task: 'a task',
  handler: 'a handler',
  include: 'include_tasks or include_role',
  import_playbook: 'import_playbook',
};

/** How a place is named in messages: `a block`. */
export function placeName(place: KeywordPlace): string {
  return placeNames[place];
}

/** What to do about a keyword that is not one at this place. */
export function keywordHint(name: string, place: KeywordPlace): string | undefined {
  const known = keywords[name];
  if (known) {
    if (place === 'include') return `Give it to what is included: apply: {${name}: \u2026}, or use the import.`;
    return `It is a keyword of ${known.on
      .filter((one) => one !== 'include')
      .map(placeName)
      .join(', ')}.`;
  }
  if (name.startsWith('with_') && place !== 'task') return 'A loop stands at a task, or at include_tasks.';
  return didYouMean(name, keywordsOf(place));
}
