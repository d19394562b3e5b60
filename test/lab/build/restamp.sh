#!/bin/sh
# Makes of Kubernetes' programs VERSION in FOLDER ones that call themselves NEXT, in FOLDER-NEXT: the same code with another
# stamp, for upgrades from the one to the other. The stamp is plain text in the binaries; both must be equally long.
# Usage: restamp.sh VERSION NEXT FOLDER
set -eu
version=$1 next=$2 folder=$3
out=$folder-$next
[ ${#version} = ${#next} ] || { echo "the stamps $version and $next differ in length"; exit 1; }
rm -rf "$out" "$out.part"
mkdir -p "$out.part"
for file in "$folder"/*; do
  FROM=v$version TO=v$next perl -0777 -pe 's/\Q$ENV{FROM}\E/$ENV{TO}/g' "$file" >"$out.part/${file##*/}"
  if cmp -s "$file" "$out.part/${file##*/}"; then
    echo "$file holds no stamp v$version"
    exit 1
  fi
done
chmod 0755 "$out.part"/*
mv "$out.part" "$out"
