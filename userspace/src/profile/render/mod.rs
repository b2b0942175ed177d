//! Forms of a profile: client JSON, text and report lines as wlanpi-profiler writes them, captures of one packet, airlens's own record.

mod beyond;
mod comment;
mod csv;
mod json;
mod page;
mod pcap;
mod printable;
mod text;

pub use csv::{csv_header, csv_row};
pub use json::{SCHEMA_VERSION, client_json, client_record, history_line, record};
pub use page::{
    Block, Cell, Difference, PageLine, PageStyle, Tone, change_text, client_blocks, client_page, page_lines,
};
pub use pcap::{Pcapng, client_pcap, client_pcapng};
pub use printable::printable;
pub use text::client_text;

use super::Profile;

/// The stem of a client's files: `30-bb-7d-4e-c1-2b_5GHz`, or the address alone where the band is unknown.
pub fn client_stem(profile: &Profile) -> String {
    let mac = profile.client().dashed();
    match profile.band.name() {
        Some(band) => format!("{mac}_{band}"),
        None => mac,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{Band, tests::profile};

    #[test]
    fn stems() {
        let mut profile = profile(&[]);
        assert_eq!(client_stem(&profile), "02-00-00-00-00-02_5GHz");
        profile.band = Band::Unknown;
        assert_eq!(client_stem(&profile), "02-00-00-00-00-02");
    }
}
