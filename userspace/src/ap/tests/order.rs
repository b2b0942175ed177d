//! Elements stand in the order of the standard's tables.

use super::*;
use crate::dot11::frame::RequestKind;

/// A row: an id, or an extension id with 1000 before it.
type Row = u16;

/// Elements of a beacon by the rows of Table 9-32; those that follow RSN Extension (244) are of IEEE Std 802.11ax-2021 and
/// IEEE Std 802.11be-2024, in the order that hostapd 2.11 has them in; vendor elements are the last.
const BEACON: [Row; 60] = [
    0, 1, 3, 6, 5, 7, 32, 37, 40, 41, 35, 42, 50, 48, 11, 12, 46, 51, 63, 64, 67, 68, 66, 71, 70, 54, 58, 60, 59, 45,
    61, 72, 74, 127, 86, 89, 69, 107, 108, 111, 114, 113, 181, 158, 191, 192, 195, 196, 193, 198, 199, 201, 240, 244,
    1035, 1036, 1039, 1038, 1059, 1107,
];

/// What EHT stations and vendors add at the end of every table.
const LAST: [Row; 3] = [1108, 1106, 221];

/// Elements of an association response by the rows of Table 9-35, with those of HE and EHT as in [`BEACON`].
const ASSOCIATION: [Row; 30] = [
    1, 50, 12, 53, 65, 70, 54, 55, 58, 56, 45, 61, 72, 74, 127, 90, 94, 110, 181, 158, 191, 192, 199, 48, 244, 1035,
    1036, 1039, 1038, 1059,
];

fn rows(elements: &[u8]) -> Vec<Row> {
    let row = |element: &crate::dot11::element::Element<'_>| {
        let id = element.id;
        id.extension_id()
            .map_or(u16::from(id.id()), |extension| 1000 + u16::from(extension))
    };
    Elements::parse(elements).iter().map(row).collect()
}

/// The rows are a part of the table, in its order; an element that may stand several times stands in one row.
fn assert_in_order(rows: &[Row], table: &[Row], what: &str) {
    let mut table = table.iter();
    let mut last = None;
    for row in rows {
        assert!(
            last == Some(row) || table.any(|of_table| of_table == row),
            "{what}: {row} has no place behind {last:?}: {rows:?}"
        );
        last = Some(row);
    }
}

#[test]
fn every_access_point_keeps_the_order() {
    let (beacons, associations) = (
        [&BEACON[..], &LAST].concat(),
        [&ASSOCIATION[..], &[1107], &LAST].concat(),
    );
    let mut count = 0;
    for channel in ["1", "36", "52", "6g5"] {
        for (width, security) in ChannelWidth::DOWN
            .into_iter()
            .flat_map(|width| SecurityMode::ALL.map(|mode| (width, mode)))
        {
            let Some(tuning) = Tuning::new(channel.parse().unwrap(), width) else {
                continue;
            };
            for bits in 0..8u8 {
                let [ax, be, multi_link] = [1, 2, 4].map(|bit| bits & bit != 0);
                let options = ApOptions {
                    country: *b"DE",
                    version_element: Some("airlens".to_owned()),
                    security,
                    ax,
                    be,
                    multi_link,
                    ..ApOptions::new(BSSID, b"airlens", tuning)
                };
                let Ok(announcement) = Announcement::new(&options) else {
                    continue;
                };
                let what = format!("{options:?}");
                let beacon = announcement.beacon(0, 0, 0);
                assert_in_order(&rows(&beacon[36..]), &beacons, &what);
                let reply = AssociationReply {
                    kind: RequestKind::Association,
                    status: 0,
                    aid: 1,
                    fast_transition: true,
                    multi_link,
                    comeback: None,
                };
                let response = announcement.association_response(STATION, 0, &reply);
                assert_in_order(&rows(&response[30..]), &associations, &what);
                count += 1;
            }
        }
    }
    // Of each mode: HE and EHT on and off with five results, three in 6 GHz, two with 320 MHz.
    assert_eq!(count, 4 * (2 * 5 + 2 * 4 * 5 + 4 * 3 + 2));
}
