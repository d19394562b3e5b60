#!/bin/sh
# others.sh METHOD INTERFACE FILE
# Prints the files, beside FILE, that configure INTERFACE the same way, one a line: they go out of use. Complains and ends with 1 when one of
# them (FILE too) configures further interfaces, which would lose their configuration. Only reads.
method=$1 interface=$2 file=$3
case $method in
netplan) set -- /etc/netplan/*.yaml ;;
networkd) set -- /etc/systemd/network/*.network ;;
interfaces) set -- /etc/network/interfaces /etc/network/interfaces.d/* ;;
ifcfg) set -- /etc/sysconfig/network-scripts/ifcfg-* ;;
*)
  echo "address_method is \"$method\". Choose ifcfg, netplan, networkd or interfaces."
  exit 1
  ;;
esac
bad=0
for one; do
  [ -f "$one" ] || continue
  case $method in
  # The keys that are as far in as the first key below ethernets.
  netplan) names=$(awk '/^ *(ethernets|bonds|bridges|vlans|wifis):/ { base = match($0, /[^ ]/); depth = 0; inside = 1; next }
    inside && /^ *[^ #]/ { at = match($0, /[^ ]/); if (at <= base) { inside = 0; next } if (!depth) depth = at
      if (at == depth) { sub(/^ */, ""); sub(/:.*/, ""); print } }' "$one") ;;
  networkd) names=$(sed -n 's/^Name=//p' "$one" | tr ' ' '\n') ;;
  interfaces) names=$(awk '$1 == "iface" && $2 != "lo" { print $2 }' "$one" | sort -u) ;;
  ifcfg) names=$(sed -n 's/^DEVICE="*\([^"]*\)"*$/\1/p' "$one") ;;
  esac
  printf '%s\n' "$names" | grep -qxF "$interface" || [ "$one" = "$file" ] || continue
  rest=$(printf '%s\n' "$names" | grep -vxF -e "$interface" -e '' | sort -u | tr '\n' ' ')
  if [ -n "$rest" ]; then
    echo "$one configures $rest too, which would be lost. Move that to a file of its own first."
    bad=1
  fi
  [ "$one" = "$file" ] || echo "$one"
done
exit $bad
