#!/bin/sh
# Makes a root where busybox is all there is: dropbear to log in, doas to become root, no other program. Usage: target-busybox.sh NAME
set -eu
root=$LAB_CACHE/$1
rm -rf --one-file-system "$root" "$root.part"
mkdir -p "$LAB_CACHE"
sh "$LAB_SOURCE/build/sources.sh" sid | grep -v ' sid-' >"$root.list"
# Their files only: no script of theirs runs, and what they need besides libraries is thrown away below.
mmdebstrap --variant=extract --mode=root --skip=check/empty --aptopt='Acquire::Retries "3"' \
  --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
  --include=base-files,busybox-static,dropbear-bin,opendoas,libpam-modules sid "$root.part" "$root.list"

cd "$root.part"
mkdir -p kept
mv usr/bin/busybox usr/bin/doas usr/bin/dropbearkey usr/bin/dropbearconvert kept/ 2>/dev/null || true
find . -path ./kept -prune -o -name dropbear -type f -perm -u+x -exec mv {} kept/ \;
find . -path ./kept -prune -o -name dropbearconvert -type f -perm -u+x -exec mv {} kept/ \;
[ -x kept/busybox ] && [ -x kept/dropbear ] && [ -x kept/doas ]
rm -rf etc usr/bin usr/sbin usr/libexec usr/share/[!z]* var root home
mkdir -p usr/bin usr/sbin etc/pam.d etc/dropbear etc/ssh var/tmp var/log root home dev proc sys run tmp usr/share usr/local/lib
mv kept/* usr/bin/
rmdir kept
for link in bin sbin lib lib64; do [ -e "$link" ] || ln -s "usr/$link" "$link"; done
chmod 1777 tmp var/tmp
chmod 0700 root
chmod 4755 usr/bin/doas
chroot . /usr/bin/busybox --install -s /usr/bin
# These ask for more than this target is to have; adduser and addgroup stay, as on Alpine.
rm -f usr/bin/dpkg usr/bin/dpkg-deb usr/bin/rpm usr/bin/rpm2cpio

cat >etc/os-release <<'RELEASE'
NAME="Busybox alone"
ID=busybox
VERSION_ID=1
PRETTY_NAME="Busybox alone"
RELEASE
printf 'root:x:0:0:root:/root:/bin/sh\nkplay:x:1000:1000::/home/kplay:/bin/sh\nnobody:x:65534:65534::/:/bin/false\n' >etc/passwd
printf 'root:x:0:\nkplay:x:1000:\ntty:x:5:\nnogroup:x:65534:\n' >etc/group
printf 'root:*:19000:0:99999:7:::\nkplay:*:19000:0:99999:7:::\n' >etc/shadow
chmod 0640 etc/shadow
printf '/bin/sh\n' >etc/shells
printf 'passwd: files\ngroup: files\nshadow: files\nhosts: files dns\n' >etc/nsswitch.conf
printf 'permit nopass keepenv kplay\n' >etc/doas.conf
chmod 0400 etc/doas.conf
for name in doas other; do
  printf 'auth required pam_unix.so\naccount required pam_permit.so\nsession required pam_permit.so\n' >"etc/pam.d/$name"
done
mkdir -p home/kplay
chown 1000:1000 home/kplay
cp -R "$LAB_SOURCE/files/root/usr" .
sh "$LAB_SOURCE/build/modules.sh" "$root.part"
mv "$root.part" "$root"
