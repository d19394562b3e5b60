#!/bin/sh
# Puts Kubernetes' programs of VERSION into FOLDER: out of ARCHIVE when it is there; else 1.20 built from Debian's source package,
# a newer one as it was released or built from Go's modules. Usage: kube.sh VERSION ARCHIVE FOLDER
set -eu
version=$1 archive=$2 out=$3
rm -rf "$out" "$out.part"
mkdir -p "$out.part"
if [ -e "$archive" ]; then
  [ ! -e "$archive.sha256" ] || (cd "${archive%/*}" && sha256sum -c --quiet "${archive##*/}.sha256")
  tar -xJf "$archive" -C "$out.part" --no-same-owner
  # It may have a folder of its own around them.
  found=$(find "$out.part" -name kubeadm | head -n 1)
  folder=${found%/kubeadm}
  [ "$folder" = "$out.part" ] || mv "$folder"/* "$out.part/"
  find "$out.part" -mindepth 1 -maxdepth 1 -type d -exec rmdir {} +
else
  case $version in
  1.20.*) sh "$LAB_SOURCE/build/kube-compile.sh" "$version" "$out.part" ;;
  *) sh "$LAB_SOURCE/build/program.sh" kube "$version" "$out.part" ;;
  esac
fi
chmod 0755 "$out.part"/*
mv "$out.part" "$out"
