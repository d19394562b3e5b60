#!/bin/sh
# Makes a root that calls itself Fedora: the sid root with real dnf5 and rpm 6, without apt and dpkg. The base system's files are in
# no package of rpm's database. Usage: target-fedora.sh NAME SID-ROOT
set -eu
root=$LAB_CACHE/$1
sid=$LAB_CACHE/$2
rm -rf --one-file-system "$root" "$root.part"
cp -a "$sid" "$root.part"
cd "$root.part"
cp "$sid.list" etc/apt/sources.list
cp /etc/resolv.conf etc/resolv.conf
mount -t proc proc proc
options='-o Acquire::Retries=3 -o Acquire::Check-Valid-Until=false -o DPkg::Options::=--force-unsafe-io'
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # words
chroot . sh -c "apt-get -q $options update && apt-get -q -y $options install --no-install-recommends dnf5 rpm"
umount proc

# No trace of Debian's packages.
rm -rf usr/bin/apt* usr/bin/dpkg* usr/bin/deb* usr/bin/update-alternatives usr/sbin/dpkg* etc/apt etc/debian_version etc/resolv.conf \
  var/lib/apt var/lib/dpkg var/cache/apt usr/lib/apt usr/lib/dpkg usr/share/keyrings etc/default/ssh usr/lib/systemd/system/apt-* \
  usr/lib/systemd/system/dpkg-* etc/systemd/system/timers.target.wants/*
rm -f usr/lib/os-release etc/os-release
cat >usr/lib/os-release <<'RELEASE'
NAME="Fedora Linux"
VERSION="44 (Server Edition)"
ID=fedora
VERSION_ID=44
PLATFORM_ID="platform:f44"
PRETTY_NAME="Fedora Linux 44 (Server Edition)"
VARIANT="Server Edition"
VARIANT_ID=server
RELEASE
ln -s ../usr/lib/os-release etc/os-release
echo 'Fedora release 44 (Forty Four)' >etc/fedora-release
ln -s fedora-release etc/redhat-release
ln -s fedora-release etc/system-release
ln -sf dnf5 usr/bin/dnf
ln -sf dnf5 usr/bin/yum
mkdir -p etc/yum.repos.d etc/sysconfig etc/pki/rpm-gpg etc/dnf/vars
printf '[main]\ngpgcheck=True\ninstallonly_limit=3\nclean_requirements_on_remove=True\nbest=False\nskip_if_unavailable=True\n' >etc/dnf/dnf.conf
echo 44 >etc/dnf/vars/releasever
# Debian turns a plug-in on that keeps packages in a repository of its own, which Fedora does not.
sed -i 's/^enabled *=.*/enabled = 0/' etc/dnf/libdnf5-plugins/local.conf
chroot . rpm --initdb
mv "$root.part" "$root"
