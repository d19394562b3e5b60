#!/bin/sh
# grub.sh CONFIG UPDATE VERSION ARGUMENT…
# Prints what the boot menu lacks of the wanted default kernel and arguments, one a line: "entry VERSION" or
# "argument ARGUMENT". Prints "none" when there is no boot loader that could be set. Only reads.
config=$1 update=$2 version=$3
shift 3
command -v "$update" >/dev/null 2>&1 && { [ "$update" = grubby ] || [ -e /etc/default/grub ]; } || {
  echo none
  exit 0
}
if [ "$update" = grubby ]; then
  [ -z "$version" ] || [ "$(grubby --default-kernel)" = "/boot/vmlinuz-$version" ] || echo "entry $version"
  lines=$(grubby --info=ALL | sed -n 's/^args=//p' | tr -d '"')
else
  if [ -n "$version" ]; then
    # The default is set by its identity, or is the first entry.
    id=$(sed -n "s/.*menuentry_id_option '\(gnulinux-$version-advanced-[^']*\)'.*/\1/p" "$config" 2>/dev/null | head -n 1)
    first=$(sed -n 's,^[[:space:]]*linux[^[:space:]]*[[:space:]]*[^[:space:]]*vmlinuz-\([^[:space:]]*\).*,\1,p' "$config" 2>/dev/null | head -n 1)
    chosen=$(sed -n 's/^[[:space:]]*set default="\([^$].*\)"$/\1/p' "$config" 2>/dev/null | tail -n 1)
    case $chosen in
    *">$id") [ -n "$id" ] || echo "entry $version" ;;
    '' | 0) [ "$first" = "$version" ] || echo "entry $version" ;;
    *) echo "entry $version" ;;
    esac
  fi
  lines=$(sed -n '/recovery/d; s,^[[:space:]]*linux[^[:space:]]*[[:space:]]*\([^[:space:]]*vmlinu.*\),\1,p' "$config" 2>/dev/null)
fi
for argument in "$@"; do
  missing=$(printf '%s\n' "$lines" | while read -r line; do
    case " $line " in *" $argument "*) ;; *) echo missing ;; esac
  done | head -n 1)
  [ -z "$missing" ] || echo "argument $argument"
done
