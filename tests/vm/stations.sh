# One station after the other, as /stations.txt has them, while airlens listens on each band. Radios: 0 the access point of
# 2.4 GHz, 1 and 2 those of one network on 5 GHz, 3 the one of 6 GHz, 4 the station, 5 to 7 the monitors.
# Each station leaves what the two sides say of it in /out/stations/NAME, and airlens what it wrote in /out/clients.
. /lib.sh
STA=wlan4
# MCS 0 to 7 on one stream (HT), 0 to 9 on one stream and none on the other seven (VHT)
ONE_STREAM='ht_mcs="0xff 00 00 00 00 00 00 00 00 00"\nvht_rx_mcs_nss_1=2\nvht_tx_mcs_nss_1=2'
for n in 2 3 4 5 6 7 8; do ONE_STREAM="$ONE_STREAM\nvht_rx_mcs_nss_$n=3\nvht_tx_mcs_nss_$n=3"; done

# of_network NAME: its SSID, MHZ, AP, INTERFACE and BSSID
of_network() {
    while IFS='|' read -r key SSID MHZ AP INTERFACE BSSID; do
        [ "$(trim $key)" = "network $1" ] || continue
        SSID=$(trim $SSID); MHZ=$(trim $MHZ); AP=$(trim $AP); INTERFACE=$(trim $INTERFACE); BSSID=$(trim $BSSID)
        return
    done < /stations.txt
}
trim() { echo "$*"; }
lines() { echo "$1" | sed "s/ *$//; s/^ *//; s/;/\\\\n/g"; }

# security NAME: the lines of wpa_supplicant's network block
security() {
    case $1 in
    open) echo 'key_mgmt=NONE' ;;
    PSK) echo 'key_mgmt=WPA-PSK\npsk="correct horse"' ;;
    WPA) echo 'key_mgmt=WPA-PSK\nproto=WPA\npairwise=CCMP\npsk="correct horse"' ;;
    PSK-SHA256 | FT-PSK) echo "key_mgmt=${1%-SHA256}\\npsk=\"correct horse\"" | sed 's/=PSK/=WPA-PSK-SHA256/' ;;
    PSK+SAE) echo 'key_mgmt=WPA-PSK SAE\npsk="correct horse"' ;;
    SAE | FT-SAE) echo "key_mgmt=$1\\npsk=\"correct horse\"" ;;
    OWE) echo 'key_mgmt=OWE' ;;
    EAP) echo 'key_mgmt=WPA-EAP\nproto=RSN\npairwise=CCMP\neap=PWD\nidentity="user"\npassword="correct horse"' ;;
    *) echo "TIMEOUT: no security $1" >&2 ;;
    esac
}

# sides NAME: what wpa_supplicant, hostapd and the kernel say of the association
sides() {
    to=/out/stations/$1; mkdir -p $to
    # The access point may be a moment behind.
    within 10 settled || { cat $to/wpa.txt $to/hostapd.txt; tail -5 /out/wpa-$1.log; tail -5 /out/hostapd-$AP.log; return 1; }
    iw dev $INTERFACE station get $own > $to/iw.txt
}

settled() {
    wpa status > $to/wpa.txt
    own=$(sed -n 's/^address=//p' $to/wpa.txt)
    [ "$own" != "" ] && hostapd_cli -p /run/hostapd-$AP -i $INTERFACE sta $own > $to/hostapd.txt
    grep -q AUTHORIZED $to/hostapd.txt
}

# push_button NAME ADDRESS 'lines of the file': WPS gives the station its network
push_button() {
    say "push the button: $1"
    supplicant $1 $2 "config_methods=virtual_push_button\nupdate_config=1\nfreq_list=$MHZ\n$3" ''
    hostapd_cli -p /run/hostapd-$AP -i $INTERFACE wps_pbc > /dev/null
    wpa wps_pbc
    within 60 completed || tail -5 /out/wpa-$1.log
    wpa status | grep -E '^(address|key_mgmt|ssid)=' | tr '\n' ' '; echo
}

