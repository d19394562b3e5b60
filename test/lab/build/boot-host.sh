#!/bin/sh
# Runs the host NAME, whose root is mounted already, until it is powered off: its systemd, or the sh text START as its only program.
# Usage: boot-host.sh NAME [START]
set -eu
# nspawn keeps locks and folders by host name in /run: this host gets its own, for another lab may have the same names.
if [ -z "${LAB_OWN_RUN:-}" ]; then
  mkdir -p /run/systemd/nspawn
  LAB_OWN_RUN=1 exec unshare --mount --propagation private /bin/sh "$0" "$@"
fi
mount -t tmpfs -o mode=0755 lab-nspawn /run/systemd/nspawn
unset LAB_OWN_RUN
name=$1
folder=$LAB/hosts/$name

. "$LAB_SOURCE/build/own-cgroup.sh"

start=${2:-}
set -- --quiet --directory="$folder/root" --machine="$name" --hostname="$name" \
  --register=no --keep-unit --network-bridge="$LAB_BRIDGE" --resolv-conf=off --timezone=off --link-journal=no \
  --capability=all --drop-capability=CAP_SYS_TIME --bind=/dev/kmsg
# Overlay on overlay does not work: what keeps containers and databases lies on the machine's own file system.
for part in "$folder"/state/*; do
  [ ! -d "$part" ] || set -- "$@" --bind="$part:/var/lib/${part##*/}"
done
[ ! -e "/lib/modules/$(uname -r)/modules.dep" ] || set -- "$@" --bind-ro=/lib/modules
if [ -n "$start" ]; then set -- "$@" --as-pid2 /bin/sh -c "$start"; else set -- "$@" --boot; fi
export SYSTEMD_SECCOMP=0

# What the host's last run left: its link goes away when the kernel gets to it, its cgroups not at all.
clean() {
  nsenter --net="/run/netns/$LAB_NAMESPACE" -- ip link delete "vb-$name" 2>/dev/null || true
  for mount in $mounts; do
    find "${mount#*:}/$LAB_NAMESPACE/$name" -mindepth 1 -depth -type d -exec rmdir {} + 2>/dev/null || true
  done
}

# ip netns exec would remount /sys, and nspawn would find no cgroups.
while :; do
  clean
  code=0
  nsenter --net="/run/netns/$LAB_NAMESPACE" -- systemd-nspawn "$@" || code=$?
  # nspawn ends with 133 when the host asks for a reboot.
  [ "$code" = 133 ] || exit "$code"
done
