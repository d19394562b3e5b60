#!/bin/sh
# start-again.sh SECONDS ADDRESS:PORT PROGRAM...: ends programs of the control plane, which the kubelet then starts again with
# the files as they are now, and waits for each until it does its work. Killed anywhere, it leaves nothing to put back.
set -u
seconds=$1 api=$2
shift 2

healthy() {
  case $1 in
    etcd)
      curl -sS --fail --max-time 3 --cacert /etc/kubernetes/pki/etcd/ca.crt --cert /etc/kubernetes/pki/etcd/healthcheck-client.crt \
        --key /etc/kubernetes/pki/etcd/healthcheck-client.key https://127.0.0.1:2379/health
      ;;
    kube-apiserver) [ "$(curl -sk --max-time 3 "https://$api/healthz")" = ok ] ;;
    kube-controller-manager) pgrep -f '^kube-controller-manager --' && [ "$(curl -sk --max-time 3 https://127.0.0.1:10257/healthz)" = ok ] ;;
    *) pgrep -f "^$1 --" ;;
  esac >/dev/null 2>&1
}

# With certificates that have run out on every master nothing is well until the last master has new ones.
worked=no
healthy kube-apiserver && worked=yes

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
    healthy "$program" && continue 2
    [ "$worked" = no ] && [ "$second" -ge 20 ] && continue 2
    sleep 1
  done
  echo "$program does not come back; see: crictl ps -a; journalctl -u kubelet" >&2
  exit 1
done
