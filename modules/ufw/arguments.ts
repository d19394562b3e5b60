import { schema } from '../shared/schema.ts';

/** Arguments of `ufw`. */
export const ufwArguments = schema({
  state: {
    type: 'str',
    choices: ['disabled', 'enabled', 'reloaded', 'reset'],
    doc: 'enabled and disabled change nothing when it is so; reloaded and reset always do.',
  },
  default: {
    type: 'str',
    choices: ['allow', 'deny', 'reject'],
    aliases: ['policy'],
    doc: 'Policy for what no rule is about.',
  },
  direction: {
    type: 'str',
    choices: ['in', 'incoming', 'out', 'outgoing', 'routed'],
    doc: 'Direction of the rule or policy.',
  },
  logging: { type: 'str', choices: ['on', 'off', 'low', 'medium', 'high', 'full'], doc: 'How much is logged.' },
  rule: { type: 'str', choices: ['allow', 'deny', 'limit', 'reject'], doc: 'The rule to add or delete.' },
  delete: { type: 'bool', default: false, doc: 'Delete the rule.' },
  insert: { type: 'int', doc: 'Number of the rule that it is put before.' },
  insert_relative_to: {
    type: 'str',
    default: 'zero',
    choices: ['first-ipv4', 'first-ipv6', 'last-ipv4', 'last-ipv6', 'zero'],
    doc: 'What insert counts from; only zero is supported.',
  },
  route: { type: 'bool', default: false, doc: 'The rule is about forwarded packets.' },
  log: { type: 'bool', default: false, doc: 'Log connections of the rule.' },
  from_ip: { type: 'str', default: 'any', aliases: ['from', 'src'], doc: 'Source address or network.' },
  from_port: { type: 'str', doc: 'Source port.' },
  to_ip: { type: 'str', default: 'any', aliases: ['dest', 'to'], doc: 'Destination address or network.' },
  to_port: { type: 'str', aliases: ['port'], doc: 'Destination port, `22`, `80,443` or `30000:32767`.' },
  proto: {
    type: 'str',
    choices: ['any', 'tcp', 'udp', 'ipv6', 'esp', 'ah', 'gre', 'igmp', 'vrrp'],
    aliases: ['protocol'],
    doc: 'Protocol.',
  },
  name: { type: 'str', aliases: ['app'], doc: 'Application profile.' },
  interface: { type: 'str', aliases: ['if'], doc: 'Interface, in the direction given.' },
  interface_in: { type: 'str', aliases: ['if_in'], doc: 'Interface that packets come in by.' },
  interface_out: { type: 'str', aliases: ['if_out'], doc: 'Interface that packets go out by.' },
  comment: { type: 'str', doc: 'Comment of the rule.' },
});
