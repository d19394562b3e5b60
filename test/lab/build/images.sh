#!/bin/sh
# Makes the container images, each a docker-archive of one layer: in v$VERSION and v$NEXT all that such a cluster needs, with a
# SHA256SUMS beside them; VERSION's are linked above these too. NEXT's programs are re-stamped (restamp.sh).
# Usage: images.sh VERSION NEXT
set -eu
version=$1 next=$2
work=$LAB_CACHE/images
www=$LAB_CACHE/www/images
pool=$LAB_CACHE/www/debian/pool
rm -rf "$work" "$www"
mkdir -p "$work" "$www/v$version" "$www/v$next"

# unpack ROOT PACKAGE...: what the packages hold, without what only people read.
unpack() {
  root=$1
  shift
  mkdir -p "$root"
  for package in "$@"; do
    for file in "$pool/${package}_"*.deb; do dpkg-deb --fsys-tarfile "$file" | tar -x -C "$root" --exclude=./usr/share; done
  done
}

# image VERSION/FILE REPOSITORY:TAG CMD-JSON: packs the folder $work/VERSION/FILE as an image.
image() {
  root=$work/$1
  stage=$work/$1.stage
  mkdir -p "$root/tmp" "$root/etc" "$stage"
  chmod 1777 "$root/tmp"
  [ -e "$root/etc/passwd" ] || echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
  tar -c -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -f "$stage/layer.tar" .
  layer=$(sha256sum <"$stage/layer.tar" | cut -d' ' -f1)
  printf '{"architecture":"amd64","os":"linux","created":"1970-01-01T00:00:00Z","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Cmd":%s},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]},"history":[{"created":"1970-01-01T00:00:00Z","created_by":"kplay lab"}]}' \
    "$3" "$layer" >"$stage/config.json"
  printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$2" >"$stage/manifest.json"
  tar -c -C "$stage" --sort=name --mtime=@0 --owner=0 --group=0 -f "$www/v$1.tar" manifest.json config.json layer.tar
  rm -rf "$root" "$stage"
}

# control_plane VERSION FOLDER: the images of the programs in FOLDER.
control_plane() {
  for name in kube-apiserver kube-controller-manager kube-scheduler; do
    mkdir -p "$work/$1/$name/usr/local/bin"
    ln "$2/$name" "$work/$1/$name/usr/local/bin/$name"
    image "$1/$name" "k8s.gcr.io/$name:v$1" "[\"$name\"]"
  done
  unpack "$work/$1/kube-proxy" libc6 iptables libip4tc2 libip6tc2 libxtables12 libmnl0 libnetfilter-conntrack3 libnfnetlink0 \
    libnftnl11 conntrack ipset libipset13 kmod libkmod2 liblzma5 libzstd1 libssl3
  mkdir -p "$work/$1/kube-proxy/usr/local/bin"
  ln "$2/kube-proxy" "$work/$1/kube-proxy/usr/local/bin/kube-proxy"
  for tool in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
    ln -s xtables-nft-multi "$work/$1/kube-proxy/usr/sbin/$tool"
  done
  image "$1/kube-proxy" "k8s.gcr.io/kube-proxy:v$1" '["kube-proxy"]'
}

control_plane "$next" "$LAB_CACHE/kube-$next" &
other=$!
control_plane "$version" "$LAB_CACHE/kube"

# kubeadm 1.20.2 asks for 3.4.13; this is Debian's 3.4.23 under that name.
unpack "$work/$version/etcd" libc6 etcd-server etcd-client
image "$version/etcd" k8s.gcr.io/etcd:3.4.13-0 '["etcd"]'

mkdir -p "$work/$version/pause"
gcc -Os -static -s -o "$work/$version/pause/pause" "$LAB_SOURCE/files/images/pause.c"
image "$version/pause" k8s.gcr.io/pause:3.2 '["/pause"]'

# For tests of the network: a web server that answers with its pod's name, and wget, nslookup and the like to ask with.
# Not busybox-static, which cannot look up names without glibc's own files. In both `wget -T` crashes: use timeout.
unpack "$work/$version/web" libc6 busybox
for applet in $(chroot "$work/$version/web" /bin/busybox --list); do [ -e "$work/$version/web/bin/$applet" ] || ln -s busybox "$work/$version/web/bin/$applet"; done
mkdir -p "$work/$version/web/www"
image "$version/web" registry.lab/web:1.0 '["/bin/sh","-c","hostname >/www/index.html; exec httpd -f -p 80 -h /www"]'

wait "$other"
# These two versions share the rest.
for name in etcd pause web; do ln "$www/v$version/$name.tar" "$www/v$next/$name.tar"; done
for folder in "$www/v$version" "$www/v$next"; do
  cd "$folder"
  sha256sum ./*.tar | sed 's/ \.\// /' >SHA256SUMS
done
ln "$www/v$version"/* "$www/"
