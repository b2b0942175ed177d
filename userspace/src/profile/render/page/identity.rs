//! What tells one device, and one kind of device, from another.

use super::sheet::{Cell, Sheet};
use crate::{
    dot11::Address,
    profile::{Client, How, Known, Registry, VendorTag, render::printable},
};

/// Addresses and vendor elements that a page lists.
const MOST: usize = 12;

pub(super) fn draw(client: &Client, newest: &[&Known], alike: &[Address], sheet: &mut Sheet) {
    sheet.heading("IDENTITY");
    let devices = newest.iter().filter_map(|known| known.profile.device.as_ref());
    if let Some(device) = devices.min_by_key(|device| device.how) {
        let names: Vec<_> = device.names.iter().take(MOST).map(|name| printable(name)).collect();
        let names = format!("{}{}", names.join(" or "), more(device.names.len()));
        let how = match device.how {
            How::Joined => "by its probe and association requests",
            How::Assoc => "by its association request",
            How::Similar => "or of its kind: its association request is similar",
        };
        sheet.pair_of("Device", Cell::plain(names), how);
    }
    let mut kinds: Vec<_> = newest.iter().filter_map(|known| known.profile.device_kind).collect();
    kinds.dedup();
    for kind in kinds {
        sheet.pair_of("Kind", Cell::plain(kind.to_string()), "the same for requests alike");
    }
    if !alike.is_empty() {
        let addresses: Vec<_> = alike.iter().take(MOST).map(ToString::to_string).collect();
        let addresses = format!("{}{}", addresses.join(", "), more(alike.len()));
        let meaning = "the same kind of device, perhaps another one";
        sheet.pair_of("Of its kind", Cell::plain(addresses), meaning);
    }
    // That of the device is told with its links.
    let addresses = client.addresses.iter().filter(|address| client.mld != Some(**address));
    let addresses: Vec<_> = addresses.collect();
    for &&address in addresses.iter().take(MOST) {
        let randomised = if address.is_local() { ": randomised" } else { "" };
        let kind = format!("{}{randomised}", kind(address));
        sheet.pair_of("Address", Cell::plain(address.to_string()), kind);
    }
    let further = addresses.len().saturating_sub(MOST) + client.further_addresses;
    if further > 0 {
        sheet.pair("", format!("and {further} more"));
    }
    let mut vendors: Vec<VendorTag> = Vec::new();
    for tag in newest.iter().flat_map(|known| &known.profile.vendors) {
        if !vendors.contains(tag) {
            vendors.push(tag.clone());
        }
    }
    let more = vendors.len().saturating_sub(MOST);
    for tag in vendors.iter().take(MOST) {
        let [a, b, c] = tag.oui;
        let kind = tag.kind.map(|kind| format!(" type {kind}")).unwrap_or_default();
        // As wide as an address.
        let name = format!("{:<17}", format!("{a:02x}:{b:02x}:{c:02x}{kind}"));
        sheet.pair_of("Vendor element", Cell::plain(name), meaning(tag));
    }
    if more > 0 {
        sheet.pair("", format!("and {more} more, in the JSON"));
    }
    let mut signatures: Vec<_> = newest
        .iter()
        .map(|known| {
            let signature = &known.profile.signature;
            signature.joined().unwrap_or_else(|| signature.assoc.clone())
        })
        .collect();
    signatures.dedup();
    for signature in signatures {
        sheet.pair("Signature", signature);
    }
}

/// What is left out of so many.
fn more(count: usize) -> String {
    match count.saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    }
}

pub(super) fn kind(address: Address) -> String {
    if address.is_local() {
        return "locally administered".to_owned();
    }
    match Registry::default().owner(address) {
        Some(owner) => format!("of {}", printable(&owner.name)),
        None => "global, not in the registry".to_owned(),
    }
}

fn meaning(tag: &VendorTag) -> String {
    let name = match (tag.oui, tag.kind) {
        ([0x00, 0x50, 0xf2], Some(1)) => "WPA",
        ([0x00, 0x50, 0xf2], Some(2)) => "WMM",
        ([0x00, 0x50, 0xf2], Some(4)) => "WPS",
        ([0x50, 0x6f, 0x9a], Some(9)) => "Wi-Fi Direct",
        ([0x50, 0x6f, 0x9a], Some(16)) => "Hotspot 2.0",
        ([0x50, 0x6f, 0x9a], Some(22)) => "MBO / OCE",
        ([0x50, 0x6f, 0x9a], Some(35)) => "Wi-Fi Alliance capabilities",
        _ => {
            return tag
                .owner
                .as_ref()
                .map_or_else(|| "no owner in the registry".to_owned(), |owner| printable(owner));
        }
    };
    name.to_owned()
}
