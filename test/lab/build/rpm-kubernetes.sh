#!/bin/sh
# Makes the RPM packages of Kubernetes VERSION, and of NEXT, which is re-stamped from it (restamp.sh), and their repository.
# Usage: rpm-kubernetes.sh VERSION NEXT
set -eu
version=$1 next=$2
work=$LAB_CACHE/rpm/kubernetes
www=$LAB_CACHE/www/rpm/kubernetes
rm -rf "$work" "$www"
mkdir -p "$work" "$www"

# spec VERSION FOLDER REMARK: the spec of the packages of the programs in FOLDER.
spec() {
  cat <<SPEC
Name: kubernetes-lab
Version: $1
Release: 0
Summary: Kubernetes (kplay lab)
License: Apache-2.0
BuildArch: x86_64
AutoReqProv: no
%global debug_package %{nil}
%global __os_install_post %{nil}
%global _build_id_links none
%global _binary_payload w.ufdio
%global __check_files %{nil}
%description
Made by kplay's lab for its own hosts.$3
%package -n kubectl
Summary: Kubernetes command line tool
AutoReqProv: no
%description -n kubectl
Made by kplay's lab for its own hosts.$3
%package -n kubelet
Summary: Kubernetes node agent
AutoReqProv: no
Requires: iptables >= 1.4.21, iproute, socat, util-linux, ebtables, ethtool, conntrack-tools
%description -n kubelet
Made by kplay's lab for its own hosts.$3
%package -n kubeadm
Summary: Kubernetes cluster bootstrapping tool
AutoReqProv: no
Requires: kubelet >= 1.13.0, kubectl >= 1.13.0, cri-tools >= 1.13.0
%description -n kubeadm
Made by kplay's lab for its own hosts.$3
%package -n cri-tools
Version: 1.13.0
Summary: Stand-in for crictl over ctr and curl (kplay lab)
AutoReqProv: no
Requires: curl
%description -n cri-tools
Made by kplay's lab for its own hosts.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/kubernetes/manifests
for name in kubeadm kubectl kubelet; do ln $2/\$name %{buildroot}/usr/bin/; done
cp -R $LAB_SOURCE/files/rpm/files/kubelet/. %{buildroot}/
install -m 0755 $LAB_SOURCE/files/packages/cri-tools/usr/bin/crictl %{buildroot}/usr/bin/crictl
%post -n kubelet
systemctl daemon-reload 2>/dev/null || :
%preun -n kubelet
[ \$1 -gt 0 ] || systemctl -q disable --now kubelet.service 2>/dev/null || :
%postun -n kubelet
systemctl daemon-reload 2>/dev/null || :
[ \$1 = 0 ] || systemctl -q try-restart kubelet.service 2>/dev/null || :
%files -n kubectl
/usr/bin/kubectl
%files -n kubeadm
/usr/bin/kubeadm
%files -n cri-tools
/usr/bin/crictl
%files -n kubelet
/usr/bin/kubelet
%dir /etc/kubernetes
%dir /etc/kubernetes/manifests
%config(noreplace) /etc/sysconfig/kubelet
/usr/lib/systemd/system/kubelet.service
/usr/lib/systemd/system/kubelet.service.d
SPEC
}

# build VERSION FOLDER REMARK
build() {
  spec "$@" >"$work/$1.spec"
  rpmbuild --quiet -bb --define "_topdir $work/build-$1" --define "_rpmdir $www" --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$work/$1.spec"
  rm -rf "$work/build-$1"
}

build "$next" "$LAB_CACHE/kube-$next" "
The programs are those of $version, re-stamped: they only call themselves $next."
build "$version" "$LAB_CACHE/kube" ''
sh "$LAB_SOURCE/build/rpm-publish.sh" "$www" Kubernetes
