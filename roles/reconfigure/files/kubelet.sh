#!/bin/sh
# kubelet.sh see FLAGS: prints the kubelet's environment file with the flags of the file FLAGS (name=value, a line each), when it
# is another one or a run was cut off while it changed the kubelet.
# kubelet.sh use FOLDER FLAGS SECONDS: puts these flags and FOLDER/kubelet.yaml, the configuration, in place, starts the kubelet again, and waits
# until it is well. A kubelet that does not come up gets back what it had.
set -u
umask 077
action=$1
shift
environment=/var/lib/kubelet/kubeadm-flags.env
configuration=/var/lib/kubelet/config.yaml

# The environment file with the flags of the file FLAGS; flags of other names stay.
with_flags() {
  kept=
  for flag in $(sed -n 's/^KUBELET_KUBEADM_ARGS=//p' "$environment" 2>/dev/null | tr -d '"'); do
    name=${flag#--}
    name=${name%%=*}
    ! grep -q "^$name=" "$flags" || grep -qxF -- "${flag#--}" "$flags" || continue
    kept="$kept $flag"
  done
  while IFS= read -r wanted; do
    case "$kept " in *" --$wanted "*) ;; *) kept="$kept --$wanted" ;; esac
  done <"$flags"
  printf 'KUBELET_KUBEADM_ARGS="%s"\n' "${kept# }"
}

well() {
  [ "$(systemctl is-active kubelet)" = active ] && [ "$(curl -s --max-time 3 http://127.0.0.1:10248/healthz)" = ok ]
}

# Well, in one process for five seconds.
works() {
  steady=0 last=
  for second in $(seq "$1"); do
    process=$(systemctl show -p MainPID --value kubelet)
    if well && [ "$process" = "$last" ]; then
      steady=$((steady + 1))
      [ "$steady" -ge 5 ] && return 0
    else
      steady=0
    fi
    last=$process
    sleep 1
  done
  return 1
}

see() {
  flags=$1
  # The folder is there while a kubelet is being changed.
  [ ! -e "${flags%/*}/kubelet" ] && with_flags | cmp -s - "$environment" || with_flags
}

use() {
  folder=$1 flags=$2
  mkdir -p "$folder/kubelet"
  # A run that was cut off has left what was there before it.
  [ -e "$folder/kubelet/config.yaml" ] || cp -p "$environment" "$configuration" "$folder/kubelet/" || return
  with_flags >"$environment.kplay" && mv "$environment.kplay" "$environment"
  cp "$folder/kubelet.yaml" "$configuration.kplay" && chmod 644 "$configuration.kplay" && mv "$configuration.kplay" "$configuration"
  systemctl restart kubelet
  works "$3" && { rm -rf "$folder/kubelet"; return 0; }
  # A kubelet that gives up shows all its threads after its last words.
  words=$(journalctl -u kubelet -o cat -n 3000 --no-pager | grep -E '^(E|F)[0-9]{4}|[Ee]rror' | tail -n 2 | cut -c 1-400)
  cp -p "$folder/kubelet/kubeadm-flags.env" "$environment"
  cp -p "$folder/kubelet/config.yaml" "$configuration"
  systemctl restart kubelet
  if works "$3"; then echo "The kubelet does not come up with its new settings and has the earlier ones again. It says: $words" >&2
  else echo "The kubelet comes up neither with its new settings nor with the earlier ones. It says: $words" >&2; fi
  rm -rf "$folder/kubelet"
  return 1
}

"$action" "$@"
