#!/bin/bash
# Boots the system in a folder with its own systemd, in namespaces of its own but on this machine's network.
# It ends when it's powered off, or when this script is killed. Only root can do this.
set -euo pipefail
folder=$(realpath "$1")

# systemd wants a group of processes to itself, and mounts to change.
group=$(findmnt --noheadings --output TARGET --types cgroup2 | head -1)/$(basename "$folder")
mkdir -p "$group"
echo $BASHPID >"$group/cgroup.procs"
exec unshare --pid --fork --kill-child --mount --uts --ipc --cgroup bash -c '
set -euo pipefail
mount --make-rprivate /
mount --bind "$1" "$1"
cd "$1"
mount -t proc proc proc
# What it says of the kernel goes for this machine, too: it may only look.
mount --bind proc/sys proc/sys
mount -o remount,bind,ro proc/sys
mount -t sysfs -o ro sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=755 tmpfs dev
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=0666,mode=620,gid=5 devpts dev/pts
mount -t tmpfs -o mode=1777 tmpfs dev/shm
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
ln -s pts/ptmx dev/ptmx
ln -s /proc/self/fd dev/fd
ln -s fd/0 dev/stdin
ln -s fd/1 dev/stdout
ln -s fd/2 dev/stderr
mkdir -p .outside
pivot_root . .outside
exec env -i container=trial PATH=/usr/sbin:/usr/bin:/sbin:/bin \
    bash -c "umount --lazy /.outside; exec /lib/systemd/systemd"
' boot "$folder"
