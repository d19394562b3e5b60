#!/bin/sh
# Makes the root that all hosts share: a minimal Debian 12 with what a plain server has, and no Python.
set -eu
root=$LAB_CACHE/root
# Never into what may be mounted below.
rm -rf --one-file-system "$root" "$root.part"
mkdir -p "$LAB_CACHE"
sh "$LAB_SOURCE/build/sources.sh" >"$LAB_CACHE/root.list"
mmdebstrap --variant=minbase --mode=root --skip=check/empty --aptopt='Acquire::Retries "3"' \
  --include=systemd,systemd-sysv,dbus,libpam-systemd,udev,openssh-server,openssh-sftp-server,iproute2,iputils-ping,netbase,procps,kmod,sudo,ca-certificates,tzdata,less \
  bookworm "$root.part" "$LAB_CACHE/root.list"

cd "$root.part"
# What must differ from host to host is written when a host is made.
rm -f etc/ssh/ssh_host_* etc/machine-id etc/hostname etc/resolv.conf etc/apt/sources.list etc/apt/sources.list.d/*
rm -f var/lib/dbus/machine-id var/cache/apt/archives/*.deb
rm -rf var/lib/apt/lists/*
: >etc/machine-id
: >etc/fstab

# kplay logs in and has sudo without a password; operator has both with one.
chroot . useradd -m -s /bin/bash kplay
chroot . useradd -m -g operator -s /bin/bash operator
echo 'operator:operator' | chroot . chpasswd
echo 'kplay ALL=(ALL) NOPASSWD: ALL' >etc/sudoers.d/kplay
echo 'operator ALL=(ALL) ALL' >etc/sudoers.d/operator
chmod 0440 etc/sudoers.d/kplay etc/sudoers.d/operator

cp -R "$LAB_SOURCE/files/root/." .
chmod 0755 usr/local/lib/kplay-lab/host-start
chroot . systemctl -q enable kplay-lab-host.service ssh.service
# Nothing may take apt's lock behind a test's back, and there is no terminal to log in at.
chroot . systemctl -q mask apt-daily.timer apt-daily-upgrade.timer console-getty.service getty.target

sh "$LAB_SOURCE/build/modules.sh" "$root.part"
mv "$root.part" "$root"
