#!/bin/sh
# ansible-core 2.21.5 with Jinja2 3.1.6 (PyPI): two places where Jinja itself has a default for what is undefined.
#
# Expected, as plain Jinja2 and ansible-core 2.18 give it: groupby('k', default=...) puts an element without k under the default, and
# default('z') behind an inline if without else gives z.
# Seen: groupby fails with "has no attribute 'k'" although a default is given (map(attribute='k', default=...) takes its own), and
# `('a' if false) | default('z')` gives nothing where it is part of a text, and alone fails with "Type 'Undefined' is unsupported for
# variable storage", which names neither the variable nor the filter.
#
# Why kplay minds: playbooks that 2.18 ran fail or print an empty place. kplay does what Jinja2 says by both sets of rules.
#
# Needs Python 3.12 or newer as $PYTHON (default python3) and PyPI. Works in a temporary directory, with no connection.
set -eu
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export HOME="$work" LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1
cat >"$work/play.yml" <<'PLAY'
- hosts: localhost
  connection: local
  gather_facts: false
  vars: {all: [{n: 1, k: x}, {n: 2}]}
  tasks:
    - {debug: {msg: "mapped {{ all | map(attribute='k', default='none') | join(' ') }}"}}
    - {debug: {msg: "grouped {{ all | groupby('k', default='none') | map(attribute=0) | join(' ') }}"}, ignore_errors: true}
    - {debug: {msg: "chosen {{ ('a' if false) | default('z') }}"}}
    - {debug: {msg: "{{ ('a' if false) | default('z') }}"}, ignore_errors: true}
PLAY
run() {
  "$python" -m venv "$work/$1"
  "$work/$1/bin/pip" install --quiet --disable-pip-version-check "ansible-core==$1" jinja2==3.1.6
  "$work/$1/bin/ansible-playbook" "$work/play.yml" 2>/dev/null | sed -n 's/.*"msg": "\(.*\)".*/\1/p' | sed 's/.*: \(object of type\)/\1/; s/.*: \(Type\)/\1/'
}
older=$(run 2.18.9)
newer=$(run 2.21.5)
printf '2.18.9:\n%s\n2.21.5:\n%s\n' "$older" "$newer"
[ "$older" = "$(printf '%s\n' 'mapped x none' 'grouped none x' 'chosen z' 'z')" ] || { echo "CHANGED: 2.18.9"; exit 1; }
[ "$newer" = "$(printf '%s\n' 'mapped x none' "object of type 'dict' has no attribute 'k'" 'chosen ' "Type 'Undefined' is unsupported for variable storage.")" ] ||
  { echo "CHANGED: 2.21.5"; exit 1; }
echo "as described"
