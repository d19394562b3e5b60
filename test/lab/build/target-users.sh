#!/bin/sh
# Gives ROOT the users of the lab: kplay, who may become anybody without a password, and operator, who needs one.
# Usage: target-users.sh ROOT
set -eu
root=$1
chroot "$root" useradd -m -s /bin/bash kplay
chroot "$root" useradd -m -g operator -s /bin/bash operator
echo 'operator:operator' | chroot "$root" chpasswd
mkdir -p "$root/etc/sudoers.d"
echo 'kplay ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/kplay"
echo 'operator ALL=(ALL) ALL' >"$root/etc/sudoers.d/operator"
chmod 0440 "$root/etc/sudoers.d/kplay" "$root/etc/sudoers.d/operator"
