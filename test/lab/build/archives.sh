#!/bin/sh
# Downloads the original sources of the Debian packages named as arguments, as their authors published them, into the lab's file
# server: NAME-VERSION.tar.gz, with a SHA256SUMS beside them.
set -eu
work=$LAB_CACHE/archives
www=$LAB_CACHE/www/archives
rm -rf "$work" "$www"
mkdir -p "$work/lists/partial" "$work/archives/partial" "$www"
: >"$work/status"
sh "$LAB_SOURCE/build/sources.sh" | sed 's/^deb /deb-src /' >"$work/sources.list"
apt() {
  "$tool" -q -o Dir::State="$work" -o Dir::State::status="$work/status" -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work" -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null \
    -o Acquire::Retries=3 -o APT::Sandbox::User=root "$@"
}
tool=apt-get apt update
cd "$work"
for package in "$@"; do
  # A mirror may have an older version's archive only; that is the same one.
  for version in $(tool=apt-cache apt showsrc "$package" | sed -n 's/^Version: //p'); do
    tool=apt-get apt source --download-only --tar-only "$package=$version" && break
  done
  file=$(ls "$package"_*.orig.tar.gz)
  version=${file#*_}
  # A Debian name such as lua5.4 has the version in it once more.
  mv "$file" "$www/$(printf '%s' "$package" | sed 's/[0-9.]*$//')-${version%.orig.tar.gz}.tar.gz"
done
cd "$www"
sha256sum -- *.tar.gz >SHA256SUMS
rm -rf "$work"
