#!/bin/sh
# Runs the host NAME, whose root is mounted already, as a virtual machine with a kernel of its own, until it is powered off. Its processors are
# emulated (ten to thirty times slower than the machine's), so that this works everywhere.
# Usage: boot-machine.sh NAME
set -eu
name=$1
folder=$LAB/hosts/$name
machine=$LAB_CACHE/machine
. "$LAB_SOURCE/build/own-cgroup.sh"

if [ ! -e "$folder/disk" ]; then
  mkdir -p "$folder/root/boot"
  cp -a "$machine/root/boot/." "$folder/root/boot/"
  # A link to /usr/lib.
  cp -a "$machine/root/lib/modules" "$folder/root/lib/"
  mkdir -p "$folder/root/etc/systemd/system/kplay-lab-host.service.d"
  printf '[Unit]\nConditionVirtualization=\n' >"$folder/root/etc/systemd/system/kplay-lab-host.service.d/machine.conf"
  rm -f "$folder/disk.part"
  truncate -s 8G "$folder/disk.part"
  mkfs.ext4 -q -d "$folder/root" "$folder/disk.part"
  mv "$folder/disk.part" "$folder/disk"
fi

tap=vm-$name
inside() { nsenter --net="/run/netns/$LAB_NAMESPACE" -- "$@"; }
inside ip link delete "$tap" 2>/dev/null || true
inside ip tuntap add dev "$tap" mode tap
inside ip link set "$tap" master "$LAB_BRIDGE" up
code=0
inside qemu-system-x86_64 -machine q35 -accel tcg,thread=multi -cpu max -smp 2 -m 4096 -display none -monitor none -serial stdio \
  -kernel "$machine/vmlinuz" -initrd "$machine/initrd" -append 'console=ttyS0 net.ifnames=0 mitigations=off panic=1' \
  -drive "file=$folder/disk,format=raw,if=virtio,cache=unsafe" \
  -netdev "tap,id=net,ifname=$tap,script=no,downscript=no" -device virtio-net-pci,netdev=net,romfile= </dev/null || code=$?
inside ip link delete "$tap" 2>/dev/null || true
exit "$code"
