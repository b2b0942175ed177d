# The library's nl80211 against iw, and an access point of its own. Radios: 0 an access point of hostapd, 1 a station, 2 ours.
. /lib.sh
STA=wlan1
POINT='listen wlan0'

# ours NAME ARGUMENTS…: the example in the background, its lines in /out/NAME.jsonl
ours() {
    PART=$1; shift
    nl80211 ap "$@" > /out/$PART.jsonl 2> /out/$PART.err &
    OURS=$!
    within 20 grep -q '"step":"started"' /out/$PART.jsonl
}
# ended: waits for it and keeps its exit status and the interfaces. One that does not end shows where it waits.
gone() { ! grep -qv ') Z ' /proc/$OURS/stat 2>/dev/null; }
ended() {
    within 40 gone || { grep . /proc/$OURS/task/*/wchan /proc/$OURS/task/*/syscall; kill -KILL $OURS; }
    wait $OURS; echo $? > /out/$PART.exit
    iw dev > /out/$PART.iw-dev.txt
}

say "kernel $(uname -r)"
radios 3
station_phy phy1
in_sta ip link set $STA up
ip link set wlan2 down

say "what iw says"
monitor mon0 phy0
access_point listen
for phy in phy0 phy2; do
    iw phy $phy info > /out/iw-$phy.txt
    iw phy $phy channels > /out/iw-$phy-channels.txt
done
iw dev > /out/iw-dev.txt
iw reg get > /out/iw-reg.txt
airlens interfaces --wiphy --json > /out/wiphy.json 2> /out/wiphy.err
airlens interfaces --wiphy --channels > /out/wiphy.txt 2>> /out/wiphy.err
airlens interfaces > /out/interfaces.txt 2>> /out/wiphy.err
airlens doctor --json > /out/doctor.json 2> /out/doctor.err

say "stations and survey"
associate psk 02:00:00:00:01:00 5180 'ssid="airlens"\nkey_mgmt=WPA-PSK\npsk="correct horse"\nieee80211w=1'
iw dev wlan0 station dump > /out/iw-stations.txt
iw dev wlan0 survey dump > /out/iw-survey.txt
nl80211 facts wlan0 > /out/facts.jsonl 2> /out/facts.err
leave

say "refusals"
in_sta ip link set $STA up
in_sta nl80211 facts $STA scan 5180 > /out/scan.jsonl 2> /out/scan.err
nl80211 kind wlan0 monitor > /out/busy.jsonl 2> /out/busy.err
nl80211 ap phy2 air9 100 20 1 > /out/radar.jsonl 2> /out/radar.err
iw dev air9 info > /out/radar.left.txt 2>&1
soft=$(echo /sys/class/ieee80211/phy2/rfkill*/soft)
echo 1 > $soft
nl80211 ap phy2 air9 36 20 1 > /out/rfkill.jsonl 2> /out/rfkill.err
airlens doctor --json > /out/doctor-off.json 2>> /out/doctor.err
echo 0 > $soft
iw dev air9 info > /out/rfkill.left.txt 2>&1
kill $(cat /tmp/hostapd-listen.pid); within 10 test ! -e /tmp/hostapd-listen.pid

# `iw scan` listens for the end of its scan only once it has asked for it, and may wait for ever (its source says so): here
# another one listens from the start.
in_sta iw event > /tmp/events & EVENTS=$!
scans() { grep -c -e 'scan finished' -e 'scan aborted' /tmp/events; }
over() { [ $(scans) -gt $BEFORE ]; }
scan() { BEFORE=$(scans); in_sta iw dev $STA scan trigger "$@" && within 10 over; }
heard() {
    scan flush freq $1 >&2
    in_sta iw dev $STA scan dump > /out/$PART.scan-$2.txt; grep -q 'SSID: airlens example' /out/$PART.scan-$2.txt
}

say "an access point in 5 GHz"
ours ap-5 phy2 air0 36 80 16
within 6 heard 5180 first
iw dev air0 info > /out/ap-5.info.txt
iw reg set NL; sleep 1; iw reg set DE
within 12 grep -q '"step":"beacon changed"' /out/ap-5.jsonl
sleep 1
heard 5180 second
scan freq 5180 flush passive
in_sta iw dev $STA scan dump -b > /out/ap-5.scan-changed.txt
ended

say "an access point in 2.4 GHz"
ours ap-2 phy2 air0 6 20 4
within 3 heard 2437 first
ended

say "an access point in 6 GHz, and it ends without a word"
ours ap-6 phy2 air0 6g5 80 6 abandon
within 5 heard 5975 first
iw dev air0 info > /out/ap-6.info.txt
ended
sleep 1
iw dev air0 info > /out/ap-6.after.txt
heard 5975 after
iw dev air0 del

say "its interface is removed"
ours removed phy2 air0 36 20 20
iw dev air0 del
ended

say "its interface is taken down"
ours down phy2 air0 36 20 20
ip link set air0 down
ended
iw dev air0 del 2>/dev/null
iw dev > /out/iw-dev-end.txt
kill $EVENTS
say done
