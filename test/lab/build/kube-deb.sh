# Functions that make .deb packages of Kubernetes' programs; to be sourced. $work is a folder for what is half made, $pool gets the packages.

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
  dpkg-deb -Znone --root-owner-group --build "$folder" "$pool/$1_$2_amd64.deb" >/dev/null
  rm -rf "$folder"
}

# place NAME FOLDER VERSION: gives the package NAME its program. Where FOLDER's programs are one file with many names, that is a
# package of its own (share), and this one has a link to it; a host then has it once for each version.
place() {
  mkdir -p "$work/$1/usr/bin"
  if [ "$2/kubeadm" -ef "$2/kubelet" ]; then
    ln -s "/usr/lib/kubernetes-$3/kube" "$work/$1/usr/bin/$1"
  else
    ln "$2/$1" "$work/$1/usr/bin/$1"
  fi
}

# share VERSION RELEASE FOLDER REMARK: packs what place links to, and prints the dependency on it.
share() {
  [ "$3/kubeadm" -ef "$3/kubelet" ] || return 0
  mkdir -p "$work/kubernetes-$1/usr/lib/kubernetes-$1"
  ln "$3/kubeadm" "$work/kubernetes-$1/usr/lib/kubernetes-$1/kube"
  package "kubernetes-$1" "$1-$2" libc6 "Kubernetes' programs in one" "$4"
  echo ", kubernetes-$1"
}

# kubernetes VERSION RELEASE FOLDER NEEDS-OF-KUBEADM NEEDS-OF-KUBELET REMARK: the packages of the programs in FOLDER.
kubernetes() {
  shared=$(share "$1" "$2" "$3" "$6")
  for name in kubeadm kubectl kubelet; do place "$name" "$3" "$1"; done
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
  package kubectl "$1-$2" "libc6$shared" 'Kubernetes command line tool' "$6"
  package kubelet "$1-$2" "$5$shared" 'Kubernetes node agent' "$6"
  package kubeadm "$1-$2" "$4$shared" 'Kubernetes cluster bootstrapping tool' "$6"
}