# A fast transition may time out on a busy host, which leaves the station where it was.
roam() {
    of_network 5b
    # From now on, any.
    wpa bssid 0 00:00:00:00:00:00
    for attempt in 1 2 3; do
        say "roam to $BSSID"; wpa scan_results > /dev/null; wpa roam $BSSID
        within 10 at $BSSID > /tmp/late && break
    done
    cat /tmp/late; within 20 completed
}
reassociate() { say reassociate; wpa reassociate; within 20 connected_again; within 20 completed; }
connected_again() { [ "$(grep -c CTRL-EVENT-CONNECTED /out/wpa-$name.log)" -ge 2 ]; }

# one: the station of this line comes, does what it is to do, and goes
one() {
    of_network $network
    if [ $security = WPS ]; then
        push_button $name $address "$file"
    else
        ssid=$(printf %s "$SSID" | od -An -tx1 | tr -d ' \n')
        associate $name $address $MHZ "ssid=$ssid\n$(security $security)\nieee80211w=$pmf\nbssid=$BSSID\n$block" "$file"
    fi
    [ "$then" = "" ] || $then
    sides $name
    leave
}

say "kernel $(uname -r)"
hostapd -v 2>&1 | head -1; wpa_supplicant -v | head -1; iw --version; tcpdump --version 2>&1 | head -2
radios 8
for radio in 5 6 7; do ip link set wlan$radio down; done
ip link set hwsim0 up
monitor mon2 phy5 2437
monitor mon5 phy6 5180 80 5210
monitor mon6 phy7 5975 160 6025
for monitor in mon2 mon5 mon6 hwsim0; do capture $monitor /tmp/$monitor.pcap; done
station_phy phy4
in_sta iw phy phy4 info > /out/phy.txt

# A run on each monitor, where there is an airlens: a recording needs none.
if command -v airlens > /dev/null; then
    for band in 2 5 6; do
        airlens run -i mon$band --files-path /tmp/airlens-$band --run-stem /run/airlens-$band \
            --state-path /run/state-$band.json --listen 127.0.0.1:947$band > /out/airlens-$band.txt 2>&1 &
        echo $! > /tmp/airlens-$band.pid
    done
    for band in 2 5 6; do within 30 grep -q '"running"' /run/airlens-$band.status.json; done
fi
for point in 24 5a 5b 6; do access_point $point; done

while IFS='|' read -r station network address wifi security pmf block file then besides <&3; do
    case $station in "station "*) ;; *) continue ;; esac
    name=$(trim ${station#station}); then=$(trim $then); address=$(trim $address)
    network=$(trim $network); block=$(lines "$block"); [ "$block" != ONE_STREAM ] || block=$ONE_STREAM
    security=$(trim $security); file=$(lines "$file")
    case $(trim $pmf) in no) pmf=0 ;; optional) pmf=1 ;; required) pmf=2 ;; esac
    one > /tmp/one.txt
    # The two sides may miss each other on an emulated CPU (see associate), and airlens has no part in that: once more.
    if grep -q ^TIMEOUT /tmp/one.txt; then sed 's/^TIMEOUT/late/' /tmp/one.txt; one > /tmp/one.txt; fi
    cat /tmp/one.txt
done 3< /stations.txt

sleep 1
for point in 24 5a 5b 6; do kill $(cat /tmp/hostapd-$point.pid); done
sleep 2
for monitor in mon2 mon5 mon6 hwsim0; do captured $monitor; cp /tmp/$monitor.pcap /out/; done
for band in 2 5 6; do
    [ -e /tmp/airlens-$band.pid ] || continue
    kill -TERM $(cat /tmp/airlens-$band.pid); wait $(cat /tmp/airlens-$band.pid); echo "airlens $band ended with $?"
    mkdir -p /out/clients; cp -r /tmp/airlens-$band/clients /out/clients/$band
done
say done
