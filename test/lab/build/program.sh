#!/bin/sh
# Puts the programs PART of VERSION into FOLDER: as their project releases them where that can be reached, else built from Go's
# module registry. Usage: program.sh PART VERSION FOLDER
set -eu
rm -rf "$3"
if sh "$LAB_SOURCE/build/release.sh" "$@"; then exit 0; fi
echo "no official release of $1 $2 can be fetched; it is built from Go's modules"
rm -rf "$3"
sh "$LAB_SOURCE/build/go-build.sh" "$@"
