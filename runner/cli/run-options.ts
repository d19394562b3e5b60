import { table } from '../table.ts';
import type { OptionTable } from './options.ts';

const hosts = 'Which hosts';
const tasks = 'Which tasks';
const how = 'How';
const connection = 'Connection';
const privileges = 'Privileges';
const show = 'Look without running';
const output = 'Output';

const vault =
  'Files and values encrypted with ansible-vault are not supported: keep secrets in a file that only you can read.';

/** What to do without the options that ansible-playbook has and `kplay run` has not. */
export const ansibleOptions: Readonly<Record<string, string>> = table<string>({
  'vault-password-file': vault,
  'vault-pass-file': vault,
  'vault-id': vault,
  'ask-vault-password': vault,
  'ask-vault-pass': vault,
  J: vault,
  'become-pass-file': 'Its name here is --become-password-file.',
  'conn-pass-file': 'Its name here is --connection-password-file.',
  'inventory-file': 'Its name here is --inventory.',
  'module-path': 'Modules of your own are not supported.',
  M: 'Modules of your own are not supported.',
  'flush-cache': 'There is no cache of facts: they are gathered in each run.',
  'scp-extra-args': 'Files are sent through the shell; what ssh is to know stands in --ssh-common-args.',
  'sftp-extra-args': 'Files are sent through the shell; what ssh is to know stands in --ssh-common-args.',
  version: 'kplay --version tells it.',
});

/** The options of `kplay run`; names and letters are ansible-playbook's. */
export const runOptions: OptionTable = {
  inventory: {
    short: 'i',
    type: 'string',
    multiple: true,
    value: 'SOURCE',
    group: hosts,
    doc: 'Inventory file, folder or script, or hosts with commas ("a,b,"); may be given more than once.',
  },
  limit: {
    short: 'l',
    type: 'string',
    multiple: true,
    value: 'PATTERN',
    group: hosts,
    doc: 'Only these hosts of the plays; @FILE reads patterns from a file.',
  },
  shard: {
    type: 'string',
    value: 'PART/PARTS',
    group: hosts,
    doc: 'Only this part of the hosts ("2/5"); other controllers take the others.',
  },
  tags: {
    short: 't',
    type: 'string',
    multiple: true,
    value: 'TAGS',
    group: tasks,
    doc: 'Only tasks with one of these tags.',
  },
  'skip-tags': { type: 'string', multiple: true, value: 'TAGS', group: tasks, doc: 'No task with one of these tags.' },
  'start-at-task': { type: 'string', value: 'NAME', group: tasks, doc: 'Begin at the task with this name.' },
  step: { type: 'boolean', group: tasks, doc: 'Ask before each task.' },
  'extra-vars': {
    short: 'e',
    type: 'string',
    multiple: true,
    value: 'VARS',
    group: how,
    doc: 'Variables that beat all others: name=value, JSON, YAML, or @FILE.',
  },
  'template-rules': {
    type: 'string',
    value: 'VERSION',
    group: how,
    doc: 'Templates and conditions as in ansible-core 2.18, or as from 2.19 on (default).',
  },
  check: { short: 'C', type: 'boolean', group: how, doc: 'Change nothing; tell what would change.' },
  diff: { short: 'D', type: 'boolean', group: how, doc: 'Show what changes in files.' },
  forks: { short: 'f', type: 'string', value: 'N', group: how, doc: 'Hosts worked on at the same time (50).' },
  'force-handlers': { type: 'boolean', group: how, doc: 'Run notified handlers also on hosts that failed.' },
  user: { short: 'u', type: 'string', value: 'USER', group: connection, doc: 'Log in as this user.' },
  'private-key': { type: 'string', value: 'FILE', group: connection, doc: 'Log in with this key.' },
  'key-file': { type: 'string', value: 'FILE', group: connection, doc: 'The same.' },
  'ask-pass': { short: 'k', type: 'boolean', group: connection, doc: 'Ask for the login password.' },
  'connection-password-file': {
    type: 'string',
    value: 'FILE',
    group: connection,
    doc: 'Read the login password from a file.',
  },
  connection: { short: 'c', type: 'string', value: 'KIND', group: connection, doc: 'ssh (default) or local.' },
  timeout: {
    short: 'T',
    type: 'string',
    value: 'SECONDS',
    group: connection,
    doc: 'Time for a connection to stand (10).',
  },
  'ssh-common-args': {
    type: 'string',
    value: 'ARGS',
    group: connection,
    doc: 'OpenSSH options, e.g. "-o ProxyJump=bastion"; ansible_ssh_common_args wins.',
  },
  'ssh-extra-args': {
    type: 'string',
    value: 'ARGS',
    group: connection,
    doc: 'Further ones; ansible_ssh_extra_args wins.',
  },
  become: { short: 'b', type: 'boolean', group: privileges, doc: 'Work as root (or --become-user) by sudo.' },
  'become-method': { type: 'string', value: 'METHOD', group: privileges, doc: 'sudo (default), su, doas or run0.' },
  'become-user': { type: 'string', value: 'USER', group: privileges, doc: 'Work as this user (root).' },
  'ask-become-pass': { short: 'K', type: 'boolean', group: privileges, doc: "Ask for sudo's password." },
  'become-password-file': {
    type: 'string',
    value: 'FILE',
    group: privileges,
    doc: "Read sudo's password from a file.",
  },
  'syntax-check': { type: 'boolean', group: show, doc: 'Check the playbooks; contact no host.' },
  strict: {
    type: 'boolean',
    group: show,
    doc: 'What is wrong behind a condition, too, is an error before the run; without it, a warning.',
  },
  'list-hosts': { type: 'boolean', group: show, doc: 'Show the hosts of each play.' },
  'list-tasks': { type: 'boolean', group: show, doc: 'Show the tasks that would run.' },
  'list-tags': { type: 'boolean', group: show, doc: 'Show the tags there are.' },
  verbose: {
    short: 'v',
    type: 'boolean',
    multiple: true,
    group: output,
    doc: 'Tell more: -v results, -vv output of long commands, -vvv everything.',
  },
  json: { type: 'boolean', group: output, doc: 'One JSON object per event on standard output.' },
  plain: { type: 'boolean', group: output, doc: "Ansible's text also on a terminal, without the live view." },
  help: { short: 'h', type: 'boolean', group: output, doc: 'This text.' },
};
