//! The radios of a client: those of its requests, band by band, and those of its other links.

use crate::{
    dot11::Address,
    profile::{Band, Best, Features, Known, Radio, fastest},
};

/// One radio: a column of the page.
pub(super) struct Column<'a> {
    /// `5 GHz`.
    pub(super) name: &'static str,
    pub(super) band: Band,
    /// The link's id, of another link of a multi-link device.
    pub(super) link: Option<u8>,
    /// Channel of the request, 0 where unknown.
    pub(super) channel: u8,
    pub(super) mac: Option<Address>,
    pub(super) features: &'a Features,
    pub(super) radio: &'a Radio,
}

/// Columns for which a page has room.
const MOST: usize = 4;

impl<'a> Column<'a> {
    /// By band; a link of a band that a request is there from is told by that request.
    pub(super) fn of(newest: &[&'a Known]) -> Vec<Self> {
        let mut columns: Vec<_> = newest
            .iter()
            .map(|known| Column {
                name: band_name(known.profile.band),
                band: known.profile.band,
                link: None,
                channel: known.profile.channel,
                mac: Some(known.profile.mac),
                features: &known.profile.features,
                radio: &known.profile.radio,
            })
            .collect();
        let links = newest.iter().flat_map(|known| &known.profile.links);
        for link in links {
            let told =
                |column: &Column<'_>| column.mac == link.mac || (column.link.is_none() && column.band == link.band);
            if !columns.iter().any(told) {
                columns.push(Column {
                    name: band_name(link.band),
                    band: link.band,
                    link: Some(link.id),
                    channel: 0,
                    mac: link.mac,
                    features: &link.features,
                    radio: &link.radio,
                });
            }
        }
        columns.sort_by_key(|column| column.name);
        columns.truncate(MOST);
        columns
    }

    pub(super) fn fastest(&self) -> Option<Best> {
        fastest(self.radio, self.band)
    }
}

pub(super) fn band_name(band: Band) -> &'static str {
    band.words().unwrap_or("band ?")
}

/// `1,201 Mb/s`, and a digit behind the point below 1,000.
pub(super) fn mbps(rate: f64) -> String {
    if rate < 999.95 {
        let text = format!("{rate:.1}");
        return text.strip_suffix(".0").unwrap_or(&text).to_owned();
    }
    let rate = rate.round() as u64;
    format!("{},{:03}", rate / 1000, rate % 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_as_people_write_them() {
        for (rate, text) in [
            (54.0, "54"),
            (72.22, "72.2"),
            (999.96, "1,000"),
            (5764.7, "5,765"),
            (11_529.4, "11,529"),
        ] {
            assert_eq!(mbps(rate), text);
        }
    }
}
