#!/bin/sh
# Makes what the lab's virtual machine starts from, in $LAB_CACHE/machine: the newest kernel of Debian's for clouds (vmlinuz, its modules and
# configuration), and an initrd that mounts the disk.
set -eu
into=$LAB_CACHE/machine
rm -rf "$into"
mkdir -p "$into/work"
cd "$into/work"
package=$(apt-cache depends linux-image-cloud-amd64 | awk '$1 == "Depends:" && $2 ~ /^linux-image-/ { print $2; exit }')
[ -n "$package" ] || { echo 'apt knows no linux-image-cloud-amd64 here: the virtual machine wants Debian on amd64' >&2; exit 1; }
apt-get -q -o Acquire::Retries=3 -o APT::Sandbox::User=root download "$package" busybox-static
for file in *.deb; do dpkg-deb -x "$file" .; done
release=${package#linux-image-}
mv "boot/vmlinuz-$release" "$into/vmlinuz"
mkdir -p "$into/root/boot" "$into/root/lib"
mv "boot/config-$release" "$into/root/boot/"
mv lib/modules "$into/root/lib/"
depmod -b "$into/root" "$release"

mkdir -p initrd/bin initrd/modules initrd/proc initrd/sys initrd/dev initrd/disk
cp bin/busybox initrd/bin/sh
for module in virtio_pci virtio_blk virtio_net ext4; do
  modprobe -d "$into/root" -S "$release" --show-depends "$module" | awk '$1 == "insmod" { print $2 }'
done | awk '!seen[$0]++' >modules
while read -r file; do
  cp "$file" initrd/modules/
  echo "/bin/sh insmod /modules/${file##*/}"
done <modules >inserts
# busybox is the program that its first word names.
cat >initrd/init <<END
#!/bin/sh
run() { /bin/busybox "\$@"; }
run mount -t proc proc /proc
run mount -t sysfs sys /sys
run mount -t devtmpfs dev /dev
$(sed 's/^.bin.sh/run/' inserts)
for try in 1 2 3 4 5 6 7 8 9 10; do [ -b /dev/vda ] && break; run sleep 1; done
# The name that the interface of all the lab's hosts has.
run ip link set eth0 name host0
run mount -t ext4 /dev/vda /disk && run mount --move /dev /disk/dev && run umount /sys && run umount /proc && exec /bin/busybox switch_root /disk /sbin/init
END
chmod 0755 initrd/init
ln initrd/bin/sh initrd/bin/busybox
(cd initrd && find . | cpio -o -H newc --quiet | gzip -1) >"$into/initrd"
cd "$into"
rm -rf work
