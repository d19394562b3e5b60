#!/bin/sh
# Makes in FOLDER the archive that `npm run lab -- up --kubernetes …` looks for in ../shared/lab beside the checkout (or in
# KPLAY_LAB_ARCHIVES), with its sum: kube-VERSION.tar.xz of Kubernetes' programs, or parts-2026.tar.xz of what else they need, each part
# in a folder PART-VERSION. All of it is built from Go's module registry, as go-build.sh tells. Needs no root.
# Usage: go-archive.sh FOLDER kube=1.37.2
#        go-archive.sh FOLDER containerd=2.4.2 crictl=1.37.0 cni=1.10.0 coredns=1.14.6 etcd=3.6.16 etcd=3.7.3
set -eu
source=$(cd "$(dirname "$0")" && pwd)
folder=$1
shift
mkdir -p "$folder"
work=$folder/go-archive
rm -rf "$work"
case $1 in
kube=*)
  sh "$source/go-build.sh" kube "${1#*=}" "$work/programs"
  name=kube-${1#*=}.tar.xz
  ;;
*)
  for word in "$@"; do sh "$source/go-build.sh" "${word%%=*}" "${word#*=}" "$work/programs/${word%%=*}-${word#*=}"; done
  name=parts-2026.tar.xz
  ;;
esac
(cd "$work/programs" && tar -c --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -- *) | xz -T0 >"$folder/$name.part"
mv "$folder/$name.part" "$folder/$name"
(cd "$folder" && sha256sum "$name" >"$name.sha256")
rm -rf "$work"
