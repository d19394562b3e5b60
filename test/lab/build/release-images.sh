#!/bin/sh
# Makes the container images of a Kubernetes of today: all that a worker needs in workers.tar, that and the control plane in
# masters.tar, with a SHA256SUMS beside them. Images that have a layer in common share it, so that a host unpacks it once.
# Usage: release-images.sh VERSION ETCD-VERSION ETCD-TAGS COREDNS-VERSION COREDNS-TAG PAUSE-TAG
set -eu
version=$1 etcd=$2 etcd_tags=$3 coredns=$4 coredns_tag=$5 pause_tag=$6
work=$LAB_CACHE/images-$version
www=$LAB_CACHE/www/images/v$version
pool=$LAB_CACHE/www/debian/pool
rm -rf "$work" "$www"
mkdir -p "$work" "$www"
. "$LAB_SOURCE/build/image-archive.sh"
from=registry.k8s.io

programs kube "$LAB_CACHE/kube-$version/kube-apiserver" "$LAB_CACHE/kube-$version/kube-controller-manager" \
  "$LAB_CACHE/kube-$version/kube-scheduler" "$LAB_CACHE/kube-$version/kube-proxy"
layer kube
# What kube-proxy calls, in either of its modes.
unpack tables libc6 iptables libip4tc2 libip6tc2 libxtables12 libmnl0 libnetfilter-conntrack3 libnfnetlink0 libnftnl11 conntrack \
  kmod libkmod2 liblzma5 libzstd1 libssl3 nftables libnftables1 libedit2 libgmp10 libjansson4 libtinfo6 libbsd0 libmd0
iptables_names tables
layer tables
programs etcd "$LAB_CACHE/parts/etcd-$etcd"/etcd*
layer etcd
mkdir -p "$work/coredns"
ln "$LAB_CACHE/parts/coredns-$coredns/coredns" "$work/coredns/"
layer coredns
pause_layer
web_layer

for archive in workers masters; do
  image "$archive" "$from/kube-proxy:v$version" '"Cmd":["kube-proxy"]' tables kube
  image "$archive" "$from/coredns/coredns:$coredns_tag" '"Entrypoint":["/coredns"]' coredns
  image "$archive" "$from/pause:$pause_tag" '"Entrypoint":["/pause"]' pause
  image "$archive" registry.lab/web:1.0 "$web_start" web
done
for name in kube-apiserver kube-controller-manager kube-scheduler; do image masters "$from/$name:v$version" "\"Cmd\":[\"$name\"]" kube; done
image masters "$(echo "$etcd_tags" | sed "s#^#$from/etcd:#; s#,#\",\"$from/etcd:#g")" '"Cmd":["etcd"]' etcd
archive workers
archive masters
sums "$www"
rm -rf "$work"
