#!/bin/sh
# Builds Kubernetes VERSION from the source package of Debian 11 with Debian 11's Go, into FOLDER. Takes some minutes.
# Usage: kube-compile.sh VERSION FOLDER
set -eu
version=$1 folder=$2
work=$LAB_CACHE/compile
mirror=${KPLAY_LAB_BULLSEYE:-http://deb.debian.org/debian}
rm -rf "$work"
mkdir -p "$work/lists/partial" "$work/archives/partial"
: >"$work/status"
cat >"$work/sources.list" <<LIST
deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bullseye main
deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror bullseye main
LIST
apt() {
  apt-get -q -o Dir::State="$work" -o Dir::State::status="$work/status" -o Dir::State::lists="$work/lists" \
    -o Dir::Cache="$work" -o Dir::Cache::archives="$work/archives" -o Dir::Etc::sourcelist="$work/sources.list" \
    -o Dir::Etc::sourceparts=/dev/null -o Acquire::Retries=3 -o APT::Sandbox::User=root "$@"
}
# What the build needs of this machine.
for tool in make rsync jq git; do
  command -v "$tool" >/dev/null && continue
  dpkg --configure -a
  apt-get -o DPkg::Lock::Timeout=300 install -y -q --no-install-recommends make rsync jq git
done
cd "$work"
apt update
# The original tar is all that is needed; its sum is in the signed index.
apt source --download-only --tar-only kubernetes
apt download golang-1.15-go golang-1.15-src
for package in golang-1.15-*.deb; do dpkg-deb -x "$package" "$work/go"; done
# The tree that Go wants: the packages split it in two folders, with links from one to the other.
goroot=$work/goroot
cp -RL "$work/go/usr/lib/go-1.15" "$goroot"
mkdir source
tar -xf kubernetes_*"$version".orig.tar.* -C source --strip-components=1
cd source
# GOENV: what `go env -w` keeps is another Go's. GIT_CEILING_DIRECTORIES: the cache may lie inside somebody's repository.
export GOROOT="$goroot" PATH="$goroot/bin:$PATH" GOENV=off GOCACHE="$work/gocache" GOPATH="$work/gopath" GOFLAGS=-mod=vendor CGO_ENABLED=0
export GIT_CEILING_DIRECTORIES="$work" TMPDIR="$work/tmp"
mkdir "$TMPDIR"
make generated_files
stamp=k8s.io/component-base/version
flags="-s -w -X $stamp.gitVersion=v$version -X $stamp.gitMajor=${version%%.*} -X $stamp.gitMinor=$(echo "$version" | cut -d. -f2) -X $stamp.gitTreeState=clean"
for program in kubeadm kubelet kubectl kube-apiserver kube-controller-manager kube-scheduler kube-proxy; do
  go build -ldflags "$flags" -o "$folder/$program" "./cmd/$program"
done
chmod -R u+w "$work"
rm -rf "$work"
