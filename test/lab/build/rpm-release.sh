#!/bin/sh
# Makes the RPM packages of a Kubernetes of today and the repository of its minor version, which lies and is named as on pkgs.k8s.io.
# Usage: rpm-release.sh VERSION CRICTL-VERSION
set -eu
version=$1 crictl=$2
work=$LAB_CACHE/rpm/kubernetes-$version
www=$LAB_CACHE/www/core:/stable:/v${version%.*}/rpm
rm -rf "$work" "$www"
mkdir -p "$work" "$www"
. "$LAB_SOURCE/build/rpm-kube.sh"

kubernetes "$version" 150500.1.1 "$LAB_CACHE/kube-$version" "$crictl" "$LAB_CACHE/parts/crictl-$crictl/crictl" '' ''
sh "$LAB_SOURCE/build/rpm-publish.sh" "$www" 'Kubernetes stable'
mv "$www/key.asc" "$www/repodata/repomd.xml.key"
rm -rf "$work"
