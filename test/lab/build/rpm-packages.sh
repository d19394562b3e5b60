#!/bin/sh
# Makes RPM packages out of the files of Debian packages: those of the table files/rpm/packages under the names that RHEL and its
# users know, and what they need under Debian's. One spec makes them all; they are not compressed. Usage: rpm-packages.sh
set -eu
work=$LAB_CACHE/rpm/packages
archives=$LAB_CACHE/rpm/apt/archives
base=$LAB_CACHE/rpm/base.status
table=$work/table
rm -rf "$work"
mkdir -p "$work/trees" "$work/lists" "$work/rpms"
grep -v '^#' "$LAB_SOURCE/files/rpm/packages" >"$table"

# What the packages need beyond the base system. What is only for Debian's own installation is not needed.
unneeded=' debconf adduser init-system-helpers ucf sensible-utils dpkg lsb-base sysvinit-utils netbase media-types perl-base libpam-modules runc '
apt-get -q -o Dir::State="$LAB_CACHE/apt" -o Dir::State::status="$base" -o Dir::State::lists="$LAB_CACHE/apt/lists" \
  -o Dir::Cache="$LAB_CACHE/rpm/apt" -o Dir::Etc::sourcelist="$LAB_CACHE/apt/sources.list" -o Dir::Etc::sourceparts=/dev/null \
  install -s --no-install-recommends $(awk '{ print $3 }' "$table") | awk '$1 == "Inst" { print $2 }' |
  while read -r package; do
    case $unneeded in *" $package "*) continue ;; esac
    awk -v package="$package" '$3 == package { known = 1 } END { exit !known }' "$table" || echo "rocky $package $package"
  done >"$work/more"
cat "$work/more" >>"$table"

# tree PACKAGE: the files of a Debian package, where RHEL has them.
tree() {
  tree=$work/trees/$1
  [ ! -d "$tree" ] || return 0
  mkdir -p "$tree"
  dpkg-deb --fsys-tarfile "$archives/$1_"*.deb | tar -x -C "$tree" --exclude='./usr/share/doc*' --exclude='./usr/share/man*' \
    --exclude='./usr/share/lintian*' --exclude='./usr/share/bug*' --exclude='./usr/share/locale*' --exclude='./etc/init.d*' \
    --exclude='./etc/apparmor.d*' --exclude='./usr/share/bash-completion/completions*' --exclude='./usr/share/apport*'
  for folder in bin sbin lib lib64; do
    [ -d "$tree/$folder" ] || continue
    mkdir -p "$tree/usr/$folder"
    cp -al "$tree/$folder/." "$tree/usr/$folder/"
    rm -rf "${tree:?}/$folder"
  done
  case $1 in
  chrony) rm -rf "$tree/etc" "$tree/usr/lib/systemd" "$tree/usr/lib/NetworkManager" ;;
  containernetworking-plugins) mkdir -p "$tree/usr/libexec" && mv "$tree/usr/lib/cni" "$tree/usr/libexec/cni" ;;
  # What Debian leaves to update-alternatives.
  iptables)
    for tool in iptables ip6tables; do
      for end in '' -save -restore; do ln -s xtables-nft-multi "$tree/usr/sbin/$tool$end"; done
    done
    ;;
  ebtables) for end in '' -save -restore; do ln -s "ebtables-legacy$end" "$tree/usr/sbin/ebtables$end"; done ;;
  inetutils-telnet) ln -s inetutils-telnet "$tree/usr/bin/telnet" ;;
  vim-tiny) ln -s vim.tiny "$tree/usr/bin/vi" ;;
  esac
  [ ! -d "$LAB_SOURCE/files/rpm/files/$1" ] || cp -R "$LAB_SOURCE/files/rpm/files/$1/." "$tree/"
}

