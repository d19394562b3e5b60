#!/bin/sh
# Runs a command as root on a host that is thrown away: in namespaces of its own, on a copy of this machine's file system that is
# kept in memory. Nothing that the command does to files, accounts, names, processes or the network reaches the machine.
# Usage: unshare --mount --pid [--net] --uts --ipc --fork --kill-child sh throwaway.sh DIRECTORY COMMAND…
# DIRECTORY is an empty one, to mount it all on. KEEP names a directory of the machine that is the same there.
set -eu
place=$1
shift
mount --make-rprivate /
mount -t tmpfs -o size=2g tmpfs "$place"
mkdir "$place/changes" "$place/work" "$place/root"
mount -t overlay overlay -o "lowerdir=/,upperdir=$place/changes,workdir=$place/work" "$place/root"
cd "$place/root"
mount -t proc proc proc
# Settings of the kernel are the machine's, but each start is another boot.
mount --bind proc/sys proc/sys
cat /proc/sys/kernel/random/uuid >"$place/boot_id"
mount --bind "$place/boot_id" proc/sys/kernel/random/boot_id
mount -o remount,ro,bind proc/sys
mount -t tmpfs -o mode=755 tmpfs dev
for name in null zero full random urandom tty; do
  : >"dev/$name"
  mount --bind "/dev/$name" "dev/$name"
done
mkdir dev/shm dev/pts
mount -t tmpfs tmpfs dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mount -t tmpfs -o mode=1777 tmpfs tmp
mount -t tmpfs -o mode=755 tmpfs run
mkdir -p old run/sshd
if [ "${KEEP-}" ]; then
  mkdir -p "./$KEEP"
  mount --bind "$KEEP" "./$KEEP"
fi
pivot_root . old
umount -l /old
cd /
ip link set lo up 2>/dev/null || :
exec setpriv --bounding-set=-sys_admin,-sys_time,-sys_boot,-sys_module,-sys_rawio,-mknod,-syslog "$@"
