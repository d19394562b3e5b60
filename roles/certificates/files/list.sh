#!/bin/sh
# list.sh UNFINISHED
# Lists the certificates of Kubernetes on this host, a line each: "certificate NAME DATE DAYS", authorities as "authority …";
# and "stale PROGRAM" for each program of the control plane that has been running since before its certificates were written;
# and "broken-off" where a renewal was begun that did not come to its end.
set -u
[ ! -e "$1" ] || echo broken-off
now=$(date +%s)

# list NAME: reads a certificate (PEM) and prints its line.
list() {
  kind=certificate
  case $1 in *ca) kind=authority ;; esac
  end=$(openssl x509 -noout -enddate 2>/dev/null | sed 's/^notAfter=//')
  [ -n "$end" ] || return 0
  end=$(date -u -d "$end" +%s)
  echo "$kind $1 $(date -u -d "@$end" +%Y-%m-%d) $(((end - now) / 86400))"
}

cd /etc/kubernetes 2>/dev/null || exit 0
for file in pki/*.crt pki/etcd/*.crt; do
  name=${file#pki/}
  [ -s "$file" ] && list "${name%.crt}" <"$file"
done
for file in *.conf; do
  [ -s "$file" ] || continue
  data=$(sed -n 's/^ *client-certificate-data: *//p' "$file")
  pem=$(sed -n 's/^ *client-certificate: *//p' "$file")
  if [ -n "$data" ]; then
    echo "$data" | base64 -d | list "$file"
  elif [ -s "$pem" ]; then
    list "$file" <"$pem"
  fi
done

# stale PROGRAM FILE...
stale() {
  program=$1
  shift
  pid=$(pgrep -o -f "^$program --") || return 0
  since=$((now - $(ps -o etimes= -p "$pid")))
  for file in "$@"; do
    # ps counts whole seconds.
    [ "$(stat -c %Y "$file" 2>/dev/null || echo 0)" -gt $((since + 1)) ] && echo "stale $program" && return
  done
}

if [ -d manifests ]; then
  stale etcd pki/etcd/server.crt pki/etcd/peer.crt
  stale kube-apiserver pki/apiserver.crt pki/apiserver-kubelet-client.crt pki/apiserver-etcd-client.crt pki/front-proxy-client.crt
  stale kube-controller-manager controller-manager.conf
  stale kube-scheduler scheduler.conf
fi
exit 0
