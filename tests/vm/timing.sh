# How fast airlens's access points are, beside hostapd alone on the same radio. Radios: 0 the access point, 1 mdk4, which asks,
# 2 a witness with tcpdump. Each way leaves in /out/NAME what the witness heard and, as the times of files, when processes began.
. /lib.sh
SSID='airlens VM'
# Where the status file is too: a link to it keeps its time.
MARKS=/run/marks
STARTS='1 2 3' LAST=3
SECONDS=11 RATE=60

# A file's time is the kernel's own: no process is needed to take it. The share's would be the host's.
mark() { : > $MARKS/$1; }
has() { grep -q "$1" /tmp/$name.log; }
# Seldom: whoever looks takes its time from the only CPU.
patiently() {
    tries=40
    until "$@"; do sleep 0.5; tries=$((tries - 1)); [ $tries -gt 0 ] || { echo "TIMEOUT: $name: $*"; cat /tmp/$name.log; return 1; }; done
}
# way NAME READY COMMAND…: started several times, the last time asked by mdk4; READY tells that it is up.
way() {
    name=$1 ready=$2; shift 2
    say "way $name"
    rm -rf $MARKS; mkdir -p $MARKS /out/$name
    # Not immediately, as elsewhere: to wake for each frame would disturb whom it watches.
    tcpdump -Z root -i wlan2 -B 8192 -w /tmp/$name.pcap 2> /tmp/tcpdump-wlan2.err &
    echo $! > /tmp/tcpdump-wlan2.pid
    within 10 grep -q 'listening on' /tmp/tcpdump-wlan2.err
    for n in $STARTS; do
        rm -rf /tmp/files; : > /tmp/$name.log
        mark began-$n
        "$@" >> /tmp/$name.log 2>&1 &
        PID=$!
        patiently $ready; sleep 0.3
        ln /run/wlanpi-profiler.status.json $MARKS/running-$n 2> /dev/null
        cp /run/wlanpi-profiler.hostapd/hostapd.conf /tmp/generated.conf 2> /dev/null
        if [ $n = $LAST ]; then
            timeout $SECONDS mdk4 wlan1 p -e "$SSID" -s $RATE > /out/$name/mdk4.txt 2>&1
        fi
        kill -TERM $PID; wait $PID
    done
    sleep 1.2; captured wlan2
    cp /tmp/$name.pcap /tmp/$name.log /out/$name/; stat -c '%.6Y %n' $MARKS/* > /out/$name/times.txt
}
up() { running $PID; }
own() {
    way $1 up airlens run --listen 127.0.0.1:9474 --files-path /tmp/files -i wlan0 --mode $1 -c 36 \
        --security-mode wpa3-mixed -s "$SSID" --passphrase 'correct horse'
}

say "kernel $(uname -r)"
radios 3
for monitor in wlan1 wlan2; do
    ip link set $monitor down; iw dev $monitor set type monitor; ip link set $monitor up; iw dev $monitor set freq 5180
done
ip link set wlan0 address 02:0a:1b:2c:3d:4e; ip link set wlan0 up
own ap; own fakeap; own hostapd
sed 's,^ctrl_interface=.*,ctrl_interface=/run/hostapd,' /tmp/generated.conf > /tmp/alone.conf
way alone 'has AP-ENABLED' hostapd -t /tmp/alone.conf

# The same work here and on the host: how much slower the emulated CPU is.
rm -rf $MARKS; mkdir -p $MARKS /out/times
mark began; for n in 1 2 3 4 5 6 7 8 9 10; do airlens --version > /dev/null; done; mark ended
stat -c '%.6Y %n' $MARKS/* > /out/times/times.txt
say done
