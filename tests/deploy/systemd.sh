#!/bin/bash
# Runs systemd as the first process of namespaces of its own, on a copy of this system that is gone afterwards, with the unit in it:
#   unshare --mount --pid --fork --net --uts --ipc --cgroup bash systemd.sh BINARY SCRIPTS FOLDER
# What is told of the service goes to FOLDER/told. Ends with 77 where this machine can't do that.
set -e
binary=$1 scripts=$2 folder=$3
mount --make-rprivate /
mount -t tmpfs copy "$folder"
mkdir "$folder"/{upper,work,root}
mount -t overlay copy -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" "$folder/root" || exit 77
cd "$folder/root"
mount -t proc proc proc
mount -t sysfs sysfs sys || exit 77
mount -t cgroup2 cgroup sys/fs/cgroup || exit 77
mount -t tmpfs run run
mount -t tmpfs tmp tmp
mount -t tmpfs dev dev
for device in null zero full random urandom tty; do
    touch dev/$device
    mount --bind /dev/$device dev/$device
done
ln -s /proc/self/fd dev/fd
ip link set lo up
ip link add data0 type veth peer name peer0
ip link set data0 up
ip link set peer0 up

install -m 755 "$binary" usr/bin/airlens
mkdir -p etc/airlens
printf 'data = ["data0"]\nlisten = "127.0.0.1:9474"\n' > etc/airlens/airlens.toml
rm -rf etc/systemd/system etc/default/airlens var/lib/wlanpi-profiler
mkdir etc/systemd/system
cp "$scripts/systemd/airlens.service" etc/systemd/system/
# The kernel's audit is none of this journal's.
rm -rf etc/systemd/journald.conf.d var/log/journal
mkdir etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\nAudit=no\n' > etc/systemd/journald.conf.d/airlens.conf
cat > etc/systemd/system/look.target <<'UNIT'
[Unit]
DefaultDependencies=no
Wants=systemd-journald.service systemd-journald.socket airlens.service look.service
UNIT
cat > etc/systemd/system/look.service <<'UNIT'
[Unit]
DefaultDependencies=no
After=airlens.service
[Service]
Type=oneshot
ExecStart=/bin/bash /look.sh
StandardOutput=file:/told
StandardError=file:/told
UNIT
cat > look.sh <<'LOOK'
show() { systemctl show --property="$1" --value airlens; }
state() { echo "$1: $(show ActiveState) $(show SubState)"; }
# journal NAME ARGUMENTS…: what the journal has, an entry each line.
journal() {
    journalctl --sync
    name=$1; shift
    journalctl --output=json --no-pager "$@" | sed "s/^/journal $name: /"
}
state started
airlens health --ready
journal auto --identifier=airlens _SYSTEMD_UNIT=airlens.service _TRANSPORT=stdout
# Longer than the watchdog's time.
sleep 35
state watched
echo "status: $(show StatusText)"
grep CapEff "/proc/$(show MainPID)/status"
before=$(show MainPID)
systemd-analyze log-level debug
systemctl reload airlens
sleep 1
state reloaded
systemd-analyze log-level info
[ "$(show MainPID)" = "$before" ] && echo "the same process"
journalctl --output=cat --no-pager _PID=1 UNIT=airlens.service | sed -n 's/^airlens.service: /manager: /p'
kill -KILL "$before"
for _ in $(seq 300); do
    sleep 0.1
    [ "$(show SubState)" = running ] && [ "$(show MainPID)" != "$before" ] && break
done
state "started again"
# By the journal's own socket, with a warning in it.
mkdir /run/systemd/system/airlens.service.d
printf '[Service]\nEnvironment=AIRLENS_LOGGING_OUTPUT=journald\n' > /run/systemd/system/airlens.service.d/journald.conf
systemctl daemon-reload
systemctl restart airlens
state "journal's own socket"
ip link del data0
sleep 2
journal native --identifier=airlens _TRANSPORT=journal
systemctl stop airlens
state stopped
echo "result: $(show Result)"
ls /run | grep wlanpi-profiler
echo END
LOOK
mkdir old
pivot_root . old
cd /
export container=lxc
exec /lib/systemd/systemd --system --unit=look.target --log-target=journal
