#!/bin/sh
# key.sh DAYS file FILE...   prints of each file KIND STATE DATE: KIND is asc (armored), gpg or none (no such file)
# key.sh DAYS rpm          prints of each key of Kubernetes' packages that rpm knows NAME STATE DATE
# STATE is ended, ends (in fewer than DAYS days), well, or unknown (no key that can be read); DATE the day of the end (or never, or -).
# Needs no gpg, which hosts have not. Only reads.
days=$1 what=$2
shift 2
now=$(date +%s)

# When the OpenPGP key on standard input ends, in seconds since 1970: of several the latest end. "never", or "unknown".
# A key's end stands in its latest signature by itself (subpacket 9, seconds after the key was made): a key that is extended gets another.
ends() {
  od -An -v -tu1 | awk '
  { for (at = 1; at <= NF; at++) byte[count++] = $at }

  function number(at, size,    value) {
    value = 0
    while (size-- > 0) value = value * 256 + byte[at++]
    return value
  }

  # Reads the subpackets of a signature: when it was made, how long its key lasts, and whether it is one of the key by itself: those say what the
  # key is for (27) or how long it lasts, those of other keys neither.
  function read(at, stop,    size) {
    made = 0; lasts = 0; own = 0
    while (at < stop) {
      size = byte[at++]
      if (size == 255) { size = number(at, 4); at += 4 }
      else if (size >= 192) size = (size - 192) * 256 + byte[at++] + 192
      if (size < 1) return
      if (byte[at] % 128 == 2) made = number(at + 1, 4)
      if (byte[at] % 128 == 9) { lasts = number(at + 1, 4); own = 1 }
      if (byte[at] % 128 == 27) own = 1
      at += size
    }
  }

  # Takes the end of the key that was read before.
  function note(    ends) {
    if (!latest) return
    ends = latest_lasts ? born + latest_lasts : -1
    if (!seen || ends < 0 || (all >= 0 && ends > all)) all = ends
    seen = 1
    latest = 0
  }

  END {
    at = 0
    while (at < count) {
      tag = byte[at++]
      if (tag < 128) break
      if (tag >= 192) {
        tag -= 192
        size = byte[at++]
        if (size == 255) { size = number(at, 4); at += 4 }
        else if (size >= 224) break
        else if (size >= 192) size = (size - 192) * 256 + byte[at++] + 192
      } else {
        kind = tag % 4
        tag = int((tag - 128) / 4)
        if (kind == 3) break
        kind = kind == 0 ? 1 : kind * 2
        size = number(at, kind)
        at += kind
      }
      if (tag == 6) { note(); born = number(at + 1, 4); main = 1 }
      if (tag == 14) main = 0
      # Signatures, version 4, of a name (0x10 to 0x13) and of the key itself (0x1f).
      if (tag == 2 && main && byte[at] == 4 && ((byte[at + 1] >= 16 && byte[at + 1] <= 19) || byte[at + 1] == 31)) {
        read(at + 6, at + 6 + number(at + 4, 2))
        if (own && made > latest) { latest = made; latest_lasts = lasts }
      }
      at += size
    }
    note()
    print !seen ? "unknown" : all < 0 ? "never" : sprintf("%.0f", all)
  }'
}

# An armored key without its armor, headers and checksum.
bare() {
  awk '/-BEGIN PGP/ { inside = 1; next } /-END PGP/ { inside = 0 } inside && !/:/ && !/^=/ && NF { print }' | tr -d '\r\n ' | base64 -d 2>/dev/null
}

# The second and third word, of an end.
told() {
  case $1 in
  unknown) echo "unknown -" ;;
  never) echo "well never" ;;
  *)
    # In awk, as some shells count no further than to 2038.
    awk -v ends="$1" -v now="$now" -v days="$days" -v day="$(date -u -d "@$1" +%Y-%m-%d)" 'BEGIN {
      print (ends + 0 <= now + 0 ? "ended" : ends + 0 <= now + days * 86400 ? "ends" : "well") " " day }'
    ;;
  esac
}

if [ "$what" = rpm ]; then
  rpm -q gpg-pubkey --qf '%{name}-%{version}-%{release} %{packager} %{summary}\n' 2>/dev/null | grep -i kubernetes | while read -r name rest; do
    echo "$name $(told "$(rpm -q "$name" --qf '%{description}\n' | bare | ends)")"
  done
  exit 0
fi
for file; do
  if [ ! -e "$file" ]; then
    echo "none unknown -"
  elif grep -aq -e '-BEGIN PGP' "$file"; then
    echo "asc $(told "$(bare <"$file" | ends)")"
  else
    echo "gpg $(told "$(ends <"$file")")"
  fi
done
