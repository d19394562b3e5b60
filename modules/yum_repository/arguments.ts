import { fileArguments } from '../shared/attributes.ts';
import { schema } from '../shared/schema.ts';

const list = { type: 'list', elements: 'str' } as const;

/** Arguments of `yum_repository` that become settings of the repository, under the same name unless said otherwise. */
export const repositorySettings = schema({
  async: { type: 'bool', doc: 'Whether packages are fetched at the same time.' },
  bandwidth: { type: 'str', doc: 'Most bytes a second.' },
  baseurl: { ...list, doc: 'Addresses of the repository.' },
  cost: { type: 'str', doc: 'Relative cost; cheaper repositories win.' },
  countme: { type: 'bool', doc: 'Whether hosts are counted.' },
  deltarpm_metadata_percentage: { type: 'str', doc: 'When delta metadata is used.' },
  deltarpm_percentage: { type: 'str', doc: 'When delta packages are used.' },
  enabled: { type: 'bool', doc: 'Whether it is used.' },
  enablegroups: { type: 'bool', doc: 'Whether its groups count.' },
  exclude: { ...list, doc: 'Packages to leave out.' },
  failovermethod: { type: 'str', choices: ['roundrobin', 'priority'], doc: 'How another mirror is chosen.' },
  gpgcakey: { type: 'str', doc: 'Address of the authority key.' },
  gpgcheck: { type: 'bool', doc: 'Whether signatures of packages are checked.' },
  gpgkey: { ...list, doc: 'Addresses of the keys.' },
  http_caching: { type: 'str', choices: ['all', 'packages', 'none'], doc: 'What caches may keep.' },
  include: { type: 'str', doc: 'Another file with settings.' },
  includepkgs: { ...list, doc: 'The only packages that count.' },
  ip_resolve: { type: 'str', choices: ['4', '6', 'IPv4', 'IPv6', 'whatever'], doc: 'Which addresses are used.' },
  keepalive: { type: 'bool', doc: 'Whether connections are kept.' },
  keepcache: { type: 'str', choices: ['0', '1'], doc: 'Whether packages are kept.' },
  metadata_expire: { type: 'str', doc: 'How long metadata is good.' },
  metadata_expire_filter: {
    type: 'str',
    choices: ['never', 'read-only:past', 'read-only:present', 'read-only:future'],
    doc: 'For which commands that counts.',
  },
  metalink: { type: 'str', doc: 'Address of a metalink.' },
  mirrorlist: { type: 'str', doc: 'Address of a list of mirrors.' },
  mirrorlist_expire: { type: 'str', doc: 'How long that list is good.' },
  module_hotfixes: { type: 'bool', doc: 'Whether modules do not filter it.' },
  password: { type: 'str', noLog: true, doc: 'Password.' },
  priority: { type: 'str', doc: 'Priority; lower wins.' },
  protect: { type: 'bool', doc: 'Whether its packages are protected.' },
  proxy: { type: 'str', doc: 'Proxy.' },
  proxy_password: { type: 'str', noLog: true, doc: "The proxy's password." },
  proxy_username: { type: 'str', doc: "The proxy's user." },
  repo_gpgcheck: { type: 'bool', doc: "Whether the metadata's signature is checked." },
  retries: { type: 'str', doc: 'How often a download is tried.' },
  s3_enabled: { type: 'bool', doc: 'Whether it is in S3.' },
  skip_if_unavailable: { type: 'bool', doc: 'Whether it may be missing.' },
  ssl_check_cert_permissions: { type: 'bool', doc: "Whether the certificate's permissions are checked." },
  sslcacert: { type: 'str', aliases: ['ca_cert'], doc: 'Authorities to trust.' },
  sslclientcert: { type: 'str', aliases: ['client_cert'], doc: "The client's certificate." },
  sslclientkey: { type: 'str', aliases: ['client_key'], doc: "The client's key." },
  sslverify: { type: 'bool', aliases: ['validate_certs'], doc: 'Whether certificates are checked.' },
  throttle: { type: 'str', doc: 'Most bandwidth.' },
  timeout: { type: 'str', doc: 'Seconds for a connection.' },
  ui_repoid_vars: { type: 'str', doc: 'Variables that are shown.' },
  username: { type: 'str', doc: 'User.' },
});

/** Arguments of `yum_repository`. */
export const yumRepositoryArguments = schema({
  name: { type: 'str', required: true, doc: 'Id of the repository.' },
  description: { type: 'str', doc: 'Its name in words; needed for state present.' },
  file: { type: 'str', doc: 'Name of the file, without .repo; the id when not given.' },
  reposdir: { type: 'path', default: '/etc/yum.repos.d', doc: 'Folder of the file.' },
  state: { type: 'str', default: 'present', choices: ['absent', 'present'], doc: 'Whether it is there.' },
  ...repositorySettings,
  ...fileArguments,
});
