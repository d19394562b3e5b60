# To be sourced: puts this shell into a cgroup of the host's own in every hierarchy. With a shared one every kubelet deletes the others' pods.
# Reads $name and $LAB_NAMESPACE; sets $mounts, the hierarchies as KIND:PATH.
join_v1() {
  for group in "$1/$LAB_NAMESPACE" "$1/$LAB_NAMESPACE/$name"; do
    mkdir -p "$group"
    for file in cpuset.cpus cpuset.mems; do
      [ ! -e "$group/$file" ] || cat "${group%/*}/$file" >"$group/$file"
    done
  done
  echo $$ >"$1/$LAB_NAMESPACE/$name/cgroup.procs"
}
join_v2() {
  for group in "$1" "$1/$LAB_NAMESPACE"; do
    mkdir -p "$group"
    for controller in $(cat "$group/cgroup.controllers"); do
      echo "+$controller" >"$group/cgroup.subtree_control" 2>/dev/null || true
    done
  done
  mkdir -p "$1/$LAB_NAMESPACE/$name"
  echo $$ >"$1/$LAB_NAMESPACE/$name/cgroup.procs"
}
# The list is read before anything is joined.
mounts=$(awk '$2 ~ /^\/sys\/fs\/cgroup/ && ($3 == "cgroup" || $3 == "cgroup2") { print $3 ":" $2 }' /proc/mounts)
for mount in $mounts; do
  case $mount in
  cgroup:*) join_v1 "${mount#*:}" ;;
  cgroup2:*) join_v2 "${mount#*:}" ;;
  esac
done
