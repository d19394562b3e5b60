#!/bin/sh
# Makes the .deb packages of Kubernetes VERSION, and of NEXT, which is re-stamped from it (restamp.sh), and the one apt
# repository that serves both. Usage: kube-packages.sh VERSION NEXT
set -eu
version=$1 next=$2
work=$LAB_CACHE/kube-packages
www=$LAB_CACHE/www/kubernetes
rm -rf "$work" "$www/pool"
mkdir -p "$work" "$www/pool"

# package NAME VERSION DEPENDS SUMMARY REMARK: packs $work/NAME, which has the files.
package() {
  folder=$work/$1
  mkdir -p "$folder/DEBIAN"
  cat >"$folder/DEBIAN/control" <<CONTROL
Package: $1
Version: $2
Architecture: amd64
Maintainer: kplay lab <root@localhost>
Section: misc
Priority: optional
Depends: $3
Description: $4
 Made by kplay's lab for its own hosts.$5
CONTROL
  # Without compression: it is unpacked on this very machine.
  dpkg-deb -Znone --root-owner-group --build "$folder" "$www/pool/$1_$2_amd64.deb" >/dev/null
  rm -rf "$folder"
}

# kubernetes VERSION FOLDER REMARK: the three packages of the programs in FOLDER.
kubernetes() {
  for name in kubeadm kubectl kubelet; do
    mkdir -p "$work/$name/usr/bin"
    ln "$2/$name" "$work/$name/usr/bin/$name"
  done
  cp -R "$LAB_SOURCE/files/packages/kubelet/." "$work/kubelet/"
  mkdir -p "$work/kubelet/DEBIAN" "$work/kubelet/etc/kubernetes/manifests"
  echo /etc/systemd/system/kubelet.service.d/10-kubeadm.conf >"$work/kubelet/DEBIAN/conffiles"
  cat >"$work/kubelet/DEBIAN/postinst" <<'POSTINST'
#!/bin/sh
set -e
if [ "$1" = configure ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  [ -n "$2" ] || systemctl enable kubelet.service
  systemctl restart kubelet.service || true
fi
POSTINST
  cat >"$work/kubelet/DEBIAN/prerm" <<'PRERM'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -d /run/systemd/system ]; then systemctl disable --now kubelet.service || true; fi
PRERM
  chmod 0755 "$work/kubelet/DEBIAN/postinst" "$work/kubelet/DEBIAN/prerm"
  package kubectl "$1-00" 'libc6' 'Kubernetes command line tool' "$3"
  package kubelet "$1-00" 'iptables (>= 1.4.21), iproute2, socat, util-linux, mount, ebtables, ethtool, conntrack' 'Kubernetes node agent' "$3"
  package kubeadm "$1-00" "kubelet (>= 1.13.0), kubectl (>= 1.13.0), cri-tools (>= 1.13.0)" 'Kubernetes cluster bootstrapping tool' "$3"
}

mkdir -p "$work/cri-tools/usr/bin"
cp "$LAB_SOURCE/files/packages/cri-tools/usr/bin/crictl" "$work/cri-tools/usr/bin/crictl"
chmod 0755 "$work/cri-tools/usr/bin/crictl"
package cri-tools 1.13.0-01 'containerd | docker.io, curl' 'Stand-in for crictl over ctr and curl (kplay lab)' ''
kubernetes "$version" "$LAB_CACHE/kube" ''
kubernetes "$next" "$LAB_CACHE/kube-$next" "
 The programs are those of $version, re-stamped: they only call themselves $next."
sh "$LAB_SOURCE/build/publish.sh" "$www" kubernetes-xenial Kubernetes
