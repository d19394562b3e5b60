#!/bin/sh
# Makes the root of the RPM hosts: the Debian root with real rpm and dnf (and the Python that dnf is written in), without apt and
# dpkg, and with names and files that say Rocky Linux 8. The base system's files are in no package of rpm's database.
set -eu
root=$LAB_CACHE/root-rpm
rm -rf --one-file-system "$root" "$root.part"
cp -a "$LAB_CACHE/root" "$root.part"
cd "$root.part"

apt-get -q -o Dir::State="$LAB_CACHE/apt" -o Dir::State::status="$root.part/var/lib/dpkg/status" \
  -o Dir::State::lists="$LAB_CACHE/apt/lists" -o Dir::Cache="$LAB_CACHE/rpm/apt" \
  -o Dir::Cache::archives="$LAB_CACHE/rpm/apt/archives" -o Dir::Etc::sourcelist="$LAB_CACHE/apt/sources.list" \
  -o Dir::Etc::sourceparts=/dev/null -o APT::Sandbox::User=root \
  install -s --no-install-recommends dnf rpm | awk '$1 == "Inst" { print $2 }' >"$LAB_CACHE/rpm/dnf.list"
mkdir debs
while read -r package; do ln "$LAB_CACHE/rpm/apt/archives/${package}_"*.deb debs/; done <"$LAB_CACHE/rpm/dnf.list"
DEBIAN_FRONTEND=noninteractive chroot . sh -c 'dpkg -i --force-depends --force-unsafe-io /debs/*.deb'
rm -rf debs
cp var/lib/dpkg/status "$LAB_CACHE/rpm/base.status"

# No trace of Debian's packages.
rm -rf usr/bin/apt* usr/bin/dpkg* usr/bin/deb* usr/bin/update-alternatives usr/sbin/dpkg* etc/apt etc/debian_version etc/alternatives/README \
  var/lib/apt var/lib/dpkg var/cache/apt usr/lib/apt usr/lib/dpkg usr/share/keyrings etc/default/ssh usr/lib/systemd/system/apt-* \
  usr/lib/systemd/system/dpkg-* etc/systemd/system/timers.target.wants/* etc/systemd/system/chrony.service.d
rm -f usr/lib/os-release etc/os-release
cat >usr/lib/os-release <<'RELEASE'
NAME="Rocky Linux"
VERSION="8.9 (Green Obsidian)"
ID="rocky"
ID_LIKE="rhel centos fedora"
VERSION_ID="8.9"
PLATFORM_ID="platform:el8"
PRETTY_NAME="Rocky Linux 8.9 (Green Obsidian)"
RELEASE
ln -s ../usr/lib/os-release etc/os-release
echo 'Rocky Linux release 8.9 (Green Obsidian)' >etc/rocky-release
ln -s rocky-release etc/redhat-release
ln -sf dnf usr/bin/yum
mkdir -p etc/yum.repos.d etc/sysconfig etc/pki/rpm-gpg
cat >etc/dnf/dnf.conf <<'DNF'
[main]
gpgcheck=1
installonly_limit=3
clean_requirements_on_remove=True
best=True
skip_if_unavailable=False
DNF

cp -R "$LAB_SOURCE/files/root-rpm/." .
chroot . rpm --initdb
mv "$root.part" "$root"
