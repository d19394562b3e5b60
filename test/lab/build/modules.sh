#!/bin/sh
# Gives ROOT a modules.builtin for a kernel without loadable modules, so that the real modprobe succeeds for what this
# kernel has built in, and for nothing else. A kernel that has modules needs none of this: its folder is bound in.
# Usage: modules.sh ROOT
set -eu
release=$(uname -r)
[ ! -e "/lib/modules/$release/modules.dep" ] || exit 0
folder=$1/lib/modules/$release
mkdir -p "$folder"
: >"$folder/modules.order"
config() { if [ -e /proc/config.gz ]; then zcat /proc/config.gz; else cat "/boot/config-$release"; fi; }
config >"$folder/config"
while read -r option path; do
  grep -qx "CONFIG_$option=y" "$folder/config" && echo "kernel/$path.ko"
done >"$folder/modules.builtin" <<'LIST'
BRIDGE net/bridge/bridge
BRIDGE_NETFILTER net/bridge/br_netfilter
OVERLAY_FS fs/overlayfs/overlay
VETH drivers/net/veth
VXLAN drivers/net/vxlan/vxlan
TUN drivers/net/tun
DUMMY drivers/net/dummy
MACVLAN drivers/net/macvlan
IPVLAN drivers/net/ipvlan/ipvlan
NET_IPIP net/ipv4/ipip
WIREGUARD drivers/net/wireguard/wireguard
NF_CONNTRACK net/netfilter/nf_conntrack
NF_NAT net/netfilter/nf_nat
NF_TABLES net/netfilter/nf_tables
NFT_COMPAT net/netfilter/nft_compat
NETFILTER_XTABLES net/netfilter/x_tables
IP_NF_IPTABLES net/ipv4/netfilter/ip_tables
IP_NF_FILTER net/ipv4/netfilter/iptable_filter
IP_NF_NAT net/ipv4/netfilter/iptable_nat
IP_NF_MANGLE net/ipv4/netfilter/iptable_mangle
IP_SET net/netfilter/ipset/ip_set
NETFILTER_XT_SET net/netfilter/xt_set
NETFILTER_XT_MATCH_ADDRTYPE net/netfilter/xt_addrtype
NETFILTER_XT_MATCH_COMMENT net/netfilter/xt_comment
NETFILTER_XT_MATCH_CONNTRACK net/netfilter/xt_conntrack
NETFILTER_XT_MATCH_MULTIPORT net/netfilter/xt_multiport
NETFILTER_XT_MATCH_PHYSDEV net/netfilter/xt_physdev
NETFILTER_XT_MATCH_RECENT net/netfilter/xt_recent
NETFILTER_XT_MATCH_STATISTIC net/netfilter/xt_statistic
NETFILTER_XT_MARK net/netfilter/xt_mark
IP_VS net/netfilter/ipvs/ip_vs
IP_VS_RR net/netfilter/ipvs/ip_vs_rr
IP_VS_WRR net/netfilter/ipvs/ip_vs_wrr
IP_VS_SH net/netfilter/ipvs/ip_vs_sh
BLK_DEV_RBD drivers/block/rbd
LIST
rm -f "$folder/config"
depmod -b "$1" "$release"
