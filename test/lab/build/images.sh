#!/bin/sh
# Makes the container images, each a docker-archive of one layer: in v$VERSION and v$NEXT all that such a cluster needs, with a
# SHA256SUMS beside them; VERSION's are linked above these too. NEXT's programs are re-stamped (restamp.sh).
# Usage: images.sh VERSION NEXT
set -eu
version=$1 next=$2
work=$LAB_CACHE/images
www=$LAB_CACHE/www/images
pool=$LAB_CACHE/www/debian/pool
rm -rf "$work" "$www/v$version" "$www/v$next"
mkdir -p "$work" "$www/v$version" "$www/v$next"
find "$www" -maxdepth 1 -type f -delete
. "$LAB_SOURCE/build/image-archive.sh"

# one VERSION/NAME LAYER REPOSITORY:TAG START: an archive of one image of one layer.
one() {
  image "v$1" "$3" "$4" "$2"
  archive "v$1"
}

# control_plane VERSION FOLDER: the images of the programs in FOLDER.
control_plane() {
  unpack "$1/kube-proxy" libc6 iptables libip4tc2 libip6tc2 libxtables12 libmnl0 libnetfilter-conntrack3 libnfnetlink0 \
    libnftnl11 conntrack ipset libipset13 kmod libkmod2 liblzma5 libzstd1 libssl3
  iptables_names "$1/kube-proxy"
  for name in kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do
    programs "$1/$name" "$2/$name"
    layer "$1/$name"
    one "$1/$name" "$1/$name" "k8s.gcr.io/$name:v$1" "\"Cmd\":[\"$name\"]"
  done
}

control_plane "$next" "$LAB_CACHE/kube-$next" &
other=$!
control_plane "$version" "$LAB_CACHE/kube"

# kubeadm 1.20.2 asks for 3.4.13; this is Debian's 3.4.23 under that name.
unpack etcd libc6 etcd-server etcd-client
layer etcd
one "$version/etcd" etcd k8s.gcr.io/etcd:3.4.13-0 '"Cmd":["etcd"]'
pause_layer
one "$version/pause" pause k8s.gcr.io/pause:3.2 '"Cmd":["/pause"]'
web_layer
one "$version/web" web registry.lab/web:1.0 "$web_start"

wait "$other"
# These two versions share the rest.
for name in etcd pause web; do ln "$www/v$version/$name.tar" "$www/v$next/$name.tar"; done
for folder in "$www/v$version" "$www/v$next"; do sums "$folder"; done
ln "$www/v$version"/* "$www/"
rm -rf "$work"
