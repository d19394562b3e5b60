#!/bin/sh
# ansible-core 2.21.5 (PyPI): digits with underscores between them in an inventory in INI form, on a host's line and in [all:vars].
#
# Expected: text, as -e login=12_34 gives.
# Seen: the INI form takes such a value for a number and drops the underscores, as Python does in its source code: a password
# 12_34 becomes 1234, without a warning. (YAML 1.1 does so too.) 0x10, 0o17 and 1e3 become 16, 15 and 1000.0; 007 stays text.
#
# Why kplay minds: it reads inventories as Ansible does, so it has to do the same, and roles should never expect such values.
#
# Needs Python 3.12 or newer as $PYTHON (default python3) and PyPI. Works in a temporary directory, with no connection.
set -eu
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ansible-core==2.21.5
export HOME="$work" LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1

cat >"$work/hosts.ini" <<'HOSTS'
one login=12_34 hexadecimal=0x10 octal=0o17 exponent=1e3 zeros=007

[all:vars]
shared=12_34
HOSTS
cat >"$work/hosts.yml" <<'HOSTS'
all: {hosts: {one: {login: 12_34}}}
HOSTS
cat >"$work/play.yml" <<'PLAY'
- hosts: one
  gather_facts: false
  tasks:
    - debug: {msg: "{% for name in ['login', 'shared', 'hexadecimal', 'octal', 'exponent', 'zeros'] %}{{ name }}={{ lookup('vars', name, default='') | string }} {% endfor %}"}
PLAY
show() { "$work/venv/bin/ansible-playbook" "$@" "$work/play.yml" 2>/dev/null | sed -n 's/.*"msg": "\(.*\)"/\1/p'; }
ini=$(show -i "$work/hosts.ini")
yaml=$(show -i "$work/hosts.yml")
extra=$(show -i "$work/hosts.yml" -e login=12_34)
echo "INI:  $ini"
echo "YAML: $yaml"
echo "-e:   $extra"
[ "$ini" = "login=1234 shared=1234 hexadecimal=16 octal=15 exponent=1000.0 zeros=007 " ] || { echo "CHANGED: INI"; exit 1; }
[ "${yaml%% *}" = "login=1234" ] || { echo "CHANGED: YAML"; exit 1; }
[ "${extra%% *}" = "login=12_34" ] || { echo "CHANGED: -e"; exit 1; }
echo "as described"
