# airlens listens while a station associates. Radios: 0 the access point, 1 the station, 2 the listener.
# Each part leaves its files in /out/PART, and /out/PART/STEP has copies of airlens's own files at that moment.
. /lib.sh
STA=wlan1
CLIENT=02-00-00-00-01-00
RUNTIME=/run/wlanpi-profiler
STATE=/var/lib/wlanpi-profiler/state.json

# start ARGUMENTS…: airlens in the background, until it says that it runs. PART is set.
start() {
    mkdir -p /out/$PART
    began=$(hundredths)
    airlens run --mode listen --listen 127.0.0.1:9474 --files-path /tmp/$PART "$@" \
        > /out/$PART/airlens.out 2>> /out/$PART/airlens.err &
    AIRLENS=$!
    tries=1000
    # Its own process id: a run that was killed leaves its file.
    until runs $AIRLENS || [ $tries -eq 0 ]; do
        usleep 10000; tries=$((tries - 1))
        kill -0 $AIRLENS 2>/dev/null || break
    done
    if ! runs $AIRLENS; then
        echo "TIMEOUT: $PART: airlens does not run: $(tail -c 500 /out/$PART/airlens.err)"
        return 1
    fi
    echo "information: $PART: running after $((($(hundredths) - began) * 10)) ms on the emulated CPU"
}
hundredths() { cut -d' ' -f1 /proc/uptime | tr -d .; }
runs() { tr -d '\n' 2>/dev/null < $RUNTIME.status.json | grep -q "\"state\": *\"running\".*\"pid\": *$1\>"; }
resident() {
    echo "information: $PART: $(grep -E '^(VmRSS|RssAnon|RssFile)' /proc/$AIRLENS/status | tr -s '[:space:]' ' ')"
}

# stop SIGNAL: ends it and keeps its exit status
stop() {
    kill -$1 $AIRLENS
    wait $AIRLENS
    echo $? > /out/$PART/exit-$1
}

# keep STEP: copies of airlens's files, of the interfaces, of its programs and maps
keep() {
    to=/out/$PART/$1; mkdir -p $to
    cp $RUNTIME.status.json $RUNTIME.info.json $STATE $to/ 2>/dev/null
    ls -l $RUNTIME* > $to/runtime.txt 2>/dev/null
    iw dev > $to/iw-dev.txt
    bpftool prog show > $to/bpf.txt; bpftool map show >> $to/bpf.txt; bpftool net show > $to/bpf-net.txt
}

metrics() { wget -q -O /out/$PART/metrics.txt http://127.0.0.1:9474/metrics; }

# profile AKM FILE: the station's profile, once it is there with this key management
profile() {
    from=/tmp/$PART/clients/$CLIENT/${CLIENT}_5GHz.json
    within 30 grep -q "\"akm\": *$1" $from
    cp $from /out/$PART/$2
}

# The frames that tcpdump writes and those that airlens counts begin and end in silence.
listen() {
    capture mon0 /tmp/mon0.pcap
    start -i mon0 "$@" || { captured mon0; return; }
    keep running
    access_point listen
    associate psk 02:00:00:00:01:00 5180 'ssid="airlens"\nkey_mgmt=WPA-PSK\npsk="correct horse"\nieee80211w=1'
    profile 2 client-psk.json
    ip addr replace 10.9.0.1/24 dev wlan0
    in_sta ip addr replace 10.9.0.2/24 dev $STA
    in_sta ping -c 50 -i 0.02 10.9.0.1 | tail -2
    leave
    associate sae 02:00:00:00:01:00 5180 'ssid="airlens"\nkey_mgmt=SAE\npsk="correct horse"\nieee80211w=2' sae_pwe=1
    profile 8 client-sae.json
    leave
    kill $(cat /tmp/hostapd-listen.pid); within 10 test ! -e /tmp/hostapd-listen.pid
    sleep 2
    captured mon0; cp /tmp/mon0.pcap /out/$PART/
    metrics; keep quiet; resident
    ls -lR /tmp/$PART > /out/$PART/files.txt
    stop TERM; keep stopped
}

say "kernel $(uname -r)"
radios 3
station_phy phy1
ip link set wlan2 down
monitor mon0 phy2 5180 80 5210
in_sta iw phy phy1 info > /out/phy.txt

say "doctor and interfaces"
airlens doctor > /out/doctor.txt 2>&1; echo $? > /out/exit-doctor
airlens doctor --json > /out/doctor.json 2> /out/doctor.err
airlens interfaces --json > /out/interfaces.json 2> /out/interfaces.err; echo $? > /out/exit-interfaces

PART=xdp; say "part $PART"; listen --hook generic
PART=tc; say "part $PART"; listen --hook tc

for hook in auto tc; do
    PART=killed-$hook; say "part $PART"
    start -i mon0 --hook $hook; keep running
    stop KILL; sleep 1; keep dead
    start -i mon0 --hook $hook; keep again
    stop TERM; keep stopped
done

PART=managed; say "part $PART"
iw dev mon0 del; ip link set wlan2 up
start -i wlan2; keep running
stop KILL; sleep 1
start -i wlan2; keep again
stop TERM; keep stopped
say done
