#!/bin/sh
# Installs, on this machine, the Debian packages that the lab is made with, or those that are named. Does nothing when all are there.
# Usage: tools.sh [PACKAGE…]
set -eu
missing=
[ $# -gt 0 ] || set -- mmdebstrap systemd-container apt-utils gnupg kmod iproute2 openssh-client procps psmisc xz-utils gcc libc6-dev
for package; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
# Left half done by an installation that was interrupted.
dpkg --configure -a
# The lists may be old or absent; a repository of somebody else's that does not answer is no reason to stop.
apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 update -q || echo 'apt-get update failed; going on with the lists there are'
# shellcheck disable=SC2086 # a list of names
apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $missing
