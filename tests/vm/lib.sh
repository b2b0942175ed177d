# Shared by the scenarios.

say() { echo "### [$(cut -d' ' -f1 /proc/uptime)] $*"; }

# within SECONDS COMMAND…: runs the command until it succeeds.
within() {
    tries=$(($1 * 5)); shift
    while [ $tries -gt 0 ]; do
        "$@" >/dev/null 2>&1 && return 0
        sleep 0.2; tries=$((tries - 1))
    done
    echo "TIMEOUT: $*"
    return 1
}

# radios COUNT [PARAMETERS…]: hwsim under the rules of Germany: the United States let no plain access point into 6 GHz.
in_germany() { iw reg get | grep -q "country DE"; }
radios() {
    modprobe mac80211_hwsim radios="$@" || exit 1
    within 10 iw dev wlan$(($1 - 1)) info
    iw reg set DE
    within 10 in_germany
}

# monitor NAME PHY [iw's channel words…]
monitor() {
    iw phy $2 interface add $1 type monitor
    ip link set $1 up
    name=$1; shift 2
    [ $# -eq 0 ] || iw dev $name set freq "$@"
}

# capture INTERFACE FILE: tcpdump in the background; its pid in /tmp/tcpdump-INTERFACE.pid
capture() {
    # Immediately: else the last frames wait up to a second for their block of the ring to be full.
    tcpdump -Z root -i $1 -U --immediate-mode -B 8192 -w $2 2>/tmp/tcpdump-$1.err &
    echo $! > /tmp/tcpdump-$1.pid
    within 10 grep -q 'listening on' /tmp/tcpdump-$1.err
}

# captured INTERFACE: ends it and shows what tcpdump counted
captured() {
    kill -INT $(cat /tmp/tcpdump-$1.pid)
    wait $(cat /tmp/tcpdump-$1.pid)
    sed -n '/captured\|dropped/s/^/tcpdump '$1': /p' /tmp/tcpdump-$1.err
}

# access_point NAME: hostapd with /hostapd-NAME.conf, whose ctrl_interface is /run/hostapd-NAME
access_point() {
    hostapd -B -t -P /tmp/hostapd-$1.pid -f /out/hostapd-$1.log /hostapd-$1.conf
    within 30 enabled $1
}
enabled() { hostapd_cli -p /run/hostapd-$1 status | grep -q state=ENABLED; }

# The station's phy lives in a network namespace of its own, so that its traffic crosses the air.
station_phy() { ip netns add sta; iw phy $1 set netns name sta; in_sta ip link set lo up; }
in_sta() { ip netns exec sta "$@"; }
wpa() { in_sta wpa_cli -p /run/wpa -i $STA "$@"; }
completed() { wpa status | grep -q wpa_state=COMPLETED; }

# supplicant NAME MAC 'lines of the file' 'network block'
supplicant() {
    in_sta ip link set $STA down
    [ "$2" = random ] || in_sta ip link set $STA address $2
    in_sta ip link set $STA up
    printf 'ctrl_interface=/run/wpa\ncountry=DE\n%b\n%b\n' "$3" "$4" > /tmp/$1.conf
    rm -f /out/wpa-$1.log
    in_sta ${SUPPLICANT:-wpa_supplicant} -B -t -D nl80211 -i $STA -P /tmp/wpa.pid -f /out/wpa-$1.log -c /tmp/$1.conf
}

# associate NAME MAC FREQUENCY 'lines of the network block' ['lines of the file']
# Where POINT has an access point and its interface, hostapd must agree. A driver whose request is answered late sends it
# again, and hostapd begins the handshake anew; a station that has its keys already does not answer that: it believes to be
# joined for good, hostapd does not. It comes once more then.
associate() {
    for attempt in 1 2 3; do
        say "associate $1"
        supplicant $1 $2 "$5" "network={\n$4\nscan_freq=$3\n}"
        within 40 connected $1 || { wpa status; tail -5 /out/wpa-$1.log; }
        [ "$POINT" != "" ] || break
        within 10 authorized $2 > /tmp/late && break
        [ $attempt != 3 ] || { cat /tmp/late; break; }
        leave
    done
    wpa status | grep -E '^(address|bssid|freq|key_mgmt|pmf|wifi_generation|ssid)=' | tr '\n' ' '; echo
}
authorized() { hostapd_cli -p /run/hostapd-${POINT% *} -i ${POINT#* } sta $1 | grep -q AUTHORIZED; }

# Its log tells for certain: after OWE, wpa_supplicant 2.10 gives its state as 4WAY_HANDSHAKE.
connected() { grep -q CTRL-EVENT-CONNECTED /out/wpa-$1.log; }
at() { wpa status | grep -q "^bssid=$1"; }

# wpa_supplicant removes its pid file when it ends
leave() { kill $(cat /tmp/wpa.pid); within 10 test ! -e /tmp/wpa.pid; }

# All that a run may change and must give back. Not the counters of iw's queues, the power that goes with the channel of
# the moment, what the kernel tells late of a carrier, nor the locks, which are files that stay.
state() {
    iw dev | grep -v -e 'TXQ' -e 'qsz-byt' -e '^\s*[0-9]' -e txpower; iw reg get; ip -o addr show
    ip -o link show | sed 's/ *$//; s/NO-CARRIER,//; s/,LOWER_UP//; s/ state [A-Z]*//; s/ qdisc [a-z]*//'
    for phy in /sys/class/ieee80211/*; do echo "$(basename $phy): $(ls $phy/device/net 2>/dev/null | tr '\n' ' ')"; done
    bpftool prog show | grep -v '^\s' | cut -d: -f2-; ls /run/airlens 2>/dev/null | grep -v 'lock$'
}

# Two lines of the document, in one process: on an emulated CPU whoever looks often holds up what it waits for.
running() { [ "$(grep -c -e '"state": *"running"' -e "\"pid\": *$1\>" /run/wlanpi-profiler.status.json 2>/dev/null)" = 2 ]; }
hundredths() { cut -d' ' -f1 /proc/uptime | tr -d .; }

# start FOLDER ARGUMENTS…: airlens in the background; its pid in AIRLENS
start() {
    to=$1; shift
    began=$(hundredths)
    rm -rf /tmp/files
    airlens run --listen ${LISTEN:-127.0.0.1:9474} --files-path /tmp/files "$@" > $to/airlens.out 2> $to/airlens.err &
    AIRLENS=$!
    tries=300
    until running $AIRLENS || [ $tries -eq 0 ]; do
        usleep 100000; tries=$((tries - 1))
        kill -0 $AIRLENS 2>/dev/null || break
    done
    running $AIRLENS || { echo "TIMEOUT: $to: airlens does not run: $(tail -c 500 $to/airlens.err)"; return 1; }
    echo "information: $to: running after $((($(hundredths) - began) * 10)) ms on the emulated CPU"
}
stop() { kill -$1 $AIRLENS; wait $AIRLENS; echo $? > $to/exit; }

