import { linesOf } from '../shared/probe.ts';
import type { FactCollector } from './collector.ts';

/** sh text that prints the first line of a file that begins with a word, or nothing. */
function firstWith(file: string, word: string): string {
  return `[ ! -r ${file} ] || while IFS= read -r v; do case $v in ${word}*) printf '%s\\n' "$v"; break ;; esac; done <${file}`;
}

/** The host's name in NVMe over fabrics. */
export const nvme: FactCollector = {
  name: 'nvme',
  subset: 'nvme',
  script: firstWith('/etc/nvme/hostnqn', 'nqn.'),
  parse: (output) => ({ hostnqn: output.trim() }),
};

/** The host's name as an iSCSI initiator. */
export const iscsi: FactCollector = {
  name: 'iscsi',
  subset: 'iscsi',
  script: firstWith('/etc/iscsi/initiatorname.iscsi', 'InitiatorName='),
  parse: (output) => ({ iscsi_iqn: output.trim().replace(/^InitiatorName=/, '') }),
};

/** The names of the host's fibre channel ports. */
export const fibreChannel: FactCollector = {
  name: 'fibre_channel_wwn',
  subset: 'fibre_channel_wwn',
  script: `for f in /sys/class/fc_host/*/port_name; do [ ! -r "$f" ] || value "$f"; done`,
  parse: (output) => ({ fibre_channel_wwn: linesOf(output).map((line) => line.trim().slice(2)) }),
};
