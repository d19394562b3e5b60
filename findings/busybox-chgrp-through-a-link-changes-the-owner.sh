#!/bin/sh
# busybox 1.35.0 (Debian 12: busybox-static 1:1.35.0-4+deb12u1+b1), seen with 1.38.0 too: chgrp and chown of a symbolic link, without -h.
#
# Expected: the file that the link leads to gets the group that is asked for, and keeps its owner, as with coreutils; with chown
# OWNER it keeps its group.
# Seen: chgrp gives the file the owner of the link as well, chown OWNER the group of the link. So it is with /proc/self/fd/N too, the name by
# which a program on the command line reaches a file that is open: that link is owned by whoever runs it.
#
# Why kplay minds: it names open files so, and took away the owner of files on busybox hosts. It gives owner and group together.
#
# Needs root (files of other owners) and Debian 12's packages. Works in a temporary directory.
set -eu
version='1:1.35.0-4+deb12u1+b1'
[ "$(id -u)" = 0 ] || { echo "run this as root"; exit 2; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
cd "$work"
apt-get download -q "busybox-static=$version" >/dev/null 2>&1
dpkg -x ./*.deb root
busybox="$work/root/bin/busybox"
[ -e "$busybox" ] || busybox="$work/root/usr/bin/busybox"
"$busybox" | sed -n 1p

touch file
ln -s file link
chown -h 3:4 link
# owners COMMAND…: what a file of 1:2 belongs to after it
owners() {
  chown 1:2 file
  "$@"
  stat -c '%u:%g' file
}
open() { "$@" /proc/self/fd/0 <file; }
{
  echo "coreutils chgrp link: $(owners chgrp 9 link)"
  echo "busybox chgrp link: $(owners "$busybox" chgrp 9 link)"
  echo "busybox chown link: $(owners "$busybox" chown 9 link)"
  echo "busybox chgrp of an open file: $(owners open "$busybox" chgrp 9)"
} | tee seen
cat >expected <<'SEEN'
coreutils chgrp link: 1:9
busybox chgrp link: 3:9
busybox chown link: 9:4
busybox chgrp of an open file: 0:9
SEEN
cmp -s seen expected || { echo "CHANGED: expected"; cat expected; exit 1; }
echo "as described"
