#!/bin/sh
# ansible-core 2.21.5 (PyPI): serial in a play behind one in which hosts failed.
#
# Expected: batches are made of the hosts that are still in the run: with serial 2 and b, d and e left of five, b and d, then e. And max_fail_percentage
# counts those.
# Seen: hosts that failed keep their places, so that the batches are b, d and e: one of "a b", one of "c d", and the fifth. With the first
# of four hosts gone and serial 4, one further failure is two of four, 50 %, so that max_fail_percentage 40 ends the run; of three it would be 33 %.
#
# Why kplay minds: it made batches of who was left, so a playbook took other hosts together than under Ansible.
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
play() { "$work/venv/bin/ansible-playbook" -i a,b,c,d,e, -c local "$@" 2>&1; }

cat >batches.yml <<'PLAY'
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.fail: {msg: out}
      when: inventory_hostname in ['a', 'c']
- hosts: all
  gather_facts: false
  serial: 2
  tasks:
    - ansible.builtin.debug: {msg: "batch {{ ansible_play_batch | join(' ') }}"}
      run_once: true
PLAY
cat >percentage.yml <<'PLAY'
- hosts: a
  gather_facts: false
  tasks:
    - ansible.builtin.fail: {msg: out}
- hosts: a,b,c,d
  gather_facts: false
  serial: 4
  max_fail_percentage: 40
  tasks:
    - ansible.builtin.fail: {msg: out}
      when: inventory_hostname == 'b'
    - ansible.builtin.debug: {msg: goes on}
PLAY
batches=$(play batches.yml | sed -n 's/.*"msg": "batch \(.*\)"/\1/p' | paste -sd, -)
play percentage.yml >percentage.log || :
went=$(grep -c 'goes on' percentage.log || :)
echo "batches: $batches"
echo "after two of four failed, at most 40 %: $went hosts go on"
[ "$batches" = 'b,d,e' ] || { echo "CHANGED: batches"; exit 1; }
[ "$went" = 0 ] || { echo "CHANGED: percentage"; exit 1; }
echo "as described"
