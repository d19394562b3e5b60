#!/bin/sh
# ansible-core 2.21.5 (PyPI) where libxcrypt is (any current Linux distribution): the filter password_hash with a salt of one's own.
#
# Expected: the salt stands in the hash as it was given, as up to 2.18, with passlib and with `openssl passwd -6 -salt`.
# Seen: its characters are handed to crypt_gensalt as random bytes, which makes another, shorter salt of them: mysalt (6 characters)
# becomes hZrQ (4). So the same password and the same salt give another hash than before, without a word. A play that sets users'
# passwords with a fixed salt, so that it does not change them each time, changes all of them at the update; and a hash that was made
# by 2.18 and one by 2.21 for the same data never compare equal.
#
# Why kplay minds: operators give a fixed salt in order that nothing changes. It keeps the salt as it is given (docs/playbooks.md).
#
# Needs Python 3.12 or newer as $PYTHON (default python3), openssl and PyPI. Works in a temporary directory, with no connection.
set -eu
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1
hash_of() {
  "$python" -m venv "$work/$1"
  "$work/$1/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$1" passlib==1.7.4
  "$work/$1/bin/ansible" localhost -m debug -a "msg={{ 'secret' | password_hash('sha512', 'mysalt', rounds=5000) }}" 2>/dev/null |
    sed -n 's/.*"msg": "\(.*\)"/\1/p'
}
older=$(hash_of 2.18.9)
newer=$(hash_of 2.21.5)
openssl=$(openssl passwd -6 -salt mysalt secret)
echo "2.18.9:  $older"
echo "2.21.5:  $newer"
echo "openssl: $openssl"
[ "$older" = "$openssl" ] || { echo "CHANGED: 2.18.9 and openssl differ"; exit 1; }
case $newer in
"\$6\$hZrQ\$"*) echo "as described" ;;
*) echo "CHANGED: 2.21.5"; exit 1 ;;
esac
