#!/bin/sh
# swap.sh STATE_FOLDER
# Where kplay turned swap off once (STATE_FOLDER/swap-off is there), prints what is on again, or would be after the next boot,
# one a line. Only reads.
[ -e "$1/swap-off" ] || exit 0
awk 'NR > 1 { print $1 " is on (" $2 ")" }' /proc/swaps
awk '!/^[[:space:]]*#/ && $3 == "swap" { print "/etc/fstab names " $1 }' /etc/fstab
systemctl list-unit-files --type=swap --state=generated,static,enabled --no-legend 2>/dev/null | awk '{ print $1 }' |
  while read -r unit; do
    source=$(systemctl show -p SourcePath "$unit" | cut -d = -f 2-)
    case $source in
    /etc/fstab) ;; # Said already.
    '') echo "the unit $unit turns it on (systemctl cat $unit)" ;;
    *) echo "the unit $unit turns it on, made from $source" ;;
    esac
  done
exit 0
