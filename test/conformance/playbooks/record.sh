#!/bin/sh
# Records what real ansible-playbook prints for the playbooks here (Debian: apt-get install ansible-core).
# One host at a time, so that the order is always the same. The test compares kplay's output with it, so run this again after changing a playbook.
cd "$(dirname "$0")" || exit 1
mkdir -p recorded
export ANSIBLE_NOCOLOR=1 ANSIBLE_LOCALHOST_WARNING=false ANSIBLE_INVENTORY_UNPARSED_WARNING=false ANSIBLE_RETRY_FILES_ENABLED=false
for playbook in *.yml; do
  case $playbook in included.yml | vars-file.yml) continue ;; esac
  name=${playbook%.yml}
  COLUMNS=80 ansible-playbook -f 1 -i inventory.ini "$playbook" >"recorded/$name.txt" 2>/dev/null
  echo "exit code $?" >>"recorded/$name.txt"
  # Paths differ from checkout to checkout.
  sed -i "s#$PWD/##g" "recorded/$name.txt"
done
ansible-playbook --version | sed -n 1p >recorded/VERSION
