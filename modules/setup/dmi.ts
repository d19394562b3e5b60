import type { Mapping } from '../../runner/value.ts';
import type { FactCollector } from './collector.ts';

/** Facts, and the firmware's files that tell them. */
const files: Readonly<Record<string, string>> = {
  bios_date: 'bios_date',
  bios_vendor: 'bios_vendor',
  bios_version: 'bios_version',
  board_asset_tag: 'board_asset_tag',
  board_name: 'board_name',
  board_serial: 'board_serial',
  board_vendor: 'board_vendor',
  board_version: 'board_version',
  chassis_asset_tag: 'chassis_asset_tag',
  chassis_serial: 'chassis_serial',
  chassis_vendor: 'chassis_vendor',
  chassis_version: 'chassis_version',
  form_factor: 'chassis_type',
  product_name: 'product_name',
  product_serial: 'product_serial',
  product_uuid: 'product_uuid',
  product_version: 'product_version',
  system_vendor: 'sys_vendor',
};

/** The firmware's kinds of chassis, by their numbers in the SMBIOS specification. */
const formFactors = [
  'Unknown',
  'Other',
  'Unknown',
  'Desktop',
  'Low Profile Desktop',
  'Pizza Box',
  'Mini Tower',
  'Tower',
  'Portable',
  'Laptop',
  'Notebook',
  'Hand Held',
  'Docking Station',
  'All In One',
  'Sub Notebook',
  'Space-saving',
  'Lunch Box',
  'Main Server Chassis',
  'Expansion Chassis',
  'Sub Chassis',
  'Bus Expansion Chassis',
  'Peripheral Chassis',
  'RAID Chassis',
  'Rack Mount Chassis',
  'Sealed-case PC',
  'Multi-system',
  'CompactPCI',
  'AdvancedTCA',
  'Blade',
  'Blade Enclosure',
  'Tablet',
  'Convertible',
  'Detachable',
  'IoT Gateway',
  'Embedded PC',
  'Mini PC',
  'Stick PC',
];

/** Maker, model and serial numbers, as the firmware tells them; `NA` for what it does not. */
export const dmi: FactCollector = {
  name: 'dmi',
  subset: 'hardware',
  script: `for f in ${Object.values(files).join(' ')}; do value "/sys/devices/virtual/dmi/id/$f"; done`,
  parse(output): Mapping {
    const lines = output.split('\n');
    return Object.fromEntries(
      Object.keys(files).map((fact, index) => [fact, shown(fact, lines[index]?.trim() || 'NA')]),
    );
  },
};

function shown(fact: string, text: string): string {
  if (fact !== 'form_factor' || text === 'NA') return text;
  return formFactors[Number(text)] ?? `unknown (${text})`;
}
