import { schema } from '../shared/schema.ts';

/** Arguments of `firewalld`. */
export const firewalldArguments = schema({
  state: {
    type: 'str',
    required: true,
    choices: ['absent', 'disabled', 'enabled', 'present'],
    doc: 'enabled or disabled; present and absent for zones and targets.',
  },
  service: { type: 'str', doc: 'A service, e.g. `https`.' },
  protocol: { type: 'str', doc: 'A protocol, e.g. `vrrp`.' },
  port: { type: 'str', doc: 'A port or range with its protocol: `6443/tcp`, `30000-32767/tcp`.' },
  port_forward: {
    type: 'list',
    elements: 'dict',
    doc: 'A port to forward.',
    options: {
      port: { type: 'str', required: true, doc: 'The port.' },
      proto: { type: 'str', required: true, choices: ['udp', 'tcp'], doc: 'Its protocol.' },
      toport: { type: 'str', required: true, doc: 'Where to.' },
      toaddr: { type: 'str', doc: 'To which address.' },
    },
  },
  rich_rule: { type: 'str', doc: 'A rich rule.' },
  source: { type: 'str', doc: 'A source network.' },
  interface: { type: 'str', doc: 'An interface of the zone.' },
  icmp_block: { type: 'str', doc: 'An ICMP type to block.' },
  icmp_block_inversion: { type: 'str', doc: 'Whether icmp_block allows instead.' },
  masquerade: { type: 'str', doc: 'Whether the zone masquerades; a boolean, kept with state enabled.' },
  target: {
    type: 'str',
    choices: ['default', 'ACCEPT', 'DROP', '%%REJECT%%'],
    doc: "The zone's target. Permanent only.",
  },
  zone: { type: 'str', doc: 'The zone; the default zone when not given.' },
  permanent: { type: 'bool', doc: 'Whether it stays after a restart of firewalld.' },
  immediate: { type: 'bool', default: false, doc: 'Whether it is so at once; that is the case when not permanent.' },
  timeout: { type: 'int', default: 0, doc: 'Seconds that a rule that is not permanent lasts.' },
  offline: { type: 'bool', doc: 'Work on the files when firewalld does not run.' },
});
