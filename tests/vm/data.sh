# Packets, flows and captures over a veth pair, received at XDP and at tc, which before Linux 6.6 is clsact. All is judged on the
# host.
. /lib.sh
NEAR=10.9.0.1 FAR=10.9.0.2

far() { ip netns exec far "$@"; }
# ask TARGET FILE: the answer with its head
ask() { printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$1" | nc -U /run/wlanpi-profiler.sock > $2; }
# lines FILE EXPRESSION: packets of a capture
lines() { tcpdump -Z root -n -r $1 "$2" 2>/dev/null | wc -l; }
listens() { far netstat -ln$1 | grep -q ":$2 "; }

# Echoes, of 98 octets, datagrams one way, and a connection that both ends close. nc takes datagrams of its first client: others are
# told by ICMP, shortly.
traffic() {
    ping -c 5 $FAR > /dev/null
    far nc -u -l 5000 > /dev/null &
    datagrams=$!
    far nc -l -N 7000 < /dev/null > /dev/null &
    within 10 listens u 5000; within 10 listens t 7000
    for n in 1 2 3; do echo $n | nc -u -w 1 $FAR 5000; done
    head -c 100000 /dev/zero | nc -N $FAR 7000
    kill $datagrams
}

part() { say "part $1"; to=/out/$1; mkdir -p $to; }

say "kernel $(uname -r)"
modprobe veth
ip netns add far
ip link add data0 type veth peer name far0 netns far
ip address add $NEAR/24 dev data0; ip link set data0 up
far ip address add $FAR/24 dev far0; far ip link set far0 up; far ip link set lo up
ping -c 1 $FAR > /dev/null

for hook in native tc; do
    part $hook
    start $to --data data0 --hook $hook --capture-last 10m --flow-features lengths,tcp --flows-out $to/flows.jsonl && {
        capture data0 /tmp/dump.pcap
        # It says that it listens a moment before it does.
        sleep 1
        traffic
        sleep 2
        captured data0
        bpftool net show dev data0 > $to/net.txt
        airlens stats --json > $to/stats.json
        ask /api/capture $to/all.http
        ask '/api/capture?filter=icmp+and+greater+98' $to/icmp.http
        stop TERM
        for way in src dst; do lines /tmp/dump.pcap "icmp and $way $NEAR" > $to/icmp-$way; done
        lines /tmp/dump.pcap "udp and dst port 5000" > $to/datagrams
    }
    bpftool prog show | grep -c -e data_ -e capture > $to/left
done

# Of three processes on the same interface: the first is killed and leaves its filters where tc is clsact, the others stand beside
# each other.
part capture
capturing() { airlens capture -i data0 --hook tc -f 'icmp and greater 98' -w /tmp/$1.pcapng 2> $to/$1.txt & within 20 grep -q 'airlens: capturing' $to/$1.txt; }
filters() { bpftool net show dev data0 | grep -c capture > $to/filters-$1; }
capturing ghost; killed=$!; filters ghost; kill -9 $killed; wait $killed; filters killed
capturing beside; beside=$!; filters beside
capturing told; capturing=$!; filters both
traffic
kill -INT $beside; wait $beside; filters left
lines /tmp/beside.pcapng "icmp and greater 98" > $to/echoes-beside
kill -INT $capturing; wait $capturing; echo $? > $to/exit
lines /tmp/told.pcapng "icmp and greater 98" > $to/echoes
lines /tmp/told.pcapng "not icmp" > $to/others
say done
