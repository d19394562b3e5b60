#!/bin/sh
# Makes FOLDER (with a pool/ of .deb files) a signed apt repository with the suite SUITE, and puts the key beside it.
# Usage: publish.sh FOLDER SUITE KEY
set -eu
folder=$1 suite=$2
user="kplay lab $3"
export GNUPGHOME="$LAB_CACHE/gnupg-$3"
mkdir -p -m 0700 "$GNUPGHOME"
if ! gpg --batch --quiet --list-secret-keys "=$user" >/dev/null 2>&1; then
  gpg --batch --quiet --passphrase '' --pinentry-mode loopback --quick-generate-key "$user" ed25519 sign never
fi
cd "$folder"
rm -rf dists
index=dists/$suite/main/binary-amd64
mkdir -p "$index"
apt-ftparchive packages pool >"$index/Packages"
gzip -kn "$index/Packages"
apt-ftparchive -o "APT::FTPArchive::Release::Origin=$user" -o "APT::FTPArchive::Release::Suite=$suite" \
  -o "APT::FTPArchive::Release::Codename=$suite" -o APT::FTPArchive::Release::Architectures=amd64 \
  -o APT::FTPArchive::Release::Components=main release "dists/$suite" >Release.part
mv Release.part "dists/$suite/Release"
gpg --batch --quiet --yes --local-user "=$user" --clearsign -o "dists/$suite/InRelease" "dists/$suite/Release"
gpg --batch --quiet --yes --local-user "=$user" --armor --detach-sign -o "dists/$suite/Release.gpg" "dists/$suite/Release"
rm -f key.asc
gpg --batch --quiet --armor --export "=$user" >key.asc
gpgconf --kill all
