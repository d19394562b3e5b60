#!/bin/sh
# ansible-core 2.21.5 (PyPI): what `register` keeps of a debug whose message is None.
#
# Expected: the result has the key msg with the value None, as up to 2.18, so that `result.msg is none` is true.
# Seen: the key is not there at all. What prints the result shows an empty dict, and a later `{{ result.msg }}` fails with "has no attribute 'msg'".
# A list that holds None, and a variable that is shown by `var`, are kept.
#
# Why kplay minds: it kept the None, and so took the other branch of what a playbook asks of such a result.
#
# Needs Python 3.12 or newer as $PYTHON (default python3) and PyPI. Works in a temporary directory, with no connection.
set -eu
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ansible-core==2.21.5
export HOME="$work" LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1
cd "$work"

cat >play.yml <<'PLAY'
- hosts: localhost
  connection: local
  gather_facts: false
  vars: {nothing: null}
  tasks:
    - ansible.builtin.debug: {msg: "{{ nothing }}"}
      register: alone
    - ansible.builtin.debug: {msg: ["{{ nothing }}"]}
      register: listed
    - ansible.builtin.debug: {var: nothing}
      register: shown
    - ansible.builtin.debug:
        msg: "alone {{ alone.msg is defined }}, listed {{ listed.msg is defined }}, shown {{ shown.nothing is none }}"
PLAY
"$work/venv/bin/ansible-playbook" -i localhost, play.yml >log 2>&1 || { cat log; exit 1; }
seen=$(sed -n 's/.*"msg": "\(alone .*\)"/\1/p' log)
echo "seen: $seen"
[ "$seen" = 'alone False, listed True, shown True' ] || { echo "CHANGED"; cat log; exit 1; }
echo "as described"
