#!/bin/sh
# Puts Kubernetes' programs into the cache: out of ARCHIVE when it is there, else built from Debian's source package.
# Usage: kube.sh VERSION ARCHIVE
set -eu
version=$1 archive=$2
out=$LAB_CACHE/kube
rm -rf "$out" "$out.part"
mkdir -p "$out.part"
if [ -e "$archive" ]; then
  [ ! -e "$archive.sha256" ] || (cd "${archive%/*}" && sha256sum -c --quiet "${archive##*/}.sha256")
  tar -xJf "$archive" -C "$out.part" --strip-components=1 --no-same-owner
else
  sh "$LAB_SOURCE/build/kube-compile.sh" "$version" "$out.part"
fi
chmod 0755 "$out.part"/*
mv "$out.part" "$out"
