#!/bin/sh
# apt 2.6.1 (Debian 12): a package of a repository that is not signed, installed for real and with --simulate.
#
# Expected: `apt-get -s install` ends as the real run would: what is refused is refused.
# Seen: the real run (-y) ends with 100 and "unauthenticated packages", before it fetches anything. With -s it ends with 0, lists the package as one to be
# installed, and has no word of this on either stream. So does --print-uris. Which repositories are trusted only `apt-get indextargets` tells.
#
# Why kplay minds: its check mode asked apt-get -s whether a run could do what it says, and promised such packages.
#
# Needs Debian 12 on amd64 with apt and dpkg-deb. Works in a temporary directory, as a system of its own; fetches two packages, nothing is installed.
set -eu
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
chmod 755 "$work"
export LC_ALL=C
version=2.6.1
apt-get -o APT::Sandbox::User=root download -q apt=$version libapt-pkg6.0=$version >/dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done
rm ./*.deb
export LD_LIBRARY_PATH="$work/root/usr/lib/x86_64-linux-gnu"

mkdir -p package/DEBIAN repository state/lists/partial state/dpkg cache/archives/partial etc/apt.conf.d etc/preferences.d etc/trusted.gpg.d
cat >package/DEBIAN/control <<'CONTROL'
Package: unsigned-example
Version: 1.0
Architecture: all
Maintainer: Example <example@example.com>
Description: A package
CONTROL
dpkg-deb --root-owner-group -b package repository/unsigned-example_1.0_all.deb >/dev/null
{
  cat package/DEBIAN/control
  echo "Filename: ./unsigned-example_1.0_all.deb"
  echo "Size: $(stat -c %s repository/unsigned-example_1.0_all.deb)"
  echo "SHA256: $(sha256sum repository/unsigned-example_1.0_all.deb | cut -d ' ' -f 1)"
} >repository/Packages
: >state/dpkg/status
echo "deb [allow-insecure=yes] file:$work/repository ./" >etc/sources.list
cat >apt.conf <<CONF
Dir "$work";
Dir::State "$work/state";
Dir::State::status "$work/state/dpkg/status";
Dir::Cache "$work/cache";
Dir::Etc "$work/etc";
Dir::Bin::methods "$work/root/usr/lib/apt/methods";
APT::Sandbox::User "root";
APT::Architecture "amd64";
CONF
export APT_CONFIG="$work/apt.conf"
apt() { "$work/root/usr/bin/apt-get" -q "$@"; }
apt --version | head -n 1
apt update >update.log 2>&1 || { cat update.log; exit 1; }

real=0; apt -y --download-only install unsigned-example >real.log 2>&1 || real=$?
simulated=0; apt -y -s install unsigned-example >simulated.log 2>&1 || simulated=$?
printed=0; apt -y --print-uris install unsigned-example >printed.log 2>&1 || printed=$?
echo "real: $real, $(grep -c -i unauthenticated real.log) lines on authentication: $(grep '^E:' real.log)"
echo "-s: $simulated, $(grep -c -i authenticat simulated.log || :) lines on authentication: $(grep '^Inst' simulated.log)"
echo "--print-uris: $printed, $(grep -c -i authenticat printed.log || :) lines on authentication"
trusted=$(apt indextargets --format '$(TRUSTED)' 'Created-By: Packages')
echo "indextargets: $trusted"
[ "$real $simulated $printed $trusted" = '100 0 0 no' ] && grep -q '^Inst unsigned-example' simulated.log && ! grep -qi authenticat simulated.log printed.log || { echo "CHANGED"; exit 1; }
echo "as described"
