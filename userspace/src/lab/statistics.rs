//! What the kernel itself counted on an interface: the second opinion on the programs' counters.

use std::fs;

use airlens_common::Count;

use super::LabError;

/// Packets and octets of one interface, as its driver counted them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
    /// From the network.
    pub receive: Count,
    /// To the network.
    pub transmit: Count,
}

impl Statistics {
    /// Reads the counters of `interface` in the calling thread's namespace; `/sys` would show those of the namespace in
    /// which it was mounted.
    ///
    /// # Errors
    ///
    /// `/proc` can't be read, or there is no such interface.
    pub fn read(interface: &str) -> Result<Self, LabError> {
        let error = LabError::system("read /proc/thread-self/net/dev", "CAP_NET_ADMIN");
        let text = fs::read_to_string("/proc/thread-self/net/dev").map_err(&error)?;
        parse(&text, interface).ok_or_else(|| error(std::io::ErrorKind::NotFound.into()))
    }
}

/// Columns of `/proc/net/dev` (Linux `net/core/net-procfs.c`): octets and packets received first, sent from the ninth.
fn parse(text: &str, interface: &str) -> Option<Statistics> {
    let numbers = text.lines().find_map(|line| {
        let (name, numbers) = line.split_once(':')?;
        (name.trim() == interface).then_some(numbers)
    })?;
    let numbers: Vec<u64> = numbers
        .split_whitespace()
        .map(str::parse)
        .collect::<Result<_, _>>()
        .ok()?;
    let count = |at: usize| {
        Some(Count {
            bytes: *numbers.get(at)?,
            packets: *numbers.get(at + 1)?,
        })
    };
    Some(Statistics {
        receive: count(0)?,
        transmit: count(8)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns() {
        let text = "Inter-|   Receive  |  Transmit\n face |bytes packets errs drop fifo frame compressed multicast|bytes\n\
                    lo:  10  1 0 0 0 0 0 0  10 1 0 0 0 0 0 0\n  eth0: 1234 5 0 0 0 0 0 0 99 2 0 0 0 0 0 0\n";
        let statistics = parse(text, "eth0").unwrap();
        assert_eq!(
            statistics.receive,
            Count {
                packets: 5,
                bytes: 1234
            }
        );
        assert_eq!(statistics.transmit, Count { packets: 2, bytes: 99 });
        assert_eq!(parse(text, "eth"), None);
    }
}
