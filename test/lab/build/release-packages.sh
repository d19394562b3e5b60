#!/bin/sh
# Makes the .deb packages of a Kubernetes of today and the apt repository of its minor version, which lies and is named as on
# pkgs.k8s.io. All minors' repositories are signed with one key, as there. Usage: release-packages.sh VERSION CRICTL-VERSION
set -eu
version=$1 crictl=$2
work=$LAB_CACHE/release-packages
www=$LAB_CACHE/www/core:/stable:/v${version%.*}/deb
pool=$www/amd64
rm -rf "$work" "$www"
mkdir -p "$work" "$pool"
. "$LAB_SOURCE/build/kube-deb.sh"

mkdir -p "$work/cri-tools/usr/bin"
ln "$LAB_CACHE/parts/crictl-$crictl/crictl" "$work/cri-tools/usr/bin/crictl"
package cri-tools "$crictl-1.1" libc6 'Command line tool for container runtimes (crictl)' ''
kubernetes "$version" 1.1 "$LAB_CACHE/kube-$version" libc6 'iptables, iproute2, mount, util-linux, ethtool, conntrack, socat' ''
sh "$LAB_SOURCE/build/publish.sh" "$www" / 'Kubernetes stable'
mv "$www/key.asc" "$www/Release.key"
