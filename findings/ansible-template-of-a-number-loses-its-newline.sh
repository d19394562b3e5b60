#!/bin/sh
# ansible-core 2.21.5 (PyPI): the newline at the end of a template file whose whole content is one number.
#
# Expected: the module template writes what stands in the file: `{{ name }}` and a newline become the value and a newline, whatever the value's type.
# Seen: only where the value is text. A number (int, float) or a bool is written without the newline, since a template of one expression keeps its type
# and the newline is put back to text alone. One more character in the file, and the newline is there again.
#
# Why kplay minds: files like /etc/hostname and a file that holds a port are made so. kplay keeps the newline; a file that Ansible wrote is
# "changed" once.
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

printf '{{ text }}\n' >text.j2
printf '{{ port }}\n' >number.j2
printf '{{ share }}\n' >float.j2
printf '{{ port }};\n' >more.j2
cat >play.yml <<'PLAY'
- hosts: localhost
  connection: local
  gather_facts: false
  vars: {text: eighty, port: 80, share: 0.5, ansible_python_interpreter: "{{ ansible_playbook_python }}"}
  tasks:
    - ansible.builtin.template: {src: "{{ item }}.j2", dest: "{{ playbook_dir }}/{{ item }}.out"}
      loop: [text, number, float, more]
PLAY
"$work/venv/bin/ansible-playbook" -i localhost, play.yml >log 2>&1 || { cat log; exit 1; }
for name in text number float more; do
  printf '%s: %s\n' "$name" "$(od -An -c "$name.out" | tr -s ' ')"
done >seen
cat seen
cat >expected <<'SEEN'
text:  e i g h t y \n
number:  8 0
float:  0 . 5
more:  8 0 ; \n
SEEN
cmp -s seen expected || { echo "CHANGED"; exit 1; }
echo "as described"
