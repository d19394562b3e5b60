#!/bin/sh
# Makes FOLDER, with .deb files in a pool/ (or amd64/), a signed apt repository with the suite SUITE, and puts the key beside it. A SUITE of /
# makes a flat one, whose index lies in FOLDER itself. Usage: publish.sh FOLDER SUITE KEY
set -eu
folder=$1 suite=$2
user="kplay lab $3"
GNUPGHOME=$LAB_CACHE/gnupg-$(echo "$3" | tr ' ' -)
export GNUPGHOME
mkdir -p -m 0700 "$GNUPGHOME"
if ! gpg --batch --quiet --list-secret-keys "=$user" >/dev/null 2>&1; then
  gpg --batch --quiet --passphrase '' --pinentry-mode loopback --quick-generate-key "$user" ed25519 sign never
fi
cd "$folder"
if [ "$suite" = / ]; then
  top=. index=. packages=amd64
  rm -f Packages* Release* InRelease
  set --
else
  top=dists/$suite index=dists/$suite/main/binary-amd64 packages=pool
  rm -rf dists
  mkdir -p "$index"
  set -- -o "APT::FTPArchive::Release::Suite=$suite" -o "APT::FTPArchive::Release::Codename=$suite" \
    -o APT::FTPArchive::Release::Components=main
fi
apt-ftparchive packages "$packages" >"$index/Packages"
gzip -kn "$index/Packages"
apt-ftparchive -o "APT::FTPArchive::Release::Origin=$user" -o APT::FTPArchive::Release::Architectures=amd64 "$@" \
  release "$top" >.Release.part
mv .Release.part "$top/Release"
gpg --batch --quiet --yes --local-user "=$user" --clearsign -o "$top/InRelease" "$top/Release"
gpg --batch --quiet --yes --local-user "=$user" --armor --detach-sign -o "$top/Release.gpg" "$top/Release"
rm -f key.asc
gpg --batch --quiet --armor --export "=$user" >key.asc
gpgconf --kill all
