#!/bin/sh
# use.sh apt|dnf|yum NEW FILE KEPT OLD…
# Puts the file NEW in use as FILE, in place of the files OLD (patterns too), which are moved to the folder KEPT. Before that, NEW
# is asked for its lists of packages: when it does not answer, nothing is changed. Afterwards all sources together must
# answer, or what was there before is put back. Ends with 1 and a sentence then.
kind=$1 new=$2 file=$3 kept=$4
shift 4
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT

# Asks the sources for their lists; what is said goes to $work/said. apt-get calls it a success when some are missing.
ask() {
  case $kind in
  apt) apt-get update "$@" >"$work/said" 2>&1 && ! grep -qE '^(E|W|Err):? ?.*(Failed|failed|not signed|NO_PUBKEY|not be verified|does( not|n.t) have|ignored)' "$work/said" ;;
  yum) yum -q "$@" makecache fast >"$work/said" 2>&1 ;;
  dnf) dnf -q "$@" --setopt='*.skip_if_unavailable=0' makecache >"$work/said" 2>&1 ;;
  esac
}
said() { grep -vE '^(Hit|Get|Ign|Reading|Fetched)' "$work/said" | tail -n 8; }

case $kind in
apt) set_aside="-o Dir::Etc::sourcelist=$new -o Dir::Etc::sourceparts=/dev/null -o APT::Get::List-Cleanup=0" ;;
*)
  mkdir "$work/repos" && cp "$new" "$work/repos/new.repo"
  set_aside="--setopt=reposdir=$work/repos"
  ;;
esac
# shellcheck disable=SC2086
if ! ask $set_aside; then
  echo "The new sources do not answer, so the old ones stay in use:" >&2
  said >&2
  exit 1
fi

# What stands where, so that all of it can be put back.
moved=
for pattern; do
  for old in $pattern; do
    [ -e "$old" ] || continue
    mkdir -p "$kept$(dirname "$old")"
    # The first one is the distribution's own: kept for good. Later ones are kplay's.
    [ -e "$kept$old" ] || cp -p "$old" "$kept$old"
    mkdir -p "$work/before$(dirname "$old")"
    cp -p "$old" "$work/before$old"
    moved="$moved $old"
  done
done
# The new file first: whenever this is cut off, the host has sources.
if cp "$new" "$file.kplay" && chmod 0644 "$file.kplay" && mv -f "$file.kplay" "$file"; then
  for old in $moved; do [ "$old" = "$file" ] || rm -f "$old"; done
  ask && exit 0
fi

rm -f "$file"
for old in $moved; do cp -p "$work/before$old" "$old"; done
echo "With the new sources the package manager fails, so the old ones are back in use:" >&2
said >&2
exit 1
