//! The data programs on veth and TAP, at each hook. Needs root, tun and tcpdump.
fn main() {}
