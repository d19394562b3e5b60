#!/bin/sh
# Puts containerd, runc and the pod networks' plug-ins into the lab's file server, packed as their projects release them, with a
# SHA256SUMS beside them. runc is Debian's: it has seccomp, without which no pod starts. Usage: runtime-archives.sh CONTAINERD-VERSION CNI-VERSION
set -eu
containerd=$1 cni=$2
www=$LAB_CACHE/www/releases
work=$LAB_CACHE/runtime-archives
rm -rf "$work" "$www"
mkdir -p "$work/bin" "$www"
ln "$LAB_CACHE/parts/containerd-$containerd"/* "$work/bin/"
# Hardly compressed: they are unpacked on this very machine.
pack() { tar -c --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner "$@" | gzip -n1; }
pack -C "$work" bin >"$www/containerd-$containerd-linux-amd64.tar.gz"
pack -C "$LAB_CACHE/parts/cni-$cni/" . >"$www/cni-plugins-linux-amd64-v$cni.tgz"
dpkg-deb --fsys-tarfile "$LAB_CACHE/www/debian/pool/runc_"*.deb | tar -x -O ./usr/sbin/runc >"$www/runc.amd64"
rm -rf "$work"
cd "$www"
sha256sum -- * >SHA256SUMS.part
mv SHA256SUMS.part SHA256SUMS
