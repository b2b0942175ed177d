//! A veth pair between two namespaces: what one end sends, the other receives.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    os::fd::{AsFd as _, AsRawFd as _},
};

use rtnetlink::{
    LinkUnspec, LinkVeth,
    packet_route::address::{AddressAttribute, AddressFlags},
};

use super::{LabError, Namespace, link};

/// One end of a pair.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// Interface name.
    pub name: String,
    /// Interface index in its namespace.
    pub index: u32,
    /// Address from TEST-NET-1 (RFC 5737), prefix length 24.
    pub ipv4: Ipv4Addr,
    /// Address from the documentation prefix (RFC 3849), prefix length 64.
    pub ipv6: Ipv6Addr,
}

/// A veth pair with addresses, both ends up. It goes away with either of its namespaces.
#[derive(Clone, Debug)]
pub struct VethPair {
    /// The end in the first namespace.
    pub here: End,
    /// The end in the second namespace.
    pub there: End,
}

impl VethPair {
    /// Makes a pair with one end in each namespace.
    ///
    /// # Errors
    ///
    /// CAP_NET_ADMIN is missing, or a name is taken.
    pub fn new(here: &Namespace, here_name: &str, there: &Namespace, there_name: &str) -> Result<Self, LabError> {
        link::request(here_name)?;
        link::request(there_name)?;
        let to = there.as_fd().as_raw_fd();
        here.run(|| {
            link::netlink("make a veth pair", async |handle| {
                let pair = LinkVeth::new(here_name, there_name).build();
                handle.link().add(pair).execute().await?;
                let moved = LinkUnspec::new_with_name(there_name).setns_by_fd(to).build();
                handle.link().set(moved).execute().await
            })
        })??;
        Ok(Self {
            here: here.run(|| configure(here_name, 1))??,
            there: there.run(|| configure(there_name, 2))??,
        })
    }

    /// Switches segmentation, coalescing and VLAN offload off at both ends: then a packet in the stack is a packet on the
    /// wire, and the drivers' own statistics count the same packets as the programs.
    ///
    /// # Errors
    ///
    /// CAP_NET_ADMIN is missing, or the namespaces are not those of the pair.
    pub fn offload_off(&self, here: &Namespace, there: &Namespace) -> Result<(), LabError> {
        here.run(|| link::offload_off(&self.here.name))??;
        there.run(|| link::offload_off(&self.there.name))?
    }
}

/// Sets the interface up with its two addresses.
fn configure(name: &str, number: u8) -> Result<End, LabError> {
    let end = End {
        name: name.to_owned(),
        index: link::index(name)?,
        ipv4: Ipv4Addr::new(192, 0, 2, number),
        ipv6: Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, u16::from(number)),
    };
    link::up(name)?;
    add_addresses(end.index, &[(end.ipv4.into(), 24), (end.ipv6.into(), 64)])?;
    Ok(end)
}

fn add_addresses(index: u32, addresses: &[(IpAddr, u8)]) -> Result<(), LabError> {
    link::netlink("add an address", async |handle| {
        for (address, prefix) in addresses {
            let mut request = handle.address().add(index, *address, *prefix);
            if address.is_ipv6() {
                // Nobody else can have it: without the second of duplicate address detection.
                let flags = AddressAttribute::Flags(AddressFlags::Nodad);
                request.message_mut().attributes.push(flags);
            }
            request.execute().await?;
        }
        Ok(())
    })
}
