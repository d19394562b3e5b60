#!/bin/sh
# Makes the RPM packages of Kubernetes VERSION, and of NEXT, which is re-stamped from it (restamp.sh), and their repository.
# Usage: rpm-kubernetes.sh VERSION NEXT
set -eu
version=$1 next=$2
work=$LAB_CACHE/rpm/kubernetes
www=$LAB_CACHE/www/rpm/kubernetes
rm -rf "$work" "$www"
mkdir -p "$work" "$www"
. "$LAB_SOURCE/build/rpm-kube.sh"

# A stand-in for crictl over ctr and curl.
crictl=$LAB_SOURCE/files/packages/cri-tools/usr/bin/crictl
kubernetes "$next" 0 "$LAB_CACHE/kube-$next" 1.13.0 "$crictl" 'Requires: curl' "
The programs are those of $version, re-stamped: they only call themselves $next."
kubernetes "$version" 0 "$LAB_CACHE/kube" 1.13.0 "$crictl" 'Requires: curl' ''
sh "$LAB_SOURCE/build/rpm-publish.sh" "$www" Kubernetes
