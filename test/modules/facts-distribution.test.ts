import test from 'ava';
import { distribution } from '../../modules/shared/facts/distribution.ts';

const releases: readonly (readonly [
  name: string,
  osRelease: string,
  debian: string,
  redhat: string,
  facts: readonly string[],
])[] = [
  [
    'Debian 12',
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nVERSION="12 (bookworm)"\nVERSION_CODENAME=bookworm\nID=debian',
    '12.11',
    '',
    ['Debian', '12.11', '12', 'bookworm', 'Debian'],
  ],
  [
    'Debian 11',
    'NAME="Debian GNU/Linux"\nVERSION_ID="11"\nVERSION="11 (bullseye)"\nVERSION_CODENAME=bullseye\nID=debian',
    '11.9',
    '',
    ['Debian', '11.9', '11', 'bullseye', 'Debian'],
  ],
  [
    'Debian testing',
    'NAME="Debian GNU/Linux"\nVERSION_CODENAME=trixie\nID=debian',
    'trixie/sid',
    '',
    ['Debian', 'NA', 'NA', 'trixie', 'Debian'],
  ],
  [
    'Ubuntu 22.04',
    'NAME="Ubuntu"\nVERSION_ID="22.04"\nVERSION="22.04.3 LTS (Jammy Jellyfish)"\nVERSION_CODENAME=jammy\nID=ubuntu\nID_LIKE=debian\nUBUNTU_CODENAME=jammy',
    'bookworm/sid',
    '',
    ['Ubuntu', '22.04', '22', 'jammy', 'Debian'],
  ],
  [
    'Ubuntu 18.04',
    'NAME="Ubuntu"\nVERSION="18.04.6 LTS (Bionic Beaver)"\nID=ubuntu\nID_LIKE=debian\nVERSION_ID="18.04"\nVERSION_CODENAME=bionic',
    'buster/sid',
    '',
    ['Ubuntu', '18.04', '18', 'bionic', 'Debian'],
  ],
  [
    'CentOS 7',
    'NAME="CentOS Linux"\nVERSION="7 (Core)"\nID="centos"\nID_LIKE="rhel fedora"\nVERSION_ID="7"\nANSI_COLOR="0;31"',
    '',
    'CentOS Linux release 7.9.2009 (Core)',
    ['CentOS', '7.9', '7', 'Core', 'RedHat'],
  ],
  [
    'Rocky 8',
    'NAME="Rocky Linux"\nVERSION="8.9 (Green Obsidian)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="8.9"',
    '',
    'Rocky Linux release 8.9 (Green Obsidian)',
    ['Rocky', '8.9', '8', 'Green Obsidian', 'RedHat'],
  ],
  [
    'Rocky 9',
    'NAME="Rocky Linux"\nVERSION="9.3 (Blue Onyx)"\nID="rocky"\nID_LIKE="rhel centos fedora"\nVERSION_ID="9.3"',
    '',
    'Rocky Linux release 9.3 (Blue Onyx)',
    ['Rocky', '9.3', '9', 'Blue Onyx', 'RedHat'],
  ],
  [
    'RHEL 8',
    'NAME="Red Hat Enterprise Linux"\nVERSION="8.6 (Ootpa)"\nID="rhel"\nID_LIKE="fedora"\nVERSION_ID="8.6"',
    '',
    'Red Hat Enterprise Linux release 8.6 (Ootpa)',
    ['RedHat', '8.6', '8', 'Ootpa', 'RedHat'],
  ],
  [
    'openEuler',
    'NAME="openEuler"\nVERSION="22.03 (LTS-SP1)"\nID="openEuler"\nVERSION_ID="22.03"',
    '',
    '',
    ['openEuler', '22.03', '22', 'LTS-SP1', 'RedHat'],
  ],
  [
    'a child of Ubuntu',
    'NAME="Zorin OS"\nVERSION_ID="16"\nID=zorin\nID_LIKE="ubuntu debian"\nVERSION_CODENAME=focal',
    '',
    '',
    ['Zorin', '16', '16', 'focal', 'Debian'],
  ],
];

for (const [name, osRelease, debian, redhat, expected] of releases) {
  test(`distribution: ${name}`, (t) => {
    const facts = distribution.parse(`/etc/os-release\n${osRelease}\n\n@debian\n${debian}\n@redhat\n${redhat}\n`, {});
    const names = [
      'distribution',
      'distribution_version',
      'distribution_major_version',
      'distribution_release',
      'os_family',
    ];
    t.deepEqual(
      names.map((fact) => facts[fact]),
      [...expected],
    );
  });
}
