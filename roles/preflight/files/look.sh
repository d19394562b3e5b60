#!/bin/sh
# look.sh ADDRESS POD_NETWORKS SERVICE_NETWORKS VIP SWAP_OFF PACKAGE
# Prints what the role preflight wants to know of this host, a line each, by its first word:
#   fault SENTENCE      an address or a network that is wrong
#   identity VALUE      the machine-id, and the network card's address
#   cgroup KIND         cgroup2fs with cgroup v2
#   kubelet VERSION     the version of the package kubelet, on a host that a cluster has
#   swap SENTENCE       what turns swap on again, where the file SWAP_OFF says that kplay turned it off (empty: nobody asks)
#   containerd VERSION  the containerd that is there, or that apt would bring as PACKAGE (empty: nobody asks)
# SWAP_UNITS, in the environment, are commands that print the units which turn swap on.
# Networks are one, or one of IPv4 and one of IPv6 with a comma between. Only reads.
address=$1 pods=$2 services=$3 vip=$4 swap_off=$5 package=$6
PATH=$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/sbin

# "interface address/length" of the interface that carries the host's address.
line=$(ip -o addr show to "$address" 2>/dev/null | awk 'NR == 1 { print $2, $4 }')
interface=${line% *} own=${line#* }

awk -v address="$address" -v pods="$pods" -v services="$services" -v vip="$vip" -v interface="$interface" -v own="$own" '
function fault(text) { print "fault " text }

# The bits of COUNT of a number.
function binary(number, count,    text) {
  text = ""
  while (count-- > 0) { text = number % 2 text; number = int(number / 2) }
  return text
}

# A hexadecimal number of up to four digits, or -1.
function hexadecimal(text,    at, digit, number) {
  if (text == "" || length(text) > 4) return -1
  number = 0
  for (at = 1; at <= length(text); at++) {
    digit = index("0123456789abcdef", tolower(substr(text, at, 1))) - 1
    if (digit < 0) return -1
    number = number * 16 + digit
  }
  return number
}

# The words of one side of an IPv6 address as bits, or "wrong"; how many there are is added to words.
function side(text,    count, at, parts, number, all) {
  if (text == "") return ""
  count = split(text, parts, ":")
  all = ""
  for (at = 1; at <= count; at++) {
    number = hexadecimal(parts[at])
    if (number < 0) return "wrong"
    all = all binary(number, 16)
    words++
  }
  return all
}

# The bits of an address, 32 or 128, or nothing.
function bits(text,    parts, at, all, left, right, gap) {
  if (text ~ /^[0-9.]+$/) {
    if (split(text, parts, ".") != 4) return ""
    all = ""
    for (at = 1; at <= 4; at++) {
      if (parts[at] !~ /^[0-9]+$/ || parts[at] > 255) return ""
      all = all binary(parts[at] + 0, 8)
    }
    return all
  }
  if (text !~ /^[0-9A-Fa-f:]+$/) return ""
  words = 0
  gap = index(text, "::")
  left = side(gap ? substr(text, 1, gap - 1) : text)
  right = gap ? side(substr(text, gap + 2)) : ""
  if (left == "wrong" || right == "wrong" || words > 8 || (words == 8) == (gap > 0)) return ""
  while (words++ < 8) left = left binary(0, 16)
  return left right
}

# Bits as an address.
function written(all,    at, text, number, digit) {
  text = ""
  for (at = 1; at <= length(all); at += length(all) == 32 ? 8 : 16) {
    number = 0
    for (digit = at; digit < at + (length(all) == 32 ? 8 : 16); digit++) number = number * 2 + substr(all, digit, 1)
    text = text (at > 1 ? (length(all) == 32 ? "." : ":") : "") sprintf(length(all) == 32 ? "%d" : "%x", number)
  }
  return text
}

# The first address of the network that holds these bits.
function first(all, size,    text) {
  text = substr(all, 1, size)
  while (length(text) < length(all)) text = text "0"
  return text
}

# Looks at the networks of a variable; those that are sound are kept for comparison.
function networks(name, text,    count, at, parts, all, size, start, family) {
  count = split(text, parts, ",")
  if (count > 2) fault(name " names " count " networks. Write one, or one of IPv4 and one of IPv6.")
  family = 0
  for (at = 1; at <= count; at++) {
    size = parts[at]; sub(/^[^\/]*\/?/, "", size)
    start = parts[at]; sub(/\/.*/, "", start)
    all = bits(start)
    if (all == "" || size !~ /^[0-9]+$/ || size + 0 > length(all)) {
      fault(name " is \"" parts[at] "\", which is no network. Write it as ADDRESS/LENGTH, e.g. 10.244.0.0/16.")
      continue
    }
    start = written(first(all, size))
    if (first(all, size) != all) {
      fault(name " is " parts[at] ", which is no network address: with /" size " the network that holds it starts at " start ". Write " start "/" size ", or a longer prefix that fits.")
      continue
    }
    if (family == length(all)) fault(name " names two networks of one kind. Write one of IPv4 and one of IPv6.")
    family = length(all)
    apart(name, parts[at], all, size)
  }
}

# Complains when a network overlaps one of another name, and keeps it.
function apart(name, text, all, size,    at, shortest) {
  for (at = 1; at <= known; at++) {
    shortest = size + 0 < sizes[at] + 0 ? size : sizes[at]
    if (names[at] != name && length(all) == length(starts[at]) && substr(all, 1, shortest) == substr(starts[at], 1, shortest))
      fault(names[at] " " texts[at] " and " name " " text " overlap. Change one of them: an address must belong to one network only.")
  }
  known++
  names[known] = name; texts[known] = text; starts[known] = all; sizes[known] = size
}

BEGIN {
  networks("kubernetes_pod_network", pods)
  networks("kubernetes_service_network", services)
  if (own == "") {
    fault("No interface of this host has the address " address ". Set kubernetes_node_address (or ansible_host) to one that it has.")
    exit
  }
  size = own; sub(/.*\//, "", size)
  start = own; sub(/\/.*/, "", start)
  all = first(bits(start), size)
  hosts = written(all) "/" size
  apart("the hosts\047 network", hosts, all, size)
  if (vip == "") exit
  if (bits(vip) == "") fault("kubernetes_api_vip is \"" vip "\", which is no address.")
  else if (first(bits(vip), size) != all)
    fault("kubernetes_api_vip " vip " is outside " hosts ", the network of the load balancer\047s interface " interface ". Choose a free address in it.")
}'

echo "identity $(cat /etc/machine-id 2>/dev/null)"
# An interface without hardware has zeros.
[ -z "$interface" ] || sed -n '/[1-9a-f]/s/^/identity /p' "/sys/class/net/$interface/address" 2>/dev/null
echo "cgroup $(stat -f -c %T /sys/fs/cgroup 2>/dev/null)"

if [ -s /etc/kubernetes/kubelet.conf ]; then
  kubelet=$(dpkg-query -W -f '${Version}' kubelet 2>/dev/null) || kubelet=$(rpm -q --qf '%{VERSION}' kubelet 2>/dev/null) || kubelet=
  echo "kubelet ${kubelet%%-*}"
fi

if [ -n "$swap_off" ] && [ -e "$swap_off" ]; then
  awk 'NR > 1 { print "swap " $1 " is on (" $2 ")" }' /proc/swaps
  awk '!/^[[:space:]]*#/ && $3 == "swap" { print "swap /etc/fstab names " $1 }' /etc/fstab
  sh -c "$SWAP_UNITS" |
    while read -r unit; do
      source=$(systemctl show -p SourcePath "$unit" | cut -d = -f 2-)
      case $source in
      /etc/fstab) ;; # Said already.
      '') echo "swap the unit $unit turns it on (systemctl cat $unit)" ;;
      *) echo "swap the unit $unit turns it on, made from $source" ;;
      esac
    done
fi

[ -n "$package" ] || exit 0
there=$(containerd --version 2>/dev/null | awk '{ print $3 }')
[ -n "$there" ] || there=$(apt-cache policy "$package" 2>/dev/null | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }')
echo "containerd $(echo "$there" | sed -n 's/^[^0-9]*\([0-9][0-9]*\.[0-9][0-9]*\.[0-9][0-9]*\).*/\1/p')"
exit 0
