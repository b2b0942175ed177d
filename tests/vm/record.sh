# Many stations associate, for the capture that the project ships. Radios: 0 the AP of 2.4 GHz, 1 and 2 APs of
# 5 GHz, 3 the AP of 6 GHz, 4 the station, 5 to 7 the monitors.
. /lib.sh
STA=wlan4
PSK='key_mgmt=WPA-PSK\npsk="correct horse"'
SAE='ssid="airlens"\nkey_mgmt=SAE\npsk="correct horse"\nieee80211w=2'

say "kernel $(uname -r)"
hostapd -v 2>&1 | head -1; wpa_supplicant -v | head -1; iw --version; tcpdump --version 2>&1 | head -2
radios 8
for radio in 5 6 7; do ip link set wlan$radio down; done
ip link set hwsim0 up
monitor mon2 phy5 2437
monitor mon5 phy6 5180 80 5210
monitor mon6 phy7 5975 80 5985
for monitor in mon2 mon5 mon6 hwsim0; do capture $monitor /tmp/$monitor.pcap; done
for name in 24 5a 5b 6; do access_point $name; done
ip addr add 10.9.0.1/24 dev wlan1
station_phy phy4

N24='ssid="airlens-24"\n'$PSK; N5='ssid="airlens"\n'$PSK
# VHT with MCS 0 to 9 on one stream and none on the other seven
VHT1='vht_rx_mcs_nss_1=2\nvht_tx_mcs_nss_1=2'
for n in 2 3 4 5 6 7 8; do VHT1="$VHT1\nvht_rx_mcs_nss_$n=3\nvht_tx_mcs_nss_$n=3"; done
associate psk-24          3c:28:6d:10:00:01 2437 "$N24\nieee80211w=0"; leave
associate psk-24-b-g      24:0a:c4:10:00:02 2437 "$N24\nieee80211w=0\ndisable_ht=1"; leave
associate psk-24-no-sgi   b8:27:eb:10:00:03 2437 "$N24\ndisable_sgi=1\ndisable_ldpc=1\nampdu_factor=1"; leave
associate sha256-24-pmf   00:1b:77:10:00:04 2437 'ssid="airlens-24"\nkey_mgmt=WPA-PSK-SHA256\npsk="correct horse"\nieee80211w=2'; leave
associate open-24-utf8    random            2437 'ssid=636166c3a920f09f93a1\nkey_mgmt=NONE\nmac_addr=1'; leave

associate psk-5           02:00:00:00:04:00 5180 "$N5\nieee80211w=1\nbssid=02:00:00:00:01:00"
in_sta ip addr add 10.9.0.2/24 dev $STA; in_sta ping -c 30 -i 0.05 10.9.0.1 | tail -2; leave
associate psk-5-legacy    00:03:7f:10:00:05 5180 "$N5\ndisable_ht=1\ndisable_vht=1"; leave
associate psk-5-ht        00:17:f2:10:00:06 5180 "$N5\ndisable_vht=1"; leave
associate psk-5-ht20      dc:a6:32:10:00:07 5180 "$N5\ndisable_vht=1\ndisable_ht40=1\ndisable_sgi=1"; leave
associate psk-5-1-stream  5c:0a:5b:10:00:08 5180 "$N5\nht_mcs=\"0xff 00 00 00 00 00 00 00 00 00\"\n$VHT1"; leave
associate psk-5-vht-less  00:1e:c2:10:00:09 5180 "$N5\ndisable_ldpc=1\nvht_capa=0x0\nvht_capa_mask=0x000000f0"; leave
associate sae-5-looping   00:50:f2:10:00:0a 5180 "$SAE" 'sae_pwe=0'; leave
associate sae-5-h2e       f0:d5:bf:10:00:0b 5180 "$SAE" 'sae_pwe=1'; leave
associate sae-5-random    random            5180 "$SAE\nmac_addr=1" 'sae_pwe=2'; leave

# Two access points of one network: a roam, and a reassociation with the same one.
other() { at 02:00:00:00:01:00 && echo 02:00:00:00:02:00 || echo 02:00:00:00:01:00; }
roam() {
    to=$(other); say "roam to $to"
    wpa scan_results >/dev/null; wpa roam $to
    within 20 at $to; within 20 completed
}
associate psk-5-roam      3c:5a:b4:10:00:0c 5180 "$N5"; roam; wpa reassociate; sleep 2; within 20 completed; leave
associate ft-psk-5        d8:3a:dd:10:00:0d 5180 'ssid="airlens"\nkey_mgmt=FT-PSK\npsk="correct horse"\nieee80211w=1'; roam; leave
associate ft-sae-5        00:13:e8:10:00:0e 5180 'ssid="airlens"\nkey_mgmt=FT-SAE\npsk="correct horse"\nieee80211w=2'; leave

N6='ssid="airlens-6"\nkey_mgmt=SAE\npsk="correct horse"\nieee80211w=2'
associate sae-6           3c:28:6d:10:00:0f 5975 "$N6" 'sae_pwe=1'; leave
associate sae-6-random    random            5975 "$N6\nmac_addr=1" 'sae_pwe=1'; leave

sleep 1
for name in 24 5a 5b 6; do kill $(cat /tmp/hostapd-$name.pid); done
sleep 2
for monitor in mon2 mon5 mon6 hwsim0; do captured $monitor; cp /tmp/$monitor.pcap /out/; done
iw phy phy7 info > /out/phy.txt
say done
