#!/bin/sh
# Signs the RPM packages in FOLDER and makes it a repository of dnf and yum, with its metadata signed and the key beside it.
# Usage: rpm-publish.sh FOLDER KEY
set -eu
folder=$1
user="kplay lab RPM $2"
export GNUPGHOME="$LAB_CACHE/gnupg-rpm-$2"
mkdir -p -m 0700 "$GNUPGHOME"
if ! gpg --batch --quiet --list-secret-keys "=$user" >/dev/null 2>&1; then
  gpg --batch --quiet --passphrase '' --pinentry-mode loopback --quick-generate-key "$user" rsa2048 sign never
fi
rpmsign --define '__gpg /usr/bin/gpg' --define "_gpg_name $user" --define '_binary_payload w.ufdio' --addsign "$folder"/*.rpm >/dev/null
rm -rf "$folder/repodata"
createrepo_c --quiet --compress-type gz --workers 2 "$folder"
gpg --batch --quiet --yes --local-user "=$user" --armor --detach-sign "$folder/repodata/repomd.xml"
rm -f "$folder/key.asc"
gpg --batch --quiet --armor --export "=$user" >"$folder/key.asc"
gpgconf --kill all
