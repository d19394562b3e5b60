#!/bin/sh
# ansible-core 2.21.5 (PyPI): copy with content and a dest that is a symbolic link to a directory.
#
# Expected: an error, the link replaced by a file, or a file in the directory under a name that was asked for.
# Seen: no error. Every run writes one more file into the directory, hidden and with a random name, and reports "changed";
# it never converges, and nothing tells the file's name but the directory.
#
# Why kplay minds: content that is asked for again and again piles up in the linked directory. kplay replaces the link.
#
# Needs Python 3.12 or newer as $PYTHON (default python3) and PyPI. Works in a temporary directory, with local connections only.
set -eu
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ansible-core==2.21.5
export HOME="$work" LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=0
"$work/venv/bin/ansible" --version | sed -n 1p

cat >"$work/play.yml" <<PLAY
- hosts: all
  gather_facts: false
  tasks:
    - ansible.builtin.copy: {content: "text", dest: "$work/link"}
PLAY
mkdir "$work/directory"
ln -s directory "$work/link"

for run in 1 2 3; do
  "$work/venv/bin/ansible-playbook" -i host, -c local -e "ansible_python_interpreter=$work/venv/bin/python" "$work/play.yml" >"$work/output" 2>&1 ||
    { cat "$work/output"; echo "CHANGED: run $run fails now"; exit 1; }
  grep -q '^changed: \[host\]' "$work/output" || { cat "$work/output"; echo "CHANGED: run $run is not changed"; exit 1; }
  count=$(find "$work/directory" -type f -name '.*' | wc -l)
  echo "run $run: changed, $count hidden files in the directory"
  [ "$count" = "$run" ] || { ls -la "$work/directory"; echo "CHANGED: another number of files"; exit 1; }
done
[ -L "$work/link" ] || { echo "CHANGED: the link is gone"; exit 1; }
echo "as described: one more hidden file with each run"
