# airlens listens while a station associates. Radios: 0 the access point, 1 the station, 2 the listener.
# Each part leaves its files in /out/PART, and /out/PART/STEP has copies of airlens's own files at that moment.
. /lib.sh
STA=wlan1
POINT='listen wlan0'
CLIENT=02-00-00-00-01-00
RUNTIME=/run/wlanpi-profiler
STATE=/var/lib/wlanpi-profiler/state.json

# begin ARGUMENTS…: airlens, listening. PART is set.
begin() { mkdir -p /out/$PART; start /out/$PART --mode listen "$@"; }
resident() {
    echo "information: $PART: $(grep -E '^(VmRSS|RssAnon|RssFile)' /proc/$AIRLENS/status | tr -s '[:space:]' ' ')"
}

# finish SIGNAL: ends it and keeps its exit status
finish() { stop $1; mv /out/$PART/exit /out/$PART/exit-$1; }

# keep STEP: copies of airlens's files, of the interfaces, of its programs and maps
keep() {
    step=/out/$PART/$1; mkdir -p $step
    cp $RUNTIME.status.json $RUNTIME.info.json $STATE $step/ 2>/dev/null
    ls -l $RUNTIME* > $step/runtime.txt 2>/dev/null
    iw dev > $step/iw-dev.txt
    bpftool prog show > $step/bpf.txt; bpftool map show >> $step/bpf.txt; bpftool net show > $step/bpf-net.txt
}

metrics() { wget -q -O /out/$PART/metrics.txt http://127.0.0.1:9474/metrics; }

# profile AKM FILE: the station's profile, once it is there with this key management
profile() {
    from=/tmp/files/clients/$CLIENT/${CLIENT}_5GHz.json
    within 30 grep -q "\"akm\": *$1" $from
    cp $from /out/$PART/$2
}

# The frames that tcpdump writes and those that airlens counts begin and end in silence.
listen() {
    capture mon0 /tmp/mon0.pcap
    begin -i mon0 "$@" || { captured mon0; return; }
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
    ls -lR /tmp/files > /out/$PART/files.txt
    finish TERM; keep stopped
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

for hook in generic tc; do
    PART=killed-$hook; say "part $PART"
    begin -i mon0 --hook $hook; keep running
    finish KILL; sleep 1; keep dead
    begin -i mon0 --hook $hook; keep again
    finish TERM; keep stopped
done

PART=managed; say "part $PART"
iw dev mon0 del; ip link set wlan2 up
begin -i wlan2; keep running
finish KILL; sleep 1
begin -i wlan2; keep again
finish TERM; keep stopped
say done
