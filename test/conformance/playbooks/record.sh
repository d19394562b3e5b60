#!/bin/sh
# Records what real ansible-playbook (ansible-core 2.21.5 or newer, from PyPI) prints for the playbooks here.
# Usage: record.sh [NAME…], without names for all but those that begin with "# Part of"; ANSIBLE_PLAYBOOK is the program.
# A line `# arguments: …` of a playbook holds more of them, a line `# environment: …` variables of the environment.
# One host at a time, so that the order is always the same. The test compares kplay's output with it, so run this again after changing a playbook.
cd "$(dirname "$0")" || exit 1
mkdir -p recorded
export ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false ANSIBLE_RETRY_FILES_ENABLED=false
program=${ANSIBLE_PLAYBOOK:-ansible-playbook}
if [ $# -eq 0 ]; then
  for playbook in $(grep -L '^# Part of' ./*.yml); do
    name=${playbook%.yml}
    set -- "$@" "${name#./}"
  done
  "$program" --version | sed -n 1p >recorded/VERSION
fi
for name in "$@"; do
  playbook=$name.yml
  arguments=$(sed -n 's/^# arguments: //p' "$playbook")
  environment=$(sed -n 's/^# environment: //p' "$playbook")
  # shellcheck disable=SC2086 # several words
  env COLUMNS=80 $environment "$program" -f 1 -i inventory.ini $arguments "$playbook" </dev/null >"recorded/$name.txt" 2>/dev/null
  echo "exit code $?" >>"recorded/$name.txt"
  # Paths differ from checkout to checkout.
  sed -i "s#$PWD/##g" "recorded/$name.txt"
done
