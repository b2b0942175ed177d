# Whatever ends a run, the interfaces are as before. Radios: 0 airlens, 1 a station. Each check is a line that begins with
# `check ok` or `check FAILED`.
. /lib.sh
STA=wlan1
MODES='listen ap fakeap hostapd'

ok() { echo "check ok $*"; }
failed() { echo "check FAILED $*"; }
# equal NAME FOUND EXPECTED
equal() { [ "$2" = "$3" ] && ok "$1" || failed "$1: found $2, expected $3"; }
# as_before NAME: now and $to/state.before
as_before() {
    state > $to/state.after
    if cmp -s $to/state.before $to/state.after; then ok "$1: the interfaces are as before"; else
        failed "$1: the interfaces differ: $(diff $to/state.before $to/state.after | grep '^[+-]' | tr '\n' ';')"
    fi
}
part() { say "part $1"; to=/out/$1; mkdir -p $to; state > $to/state.before; }
# A process that has ended waits for us as a zombie.
ended() { ! grep -qs '^State:.[^Z]' /proc/$1/status; }
# begin MODE [ARGUMENTS…]
begin() {
    mode=$1; shift
    start $to -i wlan0 --mode $mode -c 36 "$@"
}
restore() { airlens restore > $to/restore.txt 2>&1; equal "$1: exit status of restore" $? 0; }

say "kernel $(uname -r)"
radios 2
station_phy phy1
ip link set wlan0 address 02:0a:1b:2c:3d:4e; ip link set wlan0 up

for mode in $MODES; do
    part term-$mode; begin $mode && stop TERM; equal "$mode ended by SIGTERM: exit status" "$(cat $to/exit)" 0; as_before "$mode ended by SIGTERM"
    equal "$mode ended by SIGTERM: status file" "$(ls /run/wlanpi-profiler.* | grep -v 'lock$')" ""

    part kill-$mode; begin $mode && stop KILL
    restore "$mode killed"; as_before "$mode killed, then restored"
    airlens restore > $to/again.txt 2>&1; equal "$mode: a second restore: exit status" $? 0

    part again-$mode; begin $mode && stop KILL
    begin $mode && stop TERM; as_before "$mode killed, then run again"

    # At each stage of the start: the emulated machine takes one or two seconds for it.
    part stages-$mode
    for wait in 10 20 40 60 80 100 130 160 200 250 300 400 500 700 900 1200; do
        airlens run --listen 127.0.0.1:9474 --files-path /tmp/files -i wlan0 --mode $mode -c 36 > /dev/null 2>> $to/airlens.err &
        AIRLENS=$!
        usleep $((wait * 1000)); kill -9 $AIRLENS; wait $AIRLENS
        iw dev | grep -c Interface > $to/interfaces-$wait
        airlens restore >> $to/restore.txt 2>&1
        as_before "$mode killed after $wait ms of its start"
    done
    echo "information: $mode: interfaces when killed at the stages: $(cat $to/interfaces-* | tr '\n' ' ')"

    part down-$mode; ip link set wlan0 down; state > $to/state.before
    begin $mode && stop TERM; as_before "$mode on an interface that was down"
    ip link set wlan0 up

    part second-$mode; begin $mode && {
        airlens run --listen 127.0.0.1:9475 --run-stem /run/second --state-path /run/second.json --files-path /tmp/second \
            -i wlan0 --mode $mode -c 36 > /dev/null 2> $to/second.err
        equal "$mode: a second run on the device: exit status" $? 8
        grep -qw $AIRLENS $to/second.err && ok "$mode: it names the first" || failed "$mode: $AIRLENS is not in: $(cat $to/second.err)"
        running $AIRLENS && ok "$mode: the first goes on" || failed "$mode: the first has ended"
        stop TERM
    }
    as_before "$mode after a second run was refused"

    part gone-$mode; begin $mode && {
        iw dev wlan0 del
        within 20 ended $AIRLENS && wait $AIRLENS; echo $? > $to/exit
        equal "$mode: interface removed: exit status" "$(cat $to/exit)" 6
        equal "$mode: interface removed: others are gone too" "$(iw dev | sed -n '/phy#0/,/phy#[1-9]/s/.*Interface //p' | tr '\n' ' ')" ""
        airlens status > $to/status.txt 2>&1
        iw phy phy0 interface add wlan0 type managed; ip link set wlan0 address 02:0a:1b:2c:3d:4e; ip link set wlan0 up
        airlens restore > $to/restore.txt 2>&1; equal "$mode: interface removed: exit status of restore" $? 0
        rm -f /run/wlanpi-profiler.*
    }
done

part hostapd-killed; begin hostapd -s airlens --passphrase 'correct horse' --security-mode wpa2 && {
    child() { for task in /proc/[0-9]*; do grep -qs '^hostapd' $task/cmdline && echo ${task#/proc/}; done; }
    first=$(child); kill -9 $first
    again() { second=$(child); [ "$second" ] && [ "$second" != "$first" ]; }
    within 30 again && ok "hostapd killed: it runs again" || failed "hostapd killed: it does not run again"
    associate again 02:00:00:00:01:00 5180 'ssid="airlens"\nkey_mgmt=WPA-PSK\npsk="correct horse"'
    connected_now() { grep -q CTRL-EVENT-CONNECTED /out/wpa-again.log; }
    connected_now && ok "hostapd killed: a station connects" || failed "hostapd killed: no station connects"
    leave; stop TERM
    equal "hostapd killed: exit status" "$(cat $to/exit)" 0
}
as_before "hostapd killed"

for mode in ap hostapd; do
    part regulatory-$mode; export AIRLENS_LOGGING_AUDIT=$to/audit.log; start $to -i wlan0 --mode $mode -c 6g5 && {
        # The United States let no plain access point into 6 GHz.
        iw reg set US
        within 10 grep -qi regulatory $to/airlens.err && ok "$mode: a change of the regulatory domain is told" || failed "$mode: $(tail -3 $to/airlens.err)"
        within 20 ended $AIRLENS && ok "$mode: it ends where it may not transmit" || failed "$mode: it goes on"
        stop TERM
        grep -q '"message":"the regulatory domain has changed","fields":{"country":"US"' $to/audit.log && ok "$mode: the audit log has the change of the regulatory domain" || failed "$mode: $(cat $to/audit.log)"
        iw reg set DE; within 10 in_germany
    }
    unset AIRLENS_LOGGING_AUDIT
    as_before "$mode after a change of the regulatory domain"
done

part hop; start $to -i wlan0 --hop 1,11,36,48,6g5 --dwell 100ms && {
    sleep 6
    airlens air > $to/air.txt; airlens air --json > $to/air.json; iw dev wlan0profiler survey dump > $to/survey.txt
    for channel in 1 11 36 48 6g5; do
        grep -qE "^$channel\*? " $to/air.txt && ok "hop: channel $channel is visited" || failed "hop: channel $channel is not in $(head -c 600 $to/air.txt)"
    done
    stop TERM; equal "hop: exit status" "$(cat $to/exit)" 0
}
as_before hop

part signal-twice; begin ap && { kill -INT $AIRLENS; kill -INT $AIRLENS; wait $AIRLENS; airlens restore > $to/restore.txt 2>&1; }
as_before "two signals"
say done
