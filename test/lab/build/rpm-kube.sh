# A function that makes RPM packages of Kubernetes' programs; to be sourced. $work is a folder for what is half made, $www gets the packages.

# kubernetes VERSION RELEASE FOLDER CRI-TOOLS-VERSION CRICTL NEEDS-OF-CRI-TOOLS REMARK: the packages of the programs in FOLDER, and of the
# program CRICTL. Where FOLDER's programs are one file with many names, that is a package of its own, and the others have links to it.
kubernetes() {
  shared='' needs='' files='' place='ln'
  if [ "$3/kubeadm" -ef "$3/kubelet" ]; then
    needs="Requires: kubernetes-$1 = $1"
    place="ln -s /usr/lib/kubernetes-$1/kube"
    shared="%package -n kubernetes-$1
Summary: Kubernetes' programs in one
AutoReqProv: no
%description -n kubernetes-$1
Made by kplay's lab for its own hosts.$7"
    files="%files -n kubernetes-$1
/usr/lib/kubernetes-$1"
  fi
  cat >"$work/$1.spec" <<SPEC
Name: kubernetes-lab
Version: $1
Release: $2
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
Made by kplay's lab for its own hosts.$7
$shared
%package -n kubectl
Summary: Kubernetes command line tool
AutoReqProv: no
$needs
%description -n kubectl
Made by kplay's lab for its own hosts.$7
%package -n kubelet
Summary: Kubernetes node agent
AutoReqProv: no
$needs
Requires: iptables >= 1.4.21, iproute, socat, util-linux, ebtables, ethtool, conntrack-tools
%description -n kubelet
Made by kplay's lab for its own hosts.$7
%package -n kubeadm
Summary: Kubernetes cluster bootstrapping tool
AutoReqProv: no
$needs
Requires: kubelet >= 1.13.0, kubectl >= 1.13.0, cri-tools >= 1.13.0
%description -n kubeadm
Made by kplay's lab for its own hosts.$7
%package -n cri-tools
Version: $4
Summary: Command line tool for container runtimes (kplay lab)
AutoReqProv: no
$6
%description -n cri-tools
Made by kplay's lab for its own hosts.
%install
mkdir -p %{buildroot}/usr/bin %{buildroot}/etc/kubernetes/manifests
if [ '$place' = ln ]; then
  for name in kubeadm kubectl kubelet; do ln $3/\$name %{buildroot}/usr/bin/; done
else
  mkdir -p %{buildroot}/usr/lib/kubernetes-$1
  ln $3/kubeadm %{buildroot}/usr/lib/kubernetes-$1/kube
  for name in kubeadm kubectl kubelet; do $place %{buildroot}/usr/bin/\$name; done
fi
cp -R $LAB_SOURCE/files/rpm/files/kubelet/. %{buildroot}/
install -m 0755 $5 %{buildroot}/usr/bin/crictl
%post -n kubelet
systemctl daemon-reload 2>/dev/null || :
%preun -n kubelet
[ \$1 -gt 0 ] || systemctl -q disable --now kubelet.service 2>/dev/null || :
%postun -n kubelet
systemctl daemon-reload 2>/dev/null || :
[ \$1 = 0 ] || systemctl -q try-restart kubelet.service 2>/dev/null || :
$files
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
  rpmbuild --quiet -bb --define "_topdir $work/build-$1" --define "_rpmdir $www" --define '_rpmfilename %%{NAME}-%%{VERSION}-%%{RELEASE}.%%{ARCH}.rpm' "$work/$1.spec"
  rm -rf "$work/build-$1"
}
