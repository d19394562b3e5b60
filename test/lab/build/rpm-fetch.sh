#!/bin/sh
# Downloads the Debian packages that the RPM hosts and their repositories are made from, and all that those depend on.
# Usage: rpm-fetch.sh PACKAGE...
set -eu
work=$LAB_CACHE/rpm/apt
mkdir -p "$work/archives/partial"
: >"$work/status"
# What is in the lab's Debian repository already is not downloaded again.
find "$LAB_CACHE/apt/archives" -maxdepth 1 -name '*.deb' -exec ln -f -t "$work/archives" {} +
apt-get -q -o Dir::State="$LAB_CACHE/apt" -o Dir::State::status="$work/status" -o Dir::State::lists="$LAB_CACHE/apt/lists" \
  -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" -o Dir::Etc::sourcelist="$LAB_CACHE/apt/sources.list" \
  -o Dir::Etc::sourceparts=/dev/null -o Acquire::Retries=3 -o APT::Sandbox::User=root \
  install -y --no-install-recommends --download-only "$@"
