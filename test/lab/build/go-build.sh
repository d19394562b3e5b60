#!/bin/sh
# Builds the programs PART of VERSION into FOLDER from Go's module registry (GOPROXY), static and stamped with their version.
# Parts: kube (about half an hour of one processor, 8 GB of disk), etcd, containerd, crictl, cni, coredns (a minute or two each).
# Needs the Go that the module asks for, or one from 1.21 on, which fetches it. Usage: go-build.sh PART VERSION FOLDER
set -eu
part=$1 version=$2
mkdir -p "$3"
folder=$(cd "$3" && pwd)
PATH=$PATH:/usr/local/go/bin
command -v go >/dev/null || { echo "building $part $version needs Go: install it (https://go.dev/dl) into /usr/local/go or the PATH" >&2; exit 1; }
work=$folder.work
rm -rf "$work"
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/tmp"
cd "$work"
export TMPDIR="$work/tmp"
# What `go env -w` keeps is the user's.
export GOENV=off GOWORK=off CGO_ENABLED=0 GOFLAGS='-mod=mod -trimpath -buildvcs=false'
# The lab has no home directory.
if [ -n "${LAB_CACHE:-}" ]; then export GOPATH="$LAB_CACHE/go" GOCACHE="$LAB_CACHE/go/build"; fi

# require MODULE...: a module of our own that needs these in VERSION. What they replace in their own does not count here.
require() {
  go mod init kplay.invalid/lab 2>/dev/null
  for module in "$@"; do go mod edit -require "$module@v$version"; done
}

# program NAME PACKAGE [FLAG...]
program() {
  name=$1 package=$2
  shift 2
  go build -o "$folder/$name" "$@" -ldflags "-s -w ${stamp:-}" "$package"
}

case $part in
kube)
  require k8s.io/kubernetes
  # It names its own libraries by folders that are not in the registry; they are modules there, of version 0 in place of 1.
  own=$(go mod download -json "k8s.io/kubernetes@v$version" | sed -n 's/^[[:space:]]*"GoMod": "\(.*\)",*$/\1/p')
  awk -v version="v0.${version#*.}" '$2 == "=>" && $3 ~ /^\.\/staging\// { print "-replace=" $1 "=" $1 "@" version }' "$own" |
    xargs go mod edit -go="$(awk '$1 == "go" { print $2 }' "$own")"
  minor=${version#*.}
  for package in k8s.io/component-base/version k8s.io/client-go/pkg/version; do
    stamp="${stamp:-} -X $package.gitVersion=v$version -X $package.gitMajor=1 -X $package.gitMinor=${minor%%.*} -X $package.gitTreeState=clean"
  done
  for name in kubeadm kubectl kubelet kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do
    program "$name" "k8s.io/kubernetes/cmd/$name"
  done
  ;;
etcd)
  require go.etcd.io/etcd/server/v3 go.etcd.io/etcd/etcdctl/v3 go.etcd.io/etcd/etcdutl/v3
  program etcd go.etcd.io/etcd/server/v3
  for name in etcdctl etcdutl; do program "$name" "go.etcd.io/etcd/$name/v3"; done
  ;;
containerd)
  module=github.com/containerd/containerd/v2
  require "$module"
  stamp="-X $module/version.Version=v$version"
  # Snapshotters that need C are left out.
  for name in containerd ctr containerd-shim-runc-v2; do
    program "$name" "$module/cmd/$name" -tags 'no_btrfs no_devmapper no_zfs osusergo netgo'
  done
  ;;
crictl)
  require sigs.k8s.io/cri-tools
  stamp="-X sigs.k8s.io/cri-tools/pkg/version.Version=v$version"
  program crictl sigs.k8s.io/cri-tools/cmd/crictl
  ;;
cni)
  module=github.com/containernetworking/plugins
  require "$module"
  stamp="-X $module/pkg/utils/buildversion.BuildVersion=v$version"
  for kind in main/bridge main/loopback main/ptp ipam/host-local meta/portmap meta/bandwidth meta/firewall meta/tuning; do
    program "${kind#*/}" "$module/plugins/$kind"
  done
  ;;
coredns)
  require github.com/coredns/coredns
  program coredns github.com/coredns/coredns
  ;;
*)
  echo "no part $part: kube, etcd, containerd, crictl, cni, coredns" >&2
  exit 2
  ;;
esac
