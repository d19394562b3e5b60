#!/bin/sh
# manifests.sh make FOLDER patched|plain PROGRAM...: has kubeadm make the manifests of programs from FOLDER/kubeadm.yaml (and FOLDER/patches) in
# FOLDER/new, and shows how they differ from those of this master. kubeadm writes below /etc/kubernetes/manifests only, so it gets a view of the
# files in which that is another folder: the kubelet sees nothing of it.
# manifests.sh use FOLDER SECONDS ADDRESS:PORT KEEP PROGRAM...: puts those in place that are different, one after the other, and waits until
# each program works with it. What does not come up gets back what it had. Run again after it was cut off, it goes on.
set -u
umask 077
action=$1 folder=$2
shift 2
here=/etc/kubernetes/manifests
works=${0%/*/*}/works

phase() {
  case $1 in
    etcd) echo etcd local ;;
    *) echo control-plane "${1#kube-}" ;;
  esac
}

make() {
  [ "$1" = patched ] && patches="--patches $folder/patches" || patches=
  shift
  rm -rf "$folder/new"
  mkdir -p "$folder/new"
  for program in "$@"; do
    [ -e "$here/$program.yaml" ] || { echo "$here/$program.yaml is not there" >&2; return 1; }
    # shellcheck disable=SC2016,SC2046,SC2086
    unshare --mount --propagation private sh -c 'folder=$1; shift; mount --bind "$folder/new" /etc/kubernetes/manifests && exec "$@"' sh "$folder" \
      kubeadm init phase $(phase "$program") --config "$folder/kubeadm.yaml" $patches >"$folder/log" 2>&1 || { cat "$folder/log" >&2; return 1; }
    keep_own "$program"
    cmp -s "$here/$program.yaml" "$folder/new/$program.yaml" && continue
    echo "changes: $program"
    diff -u "$here/$program.yaml" "$folder/new/$program.yaml" | sed 1,2d
  done
}

# What is no setting stays as it is: the image, and which members etcd began with.
keep_own() {
  sed -i "s|^\( *image: \).*|\1$(sed -n 's/^ *image: *//p' "$here/$1.yaml" | head -n 1)|" "$folder/new/$1.yaml"
  [ "$1" = etcd ] || return 0
  initial=$(grep -e '--initial-cluster' "$here/$1.yaml")
  rest=$(grep -v -e '--initial-cluster' "$folder/new/$1.yaml")
  printf '%s\n' "$rest" | while IFS= read -r line; do
    case $line in *--initial-advertise-peer-urls=*) printf '%s\n%s\n' "$line" "$initial" ;; *) printf '%s\n' "$line" ;; esac
  done >"$folder/new/.etcd"
  mv "$folder/new/.etcd" "$folder/new/$1.yaml"
}

put() {
  cp "$1" "$here/.$2.kplay" && chmod 600 "$here/.$2.kplay" && sync "$here/.$2.kplay" && mv "$here/.$2.kplay" "$here/$2.yaml"
}

last_words() {
  for log in $(ls -t /var/log/pods/kube-system_"$1"-*/"$1"/*.log 2>/dev/null | head -n 2); do
    # Without the time and the stream, which the container runtime puts before each line.
    tail -n 3 "$log" | sed 's/^[^ ]* std[a-z]* [FP] //' | cut -c 1-400
  done
}

use() {
  seconds=$1 api=$2 keep=$3
  shift 3
  before=$folder/before-$(date +%Y%m%d-%H%M%S)
  for program in "$@"; do
    old=
    if ! cmp -s "$here/$program.yaml" "$folder/new/$program.yaml"; then
      mkdir -p "$before"
      cp -p "$here/$program.yaml" "$before/"
      # The way back of a run that is cut off here.
      cp -p "$here/$program.yaml" "$folder/last-$program.yaml"
      old=$(pgrep -o -f "^$program --")
      put "$folder/new/$program.yaml" "$program"
    fi
    "$works" wait "$api" "$program" "$seconds" "$old" 2>/dev/null && { rm -f "$folder/last-$program.yaml"; continue; }
    words=$(last_words "$program")
    [ -e "$folder/last-$program.yaml" ] || { echo "$program does not work; see: crictl ps -a; journalctl -u kubelet" >&2; return 1; }
    put "$folder/last-$program.yaml" "$program"
    if "$works" wait "$api" "$program" "$seconds" 2>/dev/null; then echo "$program does not come up with its new settings and has the earlier ones again. It says: $words" >&2
    else echo "$program comes up neither with its new settings nor with those of $before. It says: $words" >&2; fi
    rm -f "$folder/last-$program.yaml"
    return 1
  done
  # shellcheck disable=SC2012
  ls -1d "$folder"/before-* 2>/dev/null | sort -r | tail -n +$((keep + 1)) | while IFS= read -r old; do rm -rf "$old"; done
}

"$action" "$@"
