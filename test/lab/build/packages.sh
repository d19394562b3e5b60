#!/bin/sh
# Downloads the Debian packages named as arguments, with everything they depend on, into the lab's Debian repository.
set -eu
work=$LAB_CACHE/apt
www=$LAB_CACHE/www/debian
# Lists of another day may name what is not there any more.
rm -rf "$work/lists"
mkdir -p "$work/lists/partial" "$work/archives/partial" "$www"
# An empty status file: every dependency counts as missing, so that hosts find them all.
: >"$work/status"
sh "$LAB_SOURCE/build/sources.sh" >"$work/sources.list"
apt() {
  apt-get -q -o Dir::State="$work" -o Dir::State::status="$work/status" -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" -o Dir::Etc::sourcelist="$work/sources.list" \
    -o Dir::Etc::sourceparts=/dev/null -o Acquire::Retries=3 -o APT::Sandbox::User=root "$@"
}
apt update
apt install -y --no-install-recommends --download-only "$@"

# Hard links: what is downloaded already is not downloaded again the next time.
rm -rf "$www/pool"
mkdir -p "$www/pool"
for file in "$work"/archives/*.deb; do
  name=${file##*/}
  # apt keeps the epoch in the name, Debian's pool does not.
  ln "$file" "$www/pool/$(printf '%s' "$name" | sed 's/_[0-9]*%3a/_/')"
done
sh "$LAB_SOURCE/build/publish.sh" "$www" bookworm Debian
