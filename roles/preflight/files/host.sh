#!/bin/sh
# host.sh ADDRESS POD_NETWORK SERVICE_NETWORK VIP
# Prints this host's machine-id and MAC address, one a line. When a network is wrong, prints a sentence
# about each fault instead and exits 1. Only reads.
address=$1 pods=$2 services=$3 vip=$4
faults=0

fault() { echo "$*"; faults=1; }

# An IPv4 address as a number, or nothing.
number() {
  echo "$1" | awk -F. 'NF == 4 { for (i = 1; i <= 4; i++) if ($i !~ /^[0-9]+$/ || $i > 255) exit
    printf "%.0f\n", (($1 * 256 + $2) * 256 + $3) * 256 + $4 }'
}
quad() { echo "$(($1 >> 24 & 255)).$(($1 >> 16 & 255)).$(($1 >> 8 & 255)).$(($1 & 255))"; }
# First address of the network that holds number $1 with prefix length $2.
first() { echo $(($1 - $1 % (1 << (32 - $2)))); }

# Complains when $2 is no network; $1 is the name of its variable.
network() {
  base=$(number "${2%/*}") length=${2#*/}
  case $2 in */*) ;; *) length=none ;; esac
  case $length in '' | *[!0-9]*) length=99 ;; esac
  if [ -z "$base" ] || [ "$length" -gt 32 ]; then
    fault "$1 is \"$2\", which is no network. Write it as ADDRESS/LENGTH, e.g. 10.244.0.0/16."
    return 1
  fi
  start=$(first "$base" "$length")
  [ "$start" = "$base" ] && return 0
  fault "$1 is $2, which is no network address: with /$length the network that holds it starts at $(quad "$start"). Write $(quad "$start")/$length, or a longer prefix that fits."
  return 1
}

# Complains when networks $2 and $4 overlap; $1 and $3 say what they are.
apart() {
  short=${2#*/}
  [ "${4#*/}" -lt "$short" ] && short=${4#*/}
  [ "$(first "$(number "${2%/*}")" "$short")" = "$(first "$(number "${4%/*}")" "$short")" ] || return 0
  fault "$1 $2 and $3 $4 overlap. Change one of them: an address must belong to one network only."
}

# "interface address/length" of the interface that carries the host's address.
line=$(ip -o -4 addr show to "$address" 2>/dev/null | awk 'NR == 1 { print $2, $4 }')
interface=${line% *} own=${line#* }

network kubernetes_pod_network "$pods" && pods_good=1
network kubernetes_service_network "$services" && services_good=1
[ -n "${pods_good:-}" ] && [ -n "${services_good:-}" ] &&
  apart "kubernetes_pod_network" "$pods" "kubernetes_service_network" "$services"
if [ -z "$line" ]; then
  fault "No interface of this host has the address $address. Set kubernetes_node_address (or ansible_host) to one that it has."
else
  hosts=$(quad "$(first "$(number "${own%/*}")" "${own#*/}")")/${own#*/}
  [ -n "${pods_good:-}" ] && apart "kubernetes_pod_network" "$pods" "the hosts' network" "$hosts"
  [ -n "${services_good:-}" ] && apart "kubernetes_service_network" "$services" "the hosts' network" "$hosts"
  if [ -n "$vip" ]; then
    value=$(number "$vip")
    if [ -z "$value" ]; then
      fault "kubernetes_api_vip is \"$vip\", which is no address."
    elif [ "$(first "$value" "${own#*/}")" != "$(number "${hosts%/*}")" ]; then
      fault "kubernetes_api_vip $vip is outside $hosts, the network of the load balancer's interface $interface. Choose a free address in it."
    fi
  fi
fi

[ "$faults" = 0 ] || exit 1
cat /etc/machine-id
cat "/sys/class/net/$interface/address"
