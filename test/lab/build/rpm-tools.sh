#!/bin/sh
# Installs, on this machine, the Debian packages that make RPM packages and their repositories. Does nothing when they are there.
set -eu
missing=
for package in rpm createrepo-c; do
  dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null | grep -qx installed || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
dpkg --configure -a
# shellcheck disable=SC2086 # a list of names
apt-get -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends $missing
