# Functions that make container images and docker-archives of them; to be sourced. $work is a folder for what is half made, $pool
# has Debian's packages, $www gets the archives.

# unpack NAME PACKAGE...: puts what the packages hold into the folder of the layer NAME, without what only people read.
unpack() {
  root=$work/$1
  shift
  mkdir -p "$root"
  for package in "$@"; do
    for file in "$pool/${package}_"*.deb; do dpkg-deb --fsys-tarfile "$file" | tar -x -C "$root" --exclude=./usr/share; done
  done
}

# programs NAME FILE...: puts programs into the folder of the layer NAME, where every image looks for them.
programs() {
  mkdir -p "$work/$1/usr/local/bin"
  root=$work/$1
  shift
  for file in "$@"; do ln "$file" "$root/usr/local/bin/"; done
}

# iptables_names NAME: gives iptables over nftables its names in the folder of the layer NAME.
iptables_names() {
  for tool in iptables iptables-save iptables-restore ip6tables ip6tables-save ip6tables-restore; do
    ln -s xtables-nft-multi "$work/$1/usr/sbin/$tool"
  done
}

# layer NAME: packs the folder $work/NAME.
layer() {
  root=$work/$1
  mkdir -p "$root/tmp" "$root/etc"
  chmod 1777 "$root/tmp"
  [ -e "$root/etc/passwd" ] || echo 'root:x:0:0:root:/:/bin/sh' >"$root/etc/passwd"
  tar -c -C "$root" --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -f "$root.layer" .
  sha256sum <"$root.layer" | cut -d' ' -f1 >"$root.sum"
  rm -rf "$root"
}

# image ARCHIVE REPOSITORY:TAG START LAYER...: adds an image of these layers to the archive; START is how its program is started, the
# JSON of the fields Cmd or Entrypoint. Several tags stand with commas and quotes between.
image() {
  stage=$work/$1.stage tags=$2 start=$3
  shift 3
  mkdir -p "$stage"
  sums= files=
  for name in "$@"; do
    sum=$(cat "$work/$name.sum")
    sums="$sums${sums:+,}\"sha256:$sum\"" files="$files${files:+,}\"$sum.tar\""
    [ -e "$stage/$sum.tar" ] || ln "$work/$name.layer" "$stage/$sum.tar"
  done
  printf '{"architecture":"amd64","os":"linux","created":"1970-01-01T00:00:00Z","config":{"Env":["PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],%s},"rootfs":{"type":"layers","diff_ids":[%s]},"history":[%s]}' \
    "$start" "$sums" "$(for name in "$@"; do echo '{"created":"1970-01-01T00:00:00Z","created_by":"kplay lab"}'; done | paste -sd,)" >"$stage/config.part"
  config=$(sha256sum <"$stage/config.part" | cut -d' ' -f1).json
  mv "$stage/config.part" "$stage/$config"
  [ ! -e "$stage/manifest.part" ] || printf , >>"$stage/manifest.part"
  printf '{"Config":"%s","RepoTags":["%s"],"Layers":[%s]}' "$config" "$tags" "$files" >>"$stage/manifest.part"
}

# archive ARCHIVE: writes the archive to $www/ARCHIVE.tar.
archive() {
  stage=$work/$1.stage
  { printf '['; cat "$stage/manifest.part"; printf ']'; } >"$stage/manifest.json"
  rm "$stage/manifest.part"
  (cd "$stage" && tar -c --mtime=@0 --owner=0 --group=0 --numeric-owner -f "$www/$1.tar" -- *)
  rm -rf "$stage"
}

# web_layer: the layer web, for tests of the network: a web server that answers with its pod's name, and wget, nslookup and the like to
# ask with. Not busybox-static, which cannot look up names without glibc's own files. In both `wget -T` crashes: use timeout.
web_layer() {
  unpack web libc6 busybox
  for applet in $(chroot "$work/web" /bin/busybox --list); do [ -e "$work/web/bin/$applet" ] || ln -s busybox "$work/web/bin/$applet"; done
  mkdir -p "$work/web/www"
  layer web
}
web_start='"Cmd":["/bin/sh","-c","hostname >/www/index.html; exec httpd -f -p 80 -h /www"]'

# pause_layer: the layer pause.
pause_layer() {
  mkdir -p "$work/pause"
  gcc -Os -static -s -o "$work/pause/pause" "$LAB_SOURCE/files/images/pause.c"
  layer pause
}

# sums FOLDER: lists the archives in FOLDER with their sums.
sums() {
  (cd "$1" && sha256sum ./*.tar | sed 's/ \.\// /' >SHA256SUMS)
}
