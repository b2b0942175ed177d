# airlens is the access point, in each of its modes, and a station tries to join. Radios: 0 airlens, 1 the station,
# 2 the capture. Each part leaves its files in /out/PART.
. /lib.sh
STA=wlan1
CLIENT=02-00-00-00-01-00
RUNTIME=/run/wlanpi-profiler
PHRASE='correct horse'

hundredths() { cut -d' ' -f1 /proc/uptime | tr -d .; }
runs() { tr -d '\n' 2>/dev/null < $RUNTIME.status.json | grep -q "\"state\": *\"running\".*\"pid\": *$1\>"; }

# What is to be the same before and after; counters, and the numbers of interfaces that come and go, are left out.
interfaces() {
    iw dev | grep -E 'phy#|Interface|addr|type|channel|ssid'
    iw reg get
    ip -o link show wlan0 | sed 's/.*<\([^>]*\)>.* state \([A-Z]*\).*link.ether \([0-9a-f:]*\).*/\1 \2 \3/'
}

# start ARGUMENTS…: airlens in the background, until it says that it runs
start() {
    began=$(hundredths)
    airlens run -i wlan0 -s airlens-vm --passphrase "$PHRASE" --listen 127.0.0.1:9474 --files-path /tmp/$PART "$@" > /out/$PART/airlens.out 2>> /out/$PART/airlens.err &
    AIRLENS=$!
    tries=1000
    until runs $AIRLENS || [ $tries -eq 0 ]; do
        usleep 10000; tries=$((tries - 1))
        kill -0 $AIRLENS 2>/dev/null || break
    done
    if ! runs $AIRLENS; then
        echo "TIMEOUT: $PART: airlens does not run: $(tail -c 700 /out/$PART/airlens.err)"
        return 1
    fi
    echo "information: $PART: running after $((($(hundredths) - began) * 10)) ms on the emulated CPU"
}

# profile AKM BAND FILE: the station's profile, once it is there with this key management
profile() {
    from=/tmp/$PART/clients/$CLIENT/${CLIENT}_$2.json
    within 40 grep -q "\"akm\": *$1\>" $from
    cp $from /out/$PART/$3
}

# join NAME FREQUENCY 'lines of the network block' ['lines of the file']: tries, whatever comes of it
join() {
    say "join $PART $1"
    supplicant $PART-$1 02:00:00:00:01:00 "$4" "network={\nssid=\"airlens-vm\"\n$3\nscan_freq=$2\n}"
}

# part MODE BAND FREQUENCY 'what the capture is tuned to' ARGUMENTS…
part() {
    mode=$1; band=$2; frequency=$3; tuned=$4; shift 4
    mkdir -p /out/$PART
    iw dev mon2 set freq $tuned || echo "TIMEOUT: mon2 is not tuned to $tuned"
    interfaces > /out/$PART/before.txt
    capture mon2 /tmp/$PART.pcap
    if start --mode $mode "$@"; then
        iw dev > /out/$PART/during.txt
        cp $RUNTIME.status.json $RUNTIME.info.json /out/$PART/; ls -l $RUNTIME* > /out/$PART/runtime.txt
        airlens status > /out/$PART/status.txt
        if [ $band != 6GHz ]; then
            join psk $frequency "key_mgmt=WPA-PSK\npsk=\"$PHRASE\"\nieee80211w=1"
            profile 2 $band client-psk.json; sleep 1; leave
        fi
        join sae $frequency "key_mgmt=SAE\npsk=\"$PHRASE\"\nieee80211w=2" "sae_pwe=2"
        profile 8 $band client-sae.json; sleep 1; leave
        join wrong $frequency "key_mgmt=SAE\npsk=\"wrong horse\"\nieee80211w=2" "sae_pwe=2"
        within 40 grep -q wrong-password /tmp/$PART/failures.json; leave
        cp /tmp/$PART/failures.json /out/$PART/
        airlens clients --files-path /tmp/$PART > /out/$PART/clients.txt
        wget -q -O /out/$PART/metrics.txt http://127.0.0.1:9474/metrics
        wget -q -O /out/$PART/stats.json http://127.0.0.1:9474/api/stats
        kill -TERM $AIRLENS
    fi
    wait $AIRLENS; echo $? > /out/$PART/exit
    captured mon2; cp /tmp/$PART.pcap /out/$PART/air.pcap
    interfaces > /out/$PART/after.txt
    diff /out/$PART/before.txt /out/$PART/after.txt || echo "TIMEOUT: $PART: not as before"
}

say "kernel $(uname -r)"
radios 3
station_phy phy1
ip link set wlan0 down
ip link set wlan2 down
monitor mon2 phy2
in_sta iw phy phy1 info > /out/phy.txt

PART=ap-6; say "part $PART"; part ap 6GHz 5975 "5975 80 5985" -c 6g5 --width 80
PART=ap-5; say "part $PART"; part ap 5GHz 5180 "5180 80 5210" -c 36
PART=fakeap-5; say "part $PART"; part fakeap 5GHz 5180 5180 -c 36
PART=hostapd-5; say "part $PART"; part hostapd 5GHz 5180 "5180 80 5210" -c 36
PART=ap-2; say "part $PART"; part ap 2.4GHz 2437 2437 -c 6 --width 20
say done
