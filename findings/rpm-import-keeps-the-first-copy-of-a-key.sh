#!/bin/sh
# rpm 4.18.0+dfsg-1+deb12u1 (Debian 12): a signing key that was extended is imported again.
#
# Expected: `rpm --import` of a key's newer copy, which ends later, takes the place of the older copy, as it does in gpg and in a keyring of apt.
# Seen: it ends with 0 and no word, and the older copy stays, with the earlier end: the same key has the same name (gpg-pubkey-ID-TIME), and is taken
# as there already. Only after `rpm -e` of the old one the new one comes in.
#
# Why kplay minds: the key of pkgs.k8s.io ends and is extended; hosts that imported it once go on with the old end, so the role
# kubernetes_packages takes the old copy out first.
#
# Needs Debian 12 on amd64 with apt, and gpg. Works in a temporary directory; fetches four packages.
set -eu
work=$(mktemp -d)
trap 'GNUPGHOME="$work/gnupg" gpgconf --kill all 2>/dev/null; rm -rf "$work"' EXIT
cd "$work"
chmod 755 "$work"
version=4.18.0+dfsg-1+deb12u1
apt-get -o APT::Sandbox::User=root download -q rpm=$version rpm-common=$version librpm9=$version librpmio9=$version >/dev/null
for package in ./*.deb; do dpkg-deb -x "$package" root; done
export LD_LIBRARY_PATH="$work/root/usr/lib/x86_64-linux-gnu" RPM_CONFIGDIR="$work/root/usr/lib/rpm"
mkdir database
rpm() { "$work/root/usr/bin/rpm" --dbpath "$work/database" "$@"; }
rpm --version

mkdir -m 700 gnupg
export GNUPGHOME="$work/gnupg" LC_ALL=C
key=Signer@example.com
gpg --batch --quiet --passphrase '' --quick-generate-key "$key" rsa2048 sign 20d
gpg --batch --quiet --armor --export "$key" >first.asc
fingerprint=$(gpg --batch --with-colons --list-keys "$key" | awk -F: '$1 == "fpr" { print $10; exit }')
gpg --batch --quiet --passphrase '' --quick-set-expire "$fingerprint" 400d
gpg --batch --quiet --armor --export "$key" >second.asc

# The end of the copy that rpm has, as gpg reads it.
ends() { rpm -q gpg-pubkey --qf '%{description}\n' | gpg --batch --with-colons --show-keys 2>/dev/null | awk -F: '$1 == "pub" { print $7 }'; }
end_of() { gpg --batch --with-colons --show-keys "$1" 2>/dev/null | awk -F: '$1 == "pub" { print $7 }'; }

rpm --import first.asc
before=$(ends)
rpm --import second.asc && echo "second import: ends with 0"
after=$(ends)
name=$(rpm -q gpg-pubkey)
rpm -e "$name"
rpm --import second.asc
replaced=$(ends)
echo "the files end at $(end_of first.asc) and $(end_of second.asc)"
echo "rpm's copy ends at $before, after the second import at $after, after rpm -e and another import at $replaced"
[ "$before" = "$(end_of first.asc)" ] && [ "$after" = "$before" ] && [ "$replaced" = "$(end_of second.asc)" ] || { echo "CHANGED"; exit 1; }
echo "as described"
