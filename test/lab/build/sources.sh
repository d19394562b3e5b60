#!/bin/sh
# Prints the Debian sources of this machine as lines of a sources.list; deb.debian.org when it has none.
# Usage: sources.sh [CODENAME]
set -eu
codename=${1:-bookworm}
key=/usr/share/keyrings/debian-archive-keyring.gpg
lines=$(apt-get indextargets 'Created-By: Packages' 'Origin: Debian' --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' |
  awk -v name="$codename" -v key="$key" '$3 == "main" && ($2 == name || index($2, name "-") == 1) && $2 !~ /backports|proposed/ {
    print "deb [signed-by=" key "] " $1 " " $2 " main" }' | sort -u)
if [ -z "$lines" ]; then
  lines="deb [signed-by=$key] http://deb.debian.org/debian $codename main
deb [signed-by=$key] http://deb.debian.org/debian $codename-updates main
deb [signed-by=$key] http://deb.debian.org/debian-security $codename-security main"
fi
printf '%s\n' "$lines"
