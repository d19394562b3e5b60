#!/bin/sh
# Makes the container images, each a docker-archive of one layer, with a SHA256SUMS beside them. Usage: images.sh VERSION
set -eu
version=$1
work=$LAB_CACHE/images
www=$LAB_CACHE/www/images
pool=$LAB_CACHE/www/debian/pool
rm -rf "$work" "$www"
mkdir -p "$work" "$www"

# unpack ROOT PACKAGE...: what the packages hold, without what only people read.
unpack() {
  root=$1
  shift
  mkdir -p "$root"
  for package in "$@"; do
    for file in "$pool/${package}_"*.deb; do dpkg-deb --fsys-tarfile "$file" | tar -x -C "$root" --exclude=./usr/share; done
  done
}

# image FILE REPOSITORY:TAG CMD-JSON: packs $work/FILE as an image.
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
  tar -c -C "$stage" --sort=name --mtime=@0 --owner=0 --group=0 -f "$www/$1.tar" manifest.json config.json layer.tar
  rm -rf "$root" "$stage"
}

for name in kube-apiserver kube-controller-manager kube-scheduler; do
  mkdir -p "$work/$name/usr/local/bin"
  cp --reflink=auto "$LAB_CACHE/kube/$name" "$work/$name/usr/local/bin/$name"
  image "$name" "k8s.gcr.io/$name:v$version" "[\"$name\"]"
done

unpack "$work/kube-proxy" libc6 iptables libip4tc2 libip6tc2 libxtables12 libmnl0 libnetfilter-conntrack3 libnfnetlink0 \
  libnftnl11 conntrack ipset libipset13 kmod libkmod2 liblzma5 libzstd1 libssl3
mkdir -p "$work/kube-proxy/usr/local/bin"
cp --reflink=auto "$LAB_CACHE/kube/kube-proxy" "$work/kube-proxy/usr/local/bin/kube-proxy"
for tool in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
  ln -s xtables-nft-multi "$work/kube-proxy/usr/sbin/$tool"
done
image kube-proxy "k8s.gcr.io/kube-proxy:v$version" '["kube-proxy"]'

# kubeadm 1.20.2 asks for 3.4.13; this is Debian's 3.4.23 under that name.
unpack "$work/etcd" libc6 etcd-server etcd-client
image etcd k8s.gcr.io/etcd:3.4.13-0 '["etcd"]'

mkdir -p "$work/pause"
gcc -Os -static -s -o "$work/pause/pause" "$LAB_SOURCE/files/images/pause.c"
image pause k8s.gcr.io/pause:3.2 '["/pause"]'

# For tests of the network: a web server that answers with its pod's name, and wget, nslookup and the like to ask with.
# Not busybox-static, which cannot look up names without glibc's own files. In both `wget -T` crashes: use timeout.
unpack "$work/web" libc6 busybox
for applet in $(chroot "$work/web" /bin/busybox --list); do [ -e "$work/web/bin/$applet" ] || ln -s busybox "$work/web/bin/$applet"; done
mkdir -p "$work/web/www"
image web registry.lab/web:1.0 '["/bin/sh","-c","hostname >/www/index.html; exec httpd -f -p 80 -h /www"]'

cd "$www"
sha256sum ./*.tar | sed 's/ \.\// /' >SHA256SUMS
