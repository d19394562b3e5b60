import type { Mapping } from '../../runner/value.ts';
import { mapping } from '../../runner/value.ts';
import { linesOf } from '../shared/probe.ts';
import type { FactCollector } from './collector.ts';

const options = '--noheadings --nosuffix --units g --separator ,';

/** Volume groups with their volumes; `N/A` where there is no LVM, or who asks is not root. */
export const lvm: FactCollector = {
  name: 'lvm',
  subset: 'hardware',
  script: `if command -v vgs >/dev/null && [ "$(id -u)" = 0 ]; then
  echo @vgs; limit 5 vgs ${options} -o vg_name,pv_count,lv_count,vg_size,vg_free
  echo @lvs; limit 5 lvs ${options} -o lv_name,vg_name,lv_size
  echo @pvs; limit 5 pvs ${options} -o pv_name,vg_name,pv_size,pv_free
fi`,
  parse: (output) => ({ lvm: output.startsWith('@vgs') ? parseLvm(output) : 'N/A' }),
};

function parseLvm(output: string): Mapping {
  const [groupText = '', rest = ''] = output.split('\n@lvs\n');
  const [volumeText = '', diskText = ''] = `\n${rest}`.split('\n@pvs\n');
  const vgs = mapping();
  const lvs = mapping();
  const pvs = mapping();
  for (const [name = '', disks = '', volumes = '', size = '', free = ''] of rows(groupText))
    vgs[name] = { size_g: size, free_g: free, num_lvs: volumes, num_pvs: disks, lvs: mapping() };
  for (const [name = '', group = '', size = ''] of rows(volumeText)) {
    lvs[name] = { size_g: size, vg: group };
    const own = (vgs[group] as Mapping | undefined)?.lvs as Mapping | undefined;
    if (own) own[name] = { size_g: size };
  }
  for (const [name = '', group = '', size = '', free = ''] of rows(diskText))
    pvs[name] = { size_g: size, free_g: free, vg: group };
  return { lvs, vgs, pvs };
}

function rows(text: string): string[][] {
  return linesOf(text)
    .filter((line) => !line.startsWith('@'))
    .map((line) => line.trim().split(','));
}
