# What the file tasks find in the home of the login user, made by root for who is named in $user. Every task has files of its own, so
# that its check mode can be judged alone.
set -eu
umask 022
cd "/home/$user"
rm -rf battery
mkdir battery
cd battery
for file in lines-add lines-regexp lines-before lines-after lines-absent lines-backrefs lines-search; do
  printf 'alpha=1\nbeta=2\n# gamma=3\nbeta=4\n' >"$file"
done
for file in block-add block-marker block-before; do printf 'first\nsecond\nthird\n' >"$file"; done
printf 'first\n# BEGIN ANSIBLE MANAGED BLOCK\ngone\n# END ANSIBLE MANAGED BLOCK\nlast\n' >block-absent
for file in replace-plain replace-between replace-backrefs; do
  printf 'start\nport 80\nmiddle\nport 80\nend\nport 80\n' >"$file"
done
for file in ini-set ini-section ini-absent; do printf '[main]\nlevel = 1\nname = one\n\n[other]\nlevel = 2\n' >"$file"; done
for file in copy-backup copy-kept copy-remote copy-linked file-mode file-symbolic file-removed file-relinked file-hard touch-old \
  get-kept; do
  printf 'old %s\n' "$file" >"$file"
done
ln -s copy-linked copy-link
ln -s old-target link-moved
mkdir -p copy-into copy-remote-tree/sub file-tree/sub/deep file-tree-removed/sub found/sub/.hidden parts get-into
printf 'one\n' >copy-remote-tree/one
printf 'two\n' >copy-remote-tree/sub/two
printf 'x\n' >file-tree/sub/deep/x
printf 'x\n' >file-tree-removed/sub/x
printf 'needle\n' >found/a.conf
printf 'hay\n' >found/b.conf
printf '1234567890\n' >found/sub/c.log
printf 'h\n' >found/sub/.hidden/d.conf
printf 'a\n' >parts/01-a
printf 'b\n' >parts/02-b
printf 'c\n' >parts/10-c
printf 'skipped\n' >parts/ignored.bak
printf 'The quick brown fox\n' >sums
ln -s sums sums-link
printf 'bin\000ary\377\n' >binary
printf 'ready on port 80\n' >waited
printf 'host.example ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJEYdJI2LGiiCWoC3fUnC2Zk2kIw1dRtA8BYuUC26ARs\n' >known-absent
touch -t 202001020304.05 touch-old
for format in targz tarxz tarbz2 zip strip remote; do mkdir "un-$format"; done
printf '#!/bin/sh\n' >created
cd ..
chown -R -h "$(id -u "$user"):$(id -g "$user")" battery
