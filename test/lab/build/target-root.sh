#!/bin/sh
# Makes the root of unusual targets that are a whole Debian of another release: what a plain server has, and no Python.
# Usage: target-root.sh NAME SUITE PACKAGE…
set -eu
name=$1 suite=$2
shift 2
root=$LAB_CACHE/$name
rm -rf --one-file-system "$root" "$root.part"
mkdir -p "$LAB_CACHE"
# Unstable has neither updates nor security of its own.
sh "$LAB_SOURCE/build/sources.sh" "$suite" | grep -v ' sid-' >"$root.list"
# A mirror may be as old as a snapshot is: that its lists have run out does not matter here.
mmdebstrap --variant=minbase --mode=root --skip=check/empty --aptopt='Acquire::Retries "3"' --aptopt='Acquire::Languages "none"' \
  --aptopt='Acquire::Check-Valid-Until "false"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='force-unsafe-io' \
  --include="$(echo "$*" | tr ' ' ',')" "$suite" "$root.part" "$root.list"

cd "$root.part"
# What must differ from host to host is written when a host is made.
rm -f etc/ssh/ssh_host_* etc/machine-id etc/hostname etc/resolv.conf etc/apt/sources.list etc/apt/sources.list.d/*
rm -f var/lib/dbus/machine-id var/cache/apt/archives/*.deb etc/dpkg/dpkg.cfg.d/*
rm -rf var/lib/apt/lists/*
: >etc/machine-id
: >etc/fstab
sh "$LAB_SOURCE/build/target-users.sh" .
cp -R "$LAB_SOURCE/files/root/." .
rm -rf etc/systemd/system/chrony.service.d
chmod 0755 usr/local/lib/kplay-lab/host-start
if [ -e usr/bin/systemctl ]; then
  chroot . systemctl -q enable kplay-lab-host.service ssh.service
  # Nothing may take apt's lock behind a test's back, and there is no terminal to log in at.
  chroot . systemctl -q mask apt-daily.timer apt-daily-upgrade.timer console-getty.service getty.target
fi
sh "$LAB_SOURCE/build/modules.sh" "$root.part"
mv "$root.part" "$root"
