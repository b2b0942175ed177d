# A station tries to join airlens's own access point, as /ap.txt has it: each mode, band and security. Radios: 0 airlens,
# 1 the station, 2 a witness with tcpdump.
# Each attempt leaves in /out/joins/NAME: state.before and .after, what airlens said and wrote, what the witness heard.
. /lib.sh
STA=wlan1
SSID='airlens VM'

trim() { echo "$*"; }
lines() { echo "$1" | sed "s/ *$//; s/^ *//; s/;/\\\\n/g"; }
frequency() {
    case $1 in
    6g*) echo $((5950 + 5 * ${1#6g})) ;;
    ? | 1[0-3]) echo $((2407 + 5 * $1)) ;;
    *) echo $((5000 + 5 * $1)) ;;
    esac
}

profiled() { ls /tmp/files/clients/$1/*.json; }
ended() { grep -q -e CTRL-EVENT-CONNECTED -e CTRL-EVENT-ASSOC-REJECT /out/wpa-$name.log; }

# What is seen of a run while a station is joined, or tries to: the API, the programs, and what others say of it.
tcp() { printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" | nc 127.0.0.1 9474 > $seen/$2; }
look() {
    seen=$to/look; mkdir $seen
    iw dev wlan0 survey dump > $seen/survey.txt; iw dev wlan0 info > $seen/iw.txt; wpa status > $seen/wpa.txt
    for topic in status stats clients air; do tcp /api/$topic $topic.http; done
    tcp /api/clients/$address client.http; tcp /api/flows flows.http; tcp /metrics metrics.http
    tcp / page.http; tcp /app.js app.js.http; tcp /qr.svg qr.svg.http
    printf 'GET /qr.svg HTTP/1.0\r\nHost: localhost\r\n\r\n' | nc -U /run/wlanpi-profiler.sock > $seen/qr-own.svg.http
    airlens qr --text > $seen/qr.txt; airlens qr --png $seen/qr.png --svg $seen/qr.svg
    airlens mon --once --interval 1s > $seen/mon.txt; airlens mon --json --once --interval 1s > $seen/mon.json
    airlens mon --once --interval 200ms --view channels > $seen/channels.txt
    airlens status > $seen/status.txt; airlens status --json > $seen/told.json
    control=/run/wlanpi-profiler.hostapd/control
    [ ! -d $control ] || { hostapd_cli -p $control -i wlan0 status; hostapd_cli -p $control -i wlan0 all_sta; } > $seen/hostapd.txt
}

join() {
    say "join $name"
    mkdir -p /out/joins/$name; frequency=$(frequency $channel)
    ip link set wlan2 down; iw dev wlan2 set type monitor; ip link set wlan2 up; iw dev wlan2 set freq $frequency
    state > /out/joins/$name/state.before
    capture wlan2 /tmp/air.pcap
    # One that others may reach, and no token.
    LISTEN=; [ $name != ap-5-sae ] || LISTEN=0.0.0.0:9474
    start /out/joins/$name -i wlan0 --mode $mode -c $channel --security-mode $security -s "$SSID" \
        --passphrase 'correct horse' $options || { stop KILL; captured wlan2; return; }
    cp /run/wlanpi-profiler.status.json /run/wlanpi-profiler.info.json $to/
    iw dev > $to/iw-dev.txt
    phrase='correct horse'; [ "$end" != wrong ] || phrase='wrong horse'
    block="key_mgmt=$key\\npsk=\"$phrase\""; [ $key != PSK ] || block="key_mgmt=WPA-PSK\\npsk=\"$phrase\""
    case $key in *SAE) pmf=2 ;; *) pmf=0 ;; esac
    supplicant $name $address "$file" "network={\nssid=\"$SSID\"\n$block\nieee80211w=$pmf\nscan_freq=$frequency\n}"
    if [ "$end" = wrong ]; then
        within 40 grep -q "$address" /tmp/files/failures.json
    else
        within 20 ended || tail -5 /out/wpa-$name.log
        within 10 profiled $(echo $address | tr : -)
    fi
    case $name in ap-5-sae | host-5-sae) look ;; esac
    cp /out/wpa-$name.log $to/wpa.log
    # Which the judge holds against those of the frames.
    stat -c '%.6Y %n' /tmp/files/clients/*/*.json > $to/times.txt
    leave
    airlens status > $to/status.txt; airlens clients --files-path /tmp/files > $to/clients.txt
    wget -q -O $to/metrics.txt http://127.0.0.1:9474/metrics
    stop TERM
    # Only now: the station tries again and again, and files that are replaced under cp end it.
    cp -r /tmp/files $to/
    sleep 0.3; captured wlan2; cp /tmp/air.pcap $to/
    in_sta ip link set $STA down
    state > $to/state.after
}

say "kernel $(uname -r)"
wpa_supplicant -v | head -1; wpa_supplicant-newer -v | head -1; hostapd -v 2>&1 | head -1
# Linux 6.1 has no multi-link and passes over the parameter.
radios 3 mlo=1
station_phy phy1
in_sta iw phy phy1 info > /out/phy.txt
# As a laptop has it: up, managed, with an address of its own.
ip link set wlan0 address 02:0a:1b:2c:3d:4e; ip link set wlan0 up
while IFS='|' read -r name mode channel security options address key file end besides <&3; do
    case $name in "join "*) ;; *) continue ;; esac
    name=$(trim ${name#join}); mode=$(trim $mode); channel=$(trim $channel); security=$(trim $security)
    options=$(trim $options); address=$(trim $address); key=$(trim $key); file=$(lines "$file"); end=$(trim $end)
    SUPPLICANT=wpa_supplicant
    case $name in
    link-*)
        case $(uname -r) in 6.1.*) continue ;; esac
        SUPPLICANT=wpa_supplicant-newer ;;
    esac
    join
done 3< /ap.txt
say done
