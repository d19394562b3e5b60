#!/bin/sh
# The lab's network: a namespace of its own with one bridge and no way out. Usage: network.sh up | down
set -eu
inside() { nsenter --net="/run/netns/$LAB_NAMESPACE" -- "$@"; }
case $1 in
up)
  [ -e "/run/netns/$LAB_NAMESPACE" ] && inside true 2>/dev/null || {
    rm -f "/run/netns/$LAB_NAMESPACE"
    ip netns add "$LAB_NAMESPACE"
  }
  inside ip link show "$LAB_BRIDGE" >/dev/null 2>&1 || inside ip link add "$LAB_BRIDGE" type bridge
  # An address of its own: else it takes a port's, and every host that comes or goes makes it another for the rest.
  inside ip link set "$LAB_BRIDGE" address 02:6b:70:6c:61:79
  inside ip link set lo up
  inside ip address replace "$LAB_GATEWAY/$LAB_PREFIX" dev "$LAB_BRIDGE"
  inside ip link set "$LAB_BRIDGE" up
  inside sysctl -qw net.ipv4.ip_forward=1
  ;;
down)
  [ ! -e "/run/netns/$LAB_NAMESPACE" ] || ip netns delete "$LAB_NAMESPACE"
  ;;
esac
