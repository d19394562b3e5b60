#!/bin/sh
# Puts the programs that Kubernetes of today needs besides into FOLDER, each part in a folder PART or PART-VERSION: out of ARCHIVE
# where that has them, else as they were released or built from Go's modules. Usage: parts.sh ARCHIVE FOLDER PART=VERSION...
set -eu
archive=$1 out=$2
shift 2
mkdir -p "$out"
if [ -e "$archive" ] && [ ! -e "$out/unpacked" ]; then
  [ ! -e "$archive.sha256" ] || (cd "${archive%/*}" && sha256sum -c --quiet "${archive##*/}.sha256")
  tar -xJf "$archive" -C "$out" --no-same-owner
  : >"$out/unpacked"
fi

# says FOLDER PART: what version its program says it is.
says() {
  case $2 in
  cni) "$1/bridge" </dev/null 2>&1 || true ;;
  coredns) "$1/coredns" -version ;;
  *) "$1/$2" --version ;;
  esac
}
for word in "$@"; do
  part=${word%%=*} version=${word#*=}
  folder=$out/$part-$version
  [ ! -e "$folder" ] || continue
  if [ -e "$out/$part" ] && says "$out/$part" "$part" | grep -qF "$version"; then
    ln -s "$part" "$folder"
  else
    sh "$LAB_SOURCE/build/program.sh" "$part" "$version" "$folder.part"
    mv "$folder.part" "$folder"
  fi
done
