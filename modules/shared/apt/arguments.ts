import type { ArgumentSchema } from '../../../runner/module/arguments.ts';

/** Arguments of `apt`. */
export const aptArguments = {
  name: {
    type: 'list',
    elements: 'str',
    aliases: ['package', 'pkg'],
    doc: 'Packages: `name`, `name=1.2*`, `name/release`, or a pattern `name*`.',
  },
  state: {
    type: 'str',
    default: 'present',
    choices: ['absent', 'build-dep', 'latest', 'present', 'fixed'],
    doc: 'The state that the packages are to be in; fixed repairs broken dependencies.',
  },
  update_cache: { type: 'bool', aliases: ['update-cache'], doc: 'Refresh the package lists first.' },
  cache_valid_time: {
    type: 'int',
    default: 0,
    doc: 'Refresh the lists only when they are older than so many seconds. Sets update_cache.',
  },
  update_cache_retries: { type: 'int', default: 5, doc: 'How often refreshing is tried.' },
  update_cache_retry_max_delay: { type: 'int', default: 12, doc: 'Most seconds between two tries.' },
  deb: { type: 'path', doc: 'A package file on the host, or its URL.' },
  upgrade: {
    type: 'str',
    default: 'no',
    choices: ['dist', 'full', 'no', 'safe', 'yes'],
    doc: 'Upgrade all packages; dist and full may remove some.',
  },
  install_recommends: {
    type: 'bool',
    aliases: ['install-recommends'],
    doc: "Install recommended packages too; the host's own setting when not given.",
  },
  default_release: { type: 'str', aliases: ['default-release'], doc: 'Release that versions are taken from.' },
  dpkg_options: {
    type: 'str',
    default: 'force-confdef,force-confold',
    doc: 'Options for dpkg, separated by commas.',
  },
  only_upgrade: { type: 'bool', default: false, doc: 'Upgrade packages only when they are installed.' },
  purge: { type: 'bool', default: false, doc: 'Remove the configuration too.' },
  autoremove: { type: 'bool', default: false, doc: 'Remove packages that nothing needs any more.' },
  autoclean: { type: 'bool', default: false, doc: 'Remove downloaded archives that can no longer be downloaded.' },
  clean: { type: 'bool', default: false, doc: 'Remove all downloaded archives.' },
  allow_downgrade: {
    type: 'bool',
    default: false,
    aliases: ['allow-downgrade', 'allow_downgrades', 'allow-downgrades'],
    doc: 'Allow a version older than the installed one.',
  },
  allow_change_held_packages: { type: 'bool', default: false, doc: 'Change packages that are held.' },
  allow_unauthenticated: {
    type: 'bool',
    default: false,
    aliases: ['allow-unauthenticated'],
    doc: 'Install packages whose signature cannot be checked.',
  },
  fail_on_autoremove: { type: 'bool', default: false, doc: 'Fail when installing would remove packages.' },
  force: {
    type: 'bool',
    default: false,
    doc: 'Allow downgrades, changes of held packages and unsigned packages, all at once.',
  },
  force_apt_get: { type: 'bool', default: false, doc: 'Has no effect: apt-get is used always, never aptitude.' },
  lock_timeout: {
    type: 'int',
    default: 60,
    doc: 'Seconds to wait for another process that holds a lock of apt or dpkg.',
  },
  policy_rc_d: {
    type: 'int',
    doc: 'Exit code of a policy-rc.d that stands there meanwhile; 101 keeps services from being started.',
  },
} as const satisfies ArgumentSchema;
