import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { packageRoot } from '../../runner/root.ts';
import { attempt } from '../lab/shell.ts';
import { temporaryDirectory } from '../temporary.ts';

const program = fileURLToPath(new URL('../../runner/cli/main.cjs', import.meta.url));

// Document 4's first master, and document 5's.
const fourth = {
  address_interface: 'eth0',
  address_new: '172.31.3.101/21',
  address_gateway: '172.31.0.2',
  address_dns: ['223.5.5.5', '180.76.76.76'],
  address_search: [],
};
const fifth = {
  ...fourth,
  address_interface: 'ens33',
  address_new: '192.168.141.134/24',
  address_gateway: '192.168.141.2',
};

const expected: readonly (readonly [method: string, values: object, text: string])[] = [
  [
    'ifcfg',
    fourth,
    'DEVICE=eth0\nNAME=eth0\nTYPE=Ethernet\nBOOTPROTO=none\nONBOOT=yes\nIPADDR=172.31.3.101\nPREFIX=21\nGATEWAY=172.31.0.2\nDNS1=223.5.5.5\nDNS2=180.76.76.76\n',
  ],
  [
    'netplan',
    { ...fifth, address_dns: ['192.168.141.2'] },
    `network:
  version: 2
  renderer: networkd
  ethernets:
    ens33:
      dhcp4: false
      addresses: [192.168.141.134/24]
      routes:
        - to: 0.0.0.0/0
          via: 192.168.141.2
      nameservers:
        addresses: [192.168.141.2]
        search: []
`,
  ],
  [
    'networkd',
    { ...fourth, address_search: ['example.local'] },
    '[Match]\nName=eth0\n\n[Network]\nAddress=172.31.3.101/21\nGateway=172.31.0.2\nDNS=223.5.5.5\nDNS=180.76.76.76\nDomains=example.local\n',
  ],
  [
    'interfaces',
    { ...fourth, address_dns: [] },
    'source /etc/network/interfaces.d/*\n\nauto lo\niface lo inet loopback\n\nauto eth0\niface eth0 inet static\n    address 172.31.3.101/21\n    gateway 172.31.0.2\n',
  ],
];

for (const [method, values, text] of expected) {
  test(`the role address writes an ${method} configuration`, async (t) => {
    const folder = temporaryDirectory('kplay-address');
    const src = path.join(packageRoot, 'roles', 'address', 'templates', `${method}.j2`);
    const file = path.join(folder, 'play.json');
    const tasks = [{ debug: { msg: `{{ lookup('template', '${src}') }}` } }];
    writeFileSync(file, JSON.stringify([{ hosts: 'localhost', gather_facts: false, tasks }]));
    const words = [program, 'run', file, '-i', 'localhost,', '-c', 'local', '--json', '-e', JSON.stringify(values)];
    const { code, stdout, all } = await attempt(process.execPath, words);
    t.is(code, 0, all);
    const event = stdout.split('\n').find((line) => line.includes('"host-result"')) ?? '{}';
    const { result } = JSON.parse(event) as { result: { fields: { msg: string } } };
    t.is(result.fields.msg.trim(), `# Written by kplay (address_new).\n${text}`.trim());
  });
}
