#!/bin/sh
# ansible-core 2.21.5 (PyPI): a group of a replacement, written with two backslashes, in a folded text of a playbook and in a template file.
#
# Expected: the expression {{ 'a:b' | regex_replace('^.*:(.*)$', '\\1') }} means the same wherever its characters are the same. In Jinja
# '\\1' is a backslash and a 1, which names the group.
# Seen: in a template file it gives b. In a folded text (>-) of a playbook, where YAML leaves backslashes alone, it gives \1, literally: each
# backslash in a template that comes out of YAML is doubled before Jinja reads it. There '\1' gives b, and so does '\\1' in double
# quotes, where YAML has taken one of the two. No error, no warning.
#
# Why kplay minds: it doubles them as well, and a role of it named an image "etcd:\1" after a text had moved from quotes into a folded one
# (test/roles/backslashes.test.ts keeps that out).
#
# Needs Python 3.12 or newer as $PYTHON (default python3) and PyPI. Works in a temporary directory, with no connection.
set -eu
python=${PYTHON:-python3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$python" -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet --disable-pip-version-check ansible-core==2.21.5
export HOME="$work" LC_ALL=C.UTF-8 ANSIBLE_NOCOLOR=1

cat >"$work/file.j2" <<'TEMPLATE'
{{ 'a:b' | regex_replace('^.*:(.*)$', '\\1') }}
TEMPLATE
cat >"$work/play.yml" <<'PLAY'
- hosts: localhost
  gather_facts: false
  vars:
    folded: >-
      {{ 'a:b' | regex_replace('^.*:(.*)$', '\\1') }}
    folded_once: >-
      {{ 'a:b' | regex_replace('^.*:(.*)$', '\1') }}
    quoted: "{{ 'a:b' | regex_replace('^.*:(.*)$', '\\1') }}"
    file: "{{ lookup('ansible.builtin.template', 'file.j2') | trim }}"
  tasks:
    - ansible.builtin.copy: {content: "{{ folded }} {{ folded_once }} {{ quoted }} {{ file }}", dest: "{{ playbook_dir }}/seen"}
PLAY
"$work/venv/bin/ansible-playbook" -i localhost, -c local -e "ansible_python_interpreter=$work/venv/bin/python" "$work/play.yml" >"$work/log" 2>&1 || { cat "$work/log"; exit 1; }
read -r folded once quoted file <"$work/seen" || :
printf 'folded, two backslashes: %s\nfolded, one: %s\nquoted, two: %s\nfile, two: %s\n' "$folded" "$once" "$quoted" "$file"
[ "$folded $once $quoted $file" = '\1 b b b' ] || { echo "CHANGED"; exit 1; }
echo "as described"
