import { folders, labFolder, network, sourceFolder } from './settings.ts';

/** How this machine reaches packages, and where the lab is: all that the lab takes from its caller's environment. */
const inherited: readonly string[] = [
  ...['http_proxy', 'https_proxy', 'ftp_proxy', 'all_proxy', 'no_proxy'].flatMap((name) => [name, name.toUpperCase()]),
  ...['KPLAY_LAB_DIR', 'KPLAY_LAB_KUBE', 'KPLAY_LAB_BULLSEYE', 'KPLAY_LAB_DL', 'KPLAY_LAB_GITHUB'],
  ...['GOPROXY', 'GOSUMDB', 'GONOSUMDB', 'GOPRIVATE'],
];

/**
 * The environment of every program that makes or runs the lab. Settings that a user keeps for compilers, package managers,
 * shells or git, in variables or in files of a home directory, must not change what is built: the variables of `caller` that are
 * not listed here are left out, and there is no home directory.
 */
export function labEnvironment(caller: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const taken = inherited.flatMap((name) => (caller[name] === undefined ? [] : [[name, caller[name]] as const]));
  return {
    ...Object.fromEntries(taken),
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/nonexistent',
    LC_ALL: 'C',
    DEBIAN_FRONTEND: 'noninteractive',
    LAB: labFolder,
    LAB_CACHE: folders.cache,
    LAB_SOURCE: sourceFolder,
    LAB_NAMESPACE: network.namespace,
    LAB_BRIDGE: network.bridge,
    LAB_GATEWAY: network.gateway,
    LAB_PREFIX: String(network.prefix),
  };
}
