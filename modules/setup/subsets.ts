import { ModuleFailure } from '../../runner/module/contract.ts';

/** A part of the facts that `gather_subset` can ask for. */
interface Subset {
  /** Whether it belongs to `min`, which is gathered unless it is excluded. */
  readonly min?: boolean;
  /** Names of facts that ask for the whole subset. */
  readonly names?: readonly string[];
  /** Subsets that are gathered with it. */
  readonly needs?: readonly SubsetName[];
}

export type SubsetName =
  | 'apparmor'
  | 'caps'
  | 'chroot'
  | 'cmdline'
  | 'date_time'
  | 'distribution'
  | 'dns'
  | 'env'
  | 'facter'
  | 'fibre_channel_wwn'
  | 'fips'
  | 'hardware'
  | 'iscsi'
  | 'loadavg'
  | 'local'
  | 'lsb'
  | 'network'
  | 'nvme'
  | 'ohai'
  | 'pkg_mgr'
  | 'platform'
  | 'python'
  | 'selinux'
  | 'service_mgr'
  | 'ssh_pub_keys'
  | 'systemd'
  | 'user'
  | 'virtual';

/** Ansible's subsets. Those of facter, ohai and python gather nothing here. */
const subsets: Readonly<Record<SubsetName, Subset>> = {
  apparmor: { min: true },
  caps: { min: true, names: ['system_capabilities', 'system_capabilities_enforced'] },
  chroot: { names: ['is_chroot'] },
  cmdline: { min: true },
  date_time: { min: true },
  distribution: {
    min: true,
    names: ['distribution_version', 'distribution_release', 'distribution_major_version', 'os_family'],
  },
  dns: { min: true },
  env: { min: true },
  facter: {},
  fibre_channel_wwn: {},
  fips: { min: true },
  hardware: {
    names: ['processor', 'processor_cores', 'processor_count', 'mounts', 'devices'],
    needs: ['platform'],
  },
  iscsi: {},
  loadavg: {},
  local: { min: true },
  lsb: { min: true },
  network: {
    names: ['interfaces', 'default_ipv4', 'default_ipv6', 'all_ipv4_addresses', 'all_ipv6_addresses'],
    needs: ['platform', 'distribution'],
  },
  nvme: {},
  ohai: {},
  pkg_mgr: { min: true, needs: ['distribution'] },
  platform: {
    min: true,
    names: ['system', 'kernel', 'kernel_version', 'machine', 'python_version', 'architecture', 'machine_id'],
  },
  python: { min: true },
  selinux: { min: true },
  service_mgr: { min: true, needs: ['platform', 'distribution'] },
  ssh_pub_keys: {
    min: true,
    names: [
      'ssh_host_pub_keys',
      'ssh_host_key_dsa_public',
      'ssh_host_key_rsa_public',
      'ssh_host_key_ecdsa_public',
      'ssh_host_key_ed25519_public',
    ],
  },
  systemd: {},
  user: {
    min: true,
    names: [
      'user_id',
      'user_uid',
      'user_gid',
      'user_gecos',
      'user_dir',
      'user_shell',
      'real_user_id',
      'effective_user_id',
      'effective_group_ids',
    ],
  },
  virtual: {
    names: ['virtualization_type', 'virtualization_role', 'virtualization_tech_guest', 'virtualization_tech_host'],
  },
};

const all = Object.entries(subsets) as readonly (readonly [SubsetName, Subset])[];
const allNames = all.flatMap(([name, subset]) => [name, ...(subset.names ?? [])]);
const minNames = all.filter(([, subset]) => subset.min).map(([name]) => name as string);

/** What `gather_subset` comes to. */
export interface Selection {
  readonly subsets: ReadonlySet<SubsetName>;
  /** Names that were written with `!`, and not asked for. */
  readonly leftOut: ReadonlySet<string>;
}

/**
 * The subsets that `gather_subset` asks for, by Ansible's rules: `min` always unless it is excluded; what is named itself
 * although it is excluded; who excludes something only gets `min`. Throws {@link ModuleFailure} for an unknown name.
 */
export function selectSubsets(asked: readonly string[]): Selection {
  const given = asked.flatMap((text) => text.split(',')).map((text) => text.trim());
  const words = ['min', ...(given.length === 0 ? ['all'] : given)];
  const added = new Set<string>();
  const named = new Set<string>();
  const excluded = new Set<string>();
  for (const word of words) {
    if (word.startsWith('!')) for (const name of excludedBy(word.slice(1))) excluded.add(name);
    else if (word === 'min' || word === 'all') for (const name of word === 'min' ? minNames : allNames) added.add(name);
    else {
      checkName(word);
      named.add(word);
      added.add(word);
    }
  }
  for (const name of named) excluded.delete(name);
  const chosen = all.filter(([name, { names = [] }]) =>
    [name, ...names].some((id) => added.has(id) && !excluded.has(id)),
  );
  const written = words.filter((word) => word.startsWith('!')).map((word) => word.slice(1));
  const leftOut = new Set(written.filter((name) => !named.has(name)));
  return { subsets: withNeeds(chosen.map(([name]) => name)), leftOut };
}

function excludedBy(word: string): readonly string[] {
  if (word === 'min') return minNames;
  if (word === 'all') return allNames.filter((name) => !minNames.includes(name));
  return [word, ...(Object.hasOwn(subsets, word) ? (subsets[word as SubsetName].names ?? []) : [])];
}

function withNeeds(names: readonly SubsetName[]): Set<SubsetName> {
  return new Set(names.flatMap((name) => [name, ...(subsets[name].needs ?? [])]));
}

function checkName(name: string): void {
  if (allNames.includes(name)) return;
  const known = ['all', ...[...allNames].sort()].join(', ');
  throw new ModuleFailure(`Bad subset '${name}' given to Ansible. gather_subset options allowed: ${known}`);
}