# header DEB NAME WORD...: the package's header, dependencies and scripts.
header() {
  deb=$1 name=$2
  shift 2
  version=$(dpkg-deb -f "$archives/${deb}_"*.deb Version | sed -E 's/^[0-9]+://; s/-[^-]*$//; s/[~+](dfsg|ds|deb|git|really).*//; s/-/./g')
  release=1.el8
  for word in "$@"; do case $word in Release:*) release=${word#Release:} ;; esac; done
  printf '%%package -n %s\nVersion: %s\nRelease: %s\nSummary: %s (Debian'"'"'s files, repacked)\nAutoReqProv: no\n' "$name" "$version" "$release" "$name"
  for word in "$@"; do
    case $word in Release:*) ;; *) echo "${word%%:*}: ${word#*:}" ;; esac
  done
  dpkg-deb -f "$archives/${deb}_"*.deb Depends Pre-Depends | sed 's/^[A-Z][A-Za-z-]*: //' | tr ',' '\n' |
    sed 's/|.*//; s/([^)]*)//g; s/:[a-z0-9]*//; s/ //g' | sort -u | while read -r need; do
    awk -v need="$need" -v name="$name" '$3 == need && $2 != name && !done { print "Requires: " $2; done = 1 }' "$table"
  done
  printf '%%description -n %s\nThe files of Debian'"'"'s package %s, made an RPM package by kplay'"'"'s lab for its own hosts.\n' "$name" "$deb"
  case $name in
  chrony) printf '%%pre -n chrony\ngetent passwd chrony >/dev/null || useradd -r -d /var/lib/chrony -s /sbin/nologin chrony\n' ;;
  haproxy) printf '%%pre -n haproxy\ngetent passwd haproxy >/dev/null || useradd -r -d /var/lib/haproxy -s /sbin/nologin haproxy\n' ;;
  docker-ce) printf '%%pre -n docker-ce\ngetent group docker >/dev/null || groupadd -r docker\n' ;;
  esac
  units=$(cd "$work/trees/$deb" && find usr/lib/systemd/system -maxdepth 1 -name '*.service' ! -name '*@*' 2>/dev/null | sed 's/.*\///' | tr '\n' ' ')
  case $name in docker-ce-cli | iproute-tc) units= ;; esac
  if [ -n "$units" ]; then
    printf '%%preun -n %s\n[ $1 -gt 0 ] || systemctl -q disable --now %s 2>/dev/null || :\n%%posttrans -n %s\nsystemctl daemon-reload 2>/dev/null || :\n' "$name" "$units" "$name"
  fi
  case $name in lib* | *-libs) printf '%%post -n %s\n/sbin/ldconfig\n' "$name" ;; esac
  printf '%%files -n %s -f %s/lists/%s\n' "$name" "$work" "$name"
}

# list DEB NAME: what of the tree belongs to the package, as a spec lists it. Folders only where the base system lacks them.
list() {
  (
    cd "$work/trees/$1"
    find . ! -type d | sed 's/^\.//' | case $2 in
    docker-ce-cli) grep '^/usr/bin/docker$' ;;
    docker-ce) grep -v '^/usr/bin/docker$' ;;
    iproute-tc) grep -E '^/usr/sbin/tc$|^/usr/lib/tc/' ;;
    iproute) grep -vE '^/usr/sbin/tc$|^/usr/lib/tc/' ;;
    *) cat ;;
    esac | sed -E 's/%/%%/g; s/.*/"&"/; s/^"\/etc\//%config(noreplace) "\/etc\//'
    case $2 in docker-ce-cli | iproute-tc) exit 0 ;; esac
    find . -mindepth 1 -type d | sed 's/^\.//' | while read -r folder; do
      [ -d "$LAB_CACHE/root-rpm$folder" ] && continue
      case $2$folder in
      chrony/var/*/chrony) echo "%attr(0750, chrony, chrony) %dir \"$folder\"" ;;
      *) echo "%dir \"$folder\"" ;;
      esac
    done
  ) >"$work/lists/$2"
}

while read -r repository name deb words; do
  tree "$deb"
  # A containerd.io brings its own runc.
  if [ "$name" = containerd.io ]; then
    tree runc
    cp -al "$work/trees/runc/." "$work/trees/containerd/"
  fi
  list "$deb" "$name"
  # shellcheck disable=SC2086 # words of the table
  header "$deb" "$name" $words
done <"$table" >"$work/packages.inc"

{
  printf 'Name: kplay-lab\nVersion: 1\nRelease: 1\nSummary: Packages of the lab\nLicense: various\nBuildArch: x86_64\nAutoReqProv: no\n'
  printf '%%global debug_package %%{nil}\n%%global __os_install_post %%{nil}\n%%global _build_id_links none\n'
  printf '%%global _binary_payload w.ufdio\n%%global _unpackaged_files_terminate_build 0\n%%global __check_files %%{nil}\n'
  printf '%%description\nThe lab.\n'
  cat "$work/packages.inc"
  printf '%%install\nmkdir -p %%{buildroot}\nfor tree in %s/trees/*; do cp -al "$tree/." %%{buildroot}/; done\n' "$work"
} >"$work/all.spec"
rpmbuild --quiet -bb --define "_topdir $work/build" --define "_rpmdir $work/rpms" --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$work/all.spec"

rm -rf "$LAB_CACHE/www/rpm/rocky" "$LAB_CACHE/www/rpm/docker-ce"
mkdir -p "$LAB_CACHE/www/rpm/rocky" "$LAB_CACHE/www/rpm/docker-ce"
while read -r repository name _; do mv "$work/rpms/$name"-[0-9]*.x86_64.rpm "$LAB_CACHE/www/rpm/$repository/"; done <"$table"
rm -rf "$work/rpms" "$work/build" "$work/trees"
sh "$LAB_SOURCE/build/rpm-publish.sh" "$LAB_CACHE/www/rpm/rocky" Rocky
sh "$LAB_SOURCE/build/rpm-publish.sh" "$LAB_CACHE/www/rpm/docker-ce" Docker
