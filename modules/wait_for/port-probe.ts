import { quote } from '../shared/shell-quote.ts';

/** What a {@link portProbe} tries to reach. */
export interface Port {
  /** Address or name, as the host sees it. */
  readonly address: string;
  readonly number: number;
  /** Seconds that the attempt may take. */
  readonly seconds: number;
  /** Whether what the other side sends is read, too. */
  readonly read: boolean;
}

/** Exit code of {@link portProbe} when the host has nothing that can tell. */
export const cannotAsk = 3;

/**
 * sh text that tries to connect and prints `open`, and with `read` what the other side sends; nothing when the port is closed.
 * One tool after the other is asked until one can tell: a usage error, a part that was not compiled in or a library that is
 * missing is not the answer "closed". Ends with {@link cannotAsk} and a sentence when none can.
 */
export function portProbe(port: Port): string {
  return `a=${quote(port.address)} n=${port.number} t=${port.seconds} r=${port.read ? 1 : "''"}
${tools}`;
}

/** Prints as the shell's tools do; Python 2 and 3 both read it. */
const python = `import socket, sys
try:
    s = socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3]))
except Exception:
    sys.exit(1)
out = getattr(sys.stdout, "buffer", sys.stdout)
out.write(b"open\\n")
out.flush()
try:
    while sys.argv[4]:
        data = s.recv(4096)
        if not data:
            break
        out.write(data)
        out.flush()
except Exception:
    pass`;

const perl = `my $class = eval { require IO::Socket::IP } ? "IO::Socket::IP" : eval { require IO::Socket::INET } ? "IO::Socket::INET" : exit 2;
my $s = $class->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Proto => "tcp", Timeout => $ARGV[2]) or exit 1;
$| = 1; print "open\\n"; alarm $ARGV[2];
if ($ARGV[3]) { while (sysread($s, my $data, 4096)) { print $data } }`;

/** The kernel's listeners that this host's own addresses reach: bound to all addresses, to the loopback ones, in either byte order. */
const loopback =
  '(0{8}|[0-9A-F]{6}7F|7F[0-9A-F]{6}|0{32}|0{24}(01000000|00000001)|0{16}(FFFF0000[0-9A-F]{6}7F|0000FFFF7F[0-9A-F]{6}))';

/** Each tool's function ends with 0 when the port is open, 1 when it is closed and 2 when the tool cannot tell. */
const tools = `w=$((t + 1))
if timeout 5 true 2>/dev/null; then timed() { timeout "$@"; }
elif timeout -t 5 true 2>/dev/null; then timed() { timeout -t "$@"; }
else timed() { shift; "$@"; }; fi
has() { command -v "$1" >/dev/null 2>&1; }
with_bash() {
  has bash || return 2
  x=$(timed "$t" bash -c 'exec 3<>"/dev/tcp/$1/$2" || exit 1; echo open; [ -z "$3" ] || cat <&3' bash "$a" "$n" "$r" </dev/null 2>&1)
  case $x in
  open*) printf '%s\\n' "$x"; return 0;;
  *'No such file or directory'*|*'not supported'*) return 2;;
  esac
  return 1
}
with_nc() {
  has nc || return 2
  x=$(timed "$w" nc -z -w "$t" "$a" "$n" </dev/null 2>&1) || {
    case $x in *[Uu]sage*|*'nvalid option'*|*'llegal option'*|*nrecognized*|*'nknown option'*|*'ot found'*) return 2;; esac; return 1; }
  echo open
  [ -z "$r" ] || timed "$w" nc -w "$t" "$a" "$n" </dev/null 2>/dev/null
  return 0
}
with_python() {
  for p in python3 python /usr/libexec/platform-python; do
    has "$p" && "$p" -c 'import socket' 2>/dev/null || continue
    timed "$w" "$p" -c ${quote(python)} "$a" "$n" "$t" "$r" </dev/null 2>/dev/null; x=$?
    case $x in 0|124|137|143) return 0;; *) return 1;; esac
  done
  return 2
}
with_perl() {
  has perl || return 2
  timed "$w" perl -e ${quote(perl)} "$a" "$n" "$t" "$r" </dev/null 2>/dev/null
  case $? in 1) return 1;; 0|124|137|142|143) return 0;; *) return 2;; esac
}
with_curl() {
  [ -z "$r" ] && has curl || return 2
  c=$a; case $a in *:*) c="[$a]";; esac
  x=$(curl -s -o /dev/null --noproxy '*' --connect-timeout "$t" -m "$w" -w '%{time_connect}' "telnet://$c:$n" </dev/null 2>/dev/null); y=$?
  case $x in ''|0|0[.,]0|0[.,]000|0[.,]000000) ;; *) echo open; return 0;; esac
  case $y in 6|7|28) return 1;; *) return 2;; esac
}
with_kernel() {
  [ -z "$r" ] && [ -r /proc/net/tcp ] && h=$(printf %04X "$n") || return 2
  case $a in 127.*|localhost|::1|0.0.0.0|::) ;; *) return 2;; esac
  cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -qE ": ${loopback}:$h [0-9A-F]+:0000 0A" || return 1
  echo open
}
# Without -z it holds on until the other side hangs up: what is cut off was connected.
with_plain_nc() {
  has nc || return 2
  x=$(timed "$w" nc -w "$t" "$a" "$n" </dev/null 2>&1); y=$?
  case $x in *[Uu]sage*|*'nvalid option'*|*'llegal option'*|*nrecognized*|*'nknown option'*) return 2;; esac
  case $y in 0|124|137|143) ;; *) return 1;; esac
  echo open; [ -z "$r" ] || printf '%s\\n' "$x"
}
LC_ALL=C; export LC_ALL
for tool in bash nc python perl curl kernel plain_nc; do
  with_$tool; case $? in 0|1) exit 0;; esac
done
echo 'this host has nothing that can tell whether a port is open: bash, an nc that knows -z, python3, perl or curl would do' >&2
exit ${cannotAsk}`;
