#!/bin/sh
# ansible-core 2.21.5 (PyPI): what a task leaves behind that failed_when calls failed.
#
# Expected: a failed task leaves nothing, whatever module it is: a set_fact that fails by failed_when sets no variable.
# Seen: that holds for set_fact, include_vars and setup. But add_host and group_by have changed the inventory all the same: the host and the group are
# there for the tasks and plays that follow, and the failed result says changed: true.
#
# Why kplay minds: it left both out, so that plays for such a group ran on other hosts than under Ansible.
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
- hosts: all
  gather_facts: false
  ignore_errors: true
  tasks:
    - ansible.builtin.set_fact: {color: blue}
      failed_when: true
    - ansible.builtin.add_host: {name: guest, groups: guests}
      failed_when: true
      register: added
    - ansible.builtin.group_by: {key: grouped}
      failed_when: true
      register: grouped
    - ansible.builtin.debug:
        msg: "color {{ color | default('none') }}, guests {{ groups.guests | default([]) | join }}, grouped {{ groups.grouped | default([]) | join }}, changed {{ added.changed }} {{ grouped.changed }}"
PLAY
"$work/venv/bin/ansible-playbook" -i one, -c local play.yml >log 2>&1 || :
seen=$(sed -n 's/.*"msg": "\(color .*\)"/\1/p' log)
echo "seen: $seen"
[ "$seen" = 'color none, guests guest, grouped one, changed True True' ] || { echo "CHANGED"; cat log; exit 1; }
echo "as described"
