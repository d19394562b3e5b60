import { temporaryToken } from '../../../runner/module/host-files.ts';
import { quoteAll } from '../shell-quote.ts';

/** How apt-get is to be called, from a task's arguments. */
export interface AptOptions {
  /** Seconds to wait while another process holds a lock. */
  readonly lockTimeout: number;
  /** Options for dpkg, `force-confdef,force-confold`. */
  readonly dpkgOptions: string;
  /** Exit code of a policy-rc.d that stands there meanwhile, which keeps services from being started. */
  readonly policyRcD: number | undefined;
}

/** What apt-get says of half-done installations, as a regular expression; `apt_run` completes them. */
export const repairable = 'Unmet dependencies|fix-broken|-f install';

/**
 * sh functions for apt: `apt_run COMMAND…` waits for locks, and repairs what an interrupted run left behind, before it
 * gives up. Standard error goes through a file: a daemon that a package starts may keep a pipe open for ever.
 */
export function aptPrelude(options: AptOptions): string {
  return `export DEBIAN_FRONTEND=noninteractive DEBIAN_PRIORITY=critical LC_ALL=C LANGUAGE=C
kplay_scratch ${temporaryToken()} || exit 1
kplay_apt=$kplay_d; kplay_err=$kplay_apt/errors
kplay_clean() { rm -rf "$kplay_apt"; ${restorePolicy(options.policyRcD)} }
trap kplay_clean EXIT; trap 'exit 130' INT; trap 'exit 143' TERM
${installPolicy(options.policyRcD)}
apt_run() {
  kplay_end=$(($(date +%s) + ${options.lockTimeout})); kplay_repaired=
  while :; do
    "$@" 2>"$kplay_err"; kplay_rc=$?
    [ $kplay_rc -eq 0 ] && { cat "$kplay_err" >&2; return 0; }
    if grep -qE 'Could not get lock|Unable to (lock|acquire)|is locked by another process|status database is locked|frontend( lock)? (is|was) locked' "$kplay_err" && [ "$(date +%s)" -lt $kplay_end ]; then
      sleep 2
    elif [ -z "$kplay_repaired" ] && grep -q 'dpkg was interrupted' "$kplay_err"; then
      kplay_repaired=1; dpkg --configure -a --force-confdef --force-confold
    elif [ -z "$kplay_repaired" ] && grep -qE '${repairable}' "$kplay_err"; then
      kplay_repaired=1; apt-get -y -f --no-remove ${dpkgFlags(options.dpkgOptions)} install
    else
      cat "$kplay_err" >&2; return $kplay_rc
    fi
  done
}
`;
}

const policyFile = '/usr/sbin/policy-rc.d';

/**
 * The file says no for as long as the shell that made it lives: when that is killed, services start again as before. What a
 * killed run left is recognised by its second line.
 */
function installPolicy(code: number | undefined): string {
  if (code === undefined) return '';
  return `if grep -q '^# kplay$' ${policyFile} 2>/dev/null; then ${restore}; fi
[ ! -e ${policyFile} ] || mv ${policyFile} ${policyFile}.kplay
kplay_start "\${kplay_keeper:-$$}"
cat >${policyFile} <<kplay_end && chmod 0755 ${policyFile}
#!/bin/sh
# kplay
[ "\\$(cut -d' ' -f22 /proc/\${kplay_keeper:-$$}/stat 2>/dev/null)" != "$kplay_s" ] || exit ${code}
[ ! -x ${policyFile}.kplay ] || exec ${policyFile}.kplay "\\$@"
kplay_end`;
}

function restorePolicy(code: number | undefined): string {
  return code === undefined ? '' : `${restore}; `;
}

const restore = `rm -f ${policyFile}; [ ! -e ${policyFile}.kplay ] || mv ${policyFile}.kplay ${policyFile}`;

/** `-o Dpkg::Options::=--force-confdef …` for Ansible's dpkg_options. */
export function dpkgFlags(dpkgOptions: string): string {
  const options = dpkgOptions.split(',').map((option) => option.trim());
  return quoteAll(
    options
      .filter((option) => option !== '')
      .flatMap((option) => ['-o', `Dpkg::Options::=--${option.replace(/^--/, '')}`]),
  );
}

/** sh text that refreshes the package lists, tried several times with growing pauses. */
export function updateScript(retries: number, maxDelay: number): string {
  return `kplay_try=0; kplay_delay=1
while :; do
  # Before 2.1 apt knows no Error-Mode and ends with 0 whatever it could not fetch. The folder's time tells when that was; apt leaves it when nothing is new.
  apt_run apt-get -q -o APT::Update::Error-Mode=any update && ! grep -qE '^(W|Warning): (Failed to fetch|Some index files failed)' "$kplay_err" && { touch /var/lib/apt/lists; break; }
  kplay_try=$((kplay_try + 1))
  [ $kplay_try -ge ${Math.max(1, retries)} ] && { echo 'Failed to update apt cache' >&2; exit 100; }
  sleep $kplay_delay
  kplay_delay=$((kplay_delay * 2)); [ $kplay_delay -gt ${Math.max(1, maxDelay)} ] && kplay_delay=${Math.max(1, maxDelay)}
done`;
}
