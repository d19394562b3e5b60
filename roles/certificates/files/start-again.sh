#!/bin/sh
# start-again.sh WORKS SECONDS ADDRESS:PORT PROGRAM...: ends programs of the control plane, which the kubelet then starts again
# with the files as they are now, and waits for each until it does its work, as the role kubeadm's program `works` at the path
# WORKS tells. Killed anywhere, it leaves nothing to put back.
set -u
works=$1 seconds=$2 api=$3
shift 3

# With certificates that have run out on every master nothing is well until the last master has new ones.
worked=no
"$works" now "$api" kube-apiserver && worked=yes

for program in etcd kube-apiserver kube-controller-manager kube-scheduler; do
  case " $* " in *" $program "*) ;; *) continue ;; esac
  pids=$(pgrep -f "^$program --")
  [ -z "$pids" ] || kill $pids
  for second in $(seq 60); do
    left=no
    for pid in $pids; do [ -e "/proc/$pid" ] && left=yes; done
    [ "$left" = no ] && break
    sleep 1
  done
  for second in $(seq "$seconds"); do
    "$works" now "$api" "$program" && continue 2
    [ "$worked" = no ] && [ "$second" -ge 20 ] && continue 2
    sleep 1
  done
  echo "$program does not come back; see: crictl ps -a; journalctl -u kubelet" >&2
  exit 1
done
