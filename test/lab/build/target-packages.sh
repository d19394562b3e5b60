#!/bin/sh
# Makes the packages that the battery installs, as deb and as rpm, in signed repositories: www/deb (suite battery), www/deb-extra,
# www/rpm and www/rpm-extra. Usage: target-packages.sh
set -eu
work=$LAB_CACHE/packages
www=$LAB_CACHE/www
rm -rf "$work" "$www/deb" "$www/deb-extra" "$www/rpm" "$www/rpm-extra"
mkdir -p "$work" "$www/deb/pool" "$www/deb-extra/pool" "$www/rpm" "$www/rpm-extra"

# pack NAME VERSION REPOSITORY
pack() {
  tree=$work/$1
  rm -rf "$tree"
  mkdir -p "$tree/DEBIAN" "$tree/usr/share/battery"
  echo "$1 $2" >"$tree/usr/share/battery/$1"
  printf 'Package: %s\nVersion: %s\nArchitecture: all\nMaintainer: kplay lab <lab@example.org>\nDescription: battery of kplay\n' "$1" "$2" \
    >"$tree/DEBIAN/control"
  dpkg-deb -Zgzip --root-owner-group --build "$tree" "$www/deb$3/pool" >/dev/null
  cat >"$work/$1.spec" <<SPEC
Name: $1
Version: $2
Release: 1
Summary: battery of kplay
License: Apache-2.0
BuildArch: noarch
%description
Battery.
%install
mkdir -p %{buildroot}/usr/share/battery
echo "$1 $2" >%{buildroot}/usr/share/battery/$1
%files
/usr/share/battery/$1
SPEC
  rpmbuild -bb --quiet --define "_topdir $work/rpm" --define "_rpmdir $www/rpm$3" --define '_build_name_fmt %%{NAME}-%%{VERSION}.rpm' \
    "$work/$1.spec" >/dev/null
}
for name in battery-old battery-high battery-low; do
  pack "$name" 1.0 ''
  pack "$name" 2.0 ''
done
for name in battery-gone battery-new battery-more battery-one battery-two; do pack "$name" 1.0 ''; done
pack battery-extra 1.0 -extra
pack battery-file 1.0 -extra
for end in '' -extra; do
  sh "$LAB_SOURCE/build/publish.sh" "$www/deb$end" battery "Battery$end"
  sh "$LAB_SOURCE/build/rpm-publish.sh" "$www/rpm$end" "Battery$end"
done
# The same once more, for a source that is written another way.
rm -rf "$www/deb-more"
cp -R "$www/deb-extra" "$www/deb-more"
