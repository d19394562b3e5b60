# What the system tasks find on a host, made by root; $manager is its package manager, where the tasks use it.
set -eu
umask 022
mkdir -p /etc/battery /srv/battery /etc/sysctl.d
if command -v useradd >/dev/null 2>&1; then
  groupadd battery-old
  groupadd battery-extra
  useradd -m -s /bin/sh battery
  useradd -m -s /bin/sh battery-gone
  useradd -M -s /bin/sh battery-shell
  # su asks for the password of the user that is become: it is everybody's.
  ! command -v chpasswd >/dev/null 2>&1 || echo battery:kplay | chpasswd
else
  add() { printf '%s\n' "$2" >>"/etc/$1"; }
  add group 'battery-old:x:2001:'
  add group 'battery-extra:x:2002:'
  add group 'battery:x:2003:'
  add passwd 'battery:x:2003:2003::/home/battery:/bin/sh'
  add shadow 'battery:!:19000:0:99999:7:::'
  mkdir -p /home/battery
  chown 2003:2003 /home/battery
fi
printf 'old\n' >/etc/battery/owned
mkdir -p /etc/battery/tree/sub /srv/battery/mounted /srv/battery/unmounted /home/battery/.ssh
printf 'x\n' >/etc/battery/tree/sub/x
chown battery:battery /home/battery/.ssh
chmod 0700 /home/battery/.ssh
[ -e /etc/fstab ] || : >/etc/fstab
printf 'tmpfs /srv/battery/unmounted tmpfs size=1m 0 0\n' >>/etc/fstab
mount -t tmpfs -o size=1m tmpfs /srv/battery/unmounted
printf 'net.ipv4.ip_default_ttl=63\n' >/etc/battery/sysctl-absent.conf
mkdir -p /etc/security
[ -e /etc/security/limits.conf ] || : >/etc/security/limits.conf
if command -v systemctl >/dev/null 2>&1 && [ -d /run/systemd/system ]; then
  for unit in battery battery-running battery-service battery-masked battery-stopping; do
    # What is in /etc cannot be masked.
    folder=/etc/systemd/system
    [ "$unit" != battery-masked ] || folder=/usr/lib/systemd/system
    [ -d "$folder" ] || folder=/lib/systemd/system
    printf '[Unit]\nDescription=Battery of kplay\n[Service]\nExecStart=/bin/sleep 100000\n[Install]\nWantedBy=multi-user.target\n' \
      >"$folder/$unit.service"
  done
  printf '[Unit]\nDescription=Fails\n[Service]\nType=oneshot\nExecStart=/bin/false\n' >/etc/systemd/system/battery-broken.service
  systemctl daemon-reload
  systemctl -q enable --now battery-running.service battery-stopping.service
fi
if [ "$manager" = apt ]; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get -q update
  apt-get -q -y install battery-old=1.0 battery-gone=1.0 battery-high=2.0 battery-low=2.0
fi
if [ "$manager" = dnf5 ]; then
  dnf5 -q -y install battery-old-1.0 battery-gone-1.0 battery-high-2.0 battery-low-2.0
fi
