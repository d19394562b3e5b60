#!/bin/sh
# Makes the .deb packages of Kubernetes VERSION, and of NEXT, which is re-stamped from it (restamp.sh), and the one apt
# repository that serves both. Usage: kube-packages.sh VERSION NEXT
set -eu
version=$1 next=$2
work=$LAB_CACHE/kube-packages
www=$LAB_CACHE/www/kubernetes
pool=$www/pool
rm -rf "$work" "$pool"
mkdir -p "$work" "$pool"
. "$LAB_SOURCE/build/kube-deb.sh"

mkdir -p "$work/cri-tools/usr/bin"
cp "$LAB_SOURCE/files/packages/cri-tools/usr/bin/crictl" "$work/cri-tools/usr/bin/crictl"
chmod 0755 "$work/cri-tools/usr/bin/crictl"
package cri-tools 1.13.0-01 'containerd | docker.io, curl' 'Stand-in for crictl over ctr and curl (kplay lab)' ''
kubeadm='kubelet (>= 1.13.0), kubectl (>= 1.13.0), cri-tools (>= 1.13.0)'
kubelet='iptables (>= 1.4.21), iproute2, socat, util-linux, mount, ebtables, ethtool, conntrack'
kubernetes "$version" 00 "$LAB_CACHE/kube" "$kubeadm" "$kubelet" ''
kubernetes "$next" 00 "$LAB_CACHE/kube-$next" "$kubeadm" "$kubelet" "
 The programs are those of $version, re-stamped: they only call themselves $next."
sh "$LAB_SOURCE/build/publish.sh" "$www" kubernetes-xenial Kubernetes
