#!/bin/sh
# Fetches the programs PART of VERSION into FOLDER as their projects release them, and compares them with the published sums.
# KPLAY_LAB_DL and KPLAY_LAB_GITHUB name mirrors of dl.k8s.io and github.com. Usage: release.sh PART VERSION FOLDER
set -eu
part=$1 version=$2 folder=$3 work=$3.work
dl=${KPLAY_LAB_DL:-https://dl.k8s.io}
github=${KPLAY_LAB_GITHUB:-https://github.com}
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder" "$work"

# get URL FILE [SHA256]
get() {
  /usr/lib/apt/apt-helper -q -o APT::Sandbox::User=root -o Acquire::http::Timeout=20 -o Acquire::https::Timeout=20 \
    download-file "$1" "$2" ${3:+"SHA256:$3"} >&2
}
# verified URL FILE SUMS-URL: the sum stands alone in the file of sums, or on the line that names the file.
verified() {
  get "$3" "$work/sums"
  sum=$(awk -v name="${1##*/}" 'NF == 1 || $2 == name || $2 == "*" name { print $1; exit }' "$work/sums")
  [ -n "$sum" ] || { echo "$3 has no sum of ${1##*/}" >&2; return 1; }
  get "$1" "$2" "$sum"
}
# unpacked URL SUMS-URL [TAR-OPTION...]
unpacked() {
  verified "$1" "$work/archive" "$2"
  shift 2
  tar -xzf "$work/archive" -C "$folder" --no-same-owner "$@"
}

case $part in
kube)
  for name in kubeadm kubectl kubelet kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do
    url=$dl/v$version/bin/linux/amd64/$name
    verified "$url" "$folder/$name" "$url.sha256"
  done
  ;;
etcd)
  url=$github/etcd-io/etcd/releases/download/v$version
  name=etcd-v$version-linux-amd64
  unpacked "$url/$name.tar.gz" "$url/SHA256SUMS" --strip-components=1 "$name/etcd" "$name/etcdctl" "$name/etcdutl"
  ;;
containerd)
  url=$github/containerd/containerd/releases/download/v$version/containerd-$version-linux-amd64.tar.gz
  unpacked "$url" "$url.sha256sum" --strip-components=1
  ;;
crictl)
  url=$github/kubernetes-sigs/cri-tools/releases/download/v$version/crictl-v$version-linux-amd64.tar.gz
  unpacked "$url" "$url.sha256"
  ;;
cni)
  url=$github/containernetworking/plugins/releases/download/v$version/cni-plugins-linux-amd64-v$version.tgz
  unpacked "$url" "$url.sha256"
  ;;
coredns)
  url=$github/coredns/coredns/releases/download/v$version/coredns_${version}_linux_amd64.tgz
  unpacked "$url" "$url.sha256"
  ;;
*)
  echo "no part $part: kube, etcd, containerd, crictl, cni, coredns" >&2
  exit 2
  ;;
esac
chmod 0755 "$folder"/*
