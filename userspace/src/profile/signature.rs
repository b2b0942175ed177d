//! A device's signature in the form of wifi_taxonomy and of hostapd: what a request holds, in its order, as one line.
//!
//! The ids of the elements come first, a vendor's with OUI and type, then the words that tell devices apart:
//! `0,1,50,45,127,221(0050f2,2),htcap:012c,htagg:03,htmcs:000000ff,txpow:160d,extcap:00000a02`. Both projects print
//! the supported MCS set (9.4.2.55.4) by its lower 16 bits, two spatial streams, and so does airlens: the lines are for
//! comparing with theirs.

use crate::dot11::element::Parts;

/// Characters of a signature, at the most; what a longer list of elements says beyond is left out.
const LONGEST: usize = 4095;

/// Characters that hold most signatures.
const USUAL: usize = 256;

/// Characters of a WPS model name, at the most.
const LONGEST_NAME: usize = 32;

/// OUI and type of a WPS element (Wi-Fi Simple Configuration 2.0.8, 7.2).
const WPS: [u8; 4] = [0x00, 0x50, 0xf2, 4];

/// The WPS attribute Model Name.
const MODEL_NAME: u16 = 0x1023;

/// What a client's requests look like.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Signature {
    /// Of its association request.
    pub assoc: String,
    /// Of a probe request of the same address, where one was heard before.
    pub probe: Option<String>,
}

impl Signature {
    /// `wifi4|probe:…|assoc:…`, where there is a probe request.
    pub fn joined(&self) -> Option<String> {
        let probe = self.probe.as_ref()?;
        Some(format!("wifi4|probe:{probe}|assoc:{}", self.assoc))
    }
}

/// The signature of a request's elements, as they stand in the frame: fragments are not joined, of duplicates the last
/// counts, an element that is cut off ends the list.
pub fn signature_of(elements: &[u8]) -> String {
    let (mut line, mut words) = (String::with_capacity(USUAL), Words::default());
    let mut parts = Parts::of_elements(elements);
    while let Some(Ok((id, payload))) = parts.next() {
        if !line.is_empty() {
            line.push(',');
        }
        push_number(&mut line, id);
        if let (221, &[a, b, c, kind, ..]) = (id, payload) {
            line.push('(');
            for octet in [a, b, c] {
                push_hex(&mut line, octet);
            }
            line.push(',');
            push_number(&mut line, kind);
            line.push(')');
        }
        words.read(id, payload);
    }
    words.print(&mut line);
    line.truncate(LONGEST);
    line
}

/// The fields that are printed behind the ids.
#[derive(Default)]
struct Words<'a> {
    ht_information: Option<u16>,
    ampdu: Option<u8>,
    ht_mcs: Option<u16>,
    vht_information: Option<u32>,
    vht_rx_mcs: Option<u32>,
    vht_tx_mcs: Option<u32>,
    power: Option<u16>,
    extended: Option<&'a [u8]>,
    model: Option<&'a [u8]>,
}

impl<'a> Words<'a> {
    /// Takes what an element has of them.
    fn read(&mut self, id: u8, payload: &'a [u8]) {
        match (id, payload) {
            (33, &[min, max]) => self.power = Some(u16::from_le_bytes([min, max])),
            (45, _) => {
                self.ht_information = at(payload, 0).map(u16::from_le_bytes).or(self.ht_information);
                self.ampdu = payload.get(2).copied().or(self.ampdu);
                let mcs = at::<4>(payload, 3).map(|[low, high, ..]| u16::from_le_bytes([low, high]));
                self.ht_mcs = mcs.or(self.ht_mcs);
            }
            (127, _) => self.extended = Some(payload),
            (191, _) => {
                self.vht_information = at(payload, 0).map(u32::from_le_bytes).or(self.vht_information);
                self.vht_rx_mcs = at(payload, 4).map(u32::from_le_bytes).or(self.vht_rx_mcs);
                self.vht_tx_mcs = at(payload, 8).map(u32::from_le_bytes).or(self.vht_tx_mcs);
            }
            (221, _) => {
                let model = payload.strip_prefix(&WPS).and_then(model_name);
                self.model = model.or(self.model);
            }
            _ => {}
        }
    }

    fn print(&self, line: &mut String) {
        let mut hex = |name: &str, octets: usize, value: Option<u32>| {
            if let Some(value) = value {
                line.push_str(name);
                for octet in &value.to_be_bytes()[4 - octets..] {
                    push_hex(line, *octet);
                }
            }
        };
        hex(",htcap:", 2, self.ht_information.map(u32::from));
        hex(",htagg:", 1, self.ampdu.map(u32::from));
        hex(",htmcs:", 4, self.ht_mcs.map(u32::from));
        hex(",vhtcap:", 4, self.vht_information);
        hex(",vhtrxmcs:", 4, self.vht_rx_mcs);
        hex(",vhttxmcs:", 4, self.vht_tx_mcs);
        hex(",txpow:", 2, self.power.map(u32::from));
        if let Some(extended) = self.extended {
            line.push_str(",extcap:");
            for octet in extended.iter().take(254) {
                push_hex(line, *octet);
            }
        }
        if let Some(model) = self.model {
            line.push_str(",wps:");
            let letters = model.iter().take(LONGEST_NAME).map(|&octet| char::from(octet));
            line.extend(letters.map(|letter| if letter.is_ascii_alphanumeric() { letter } else { '_' }));
        }
    }
}

/// Without the formatter: it took most of a signature's time.
fn push_hex(line: &mut String, octet: u8) {
    for digit in [octet >> 4, octet & 15] {
        line.push(char::from(b"0123456789abcdef"[usize::from(digit)]));
    }
}

fn push_number(line: &mut String, number: u8) {
    for (unit, least) in [(100, 100), (10, 10), (1, 0)] {
        if number >= least {
            line.push(char::from(b'0' + number / unit % 10));
        }
    }
}

fn at<const N: usize>(payload: &[u8], at: usize) -> Option<[u8; N]> {
    payload.get(at..)?.first_chunk().copied()
}

/// The model name among WPS attributes: id 2 octets, length 2, both big-endian; `None` where it is empty.
fn model_name(mut attributes: &[u8]) -> Option<&[u8]> {
    loop {
        let (&[i0, i1, l0, l1], rest) = attributes.split_first_chunk()?;
        let (value, behind) = rest.split_at_checked(u16::from_be_bytes([l0, l1]).into())?;
        if u16::from_be_bytes([i0, i1]) == MODEL_NAME {
            return (!value.is_empty()).then_some(value);
        }
        attributes = behind;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_then_words() {
        let mut elements = vec![
            0, 1, b'a', 33, 2, 0x0d, 0x16, 45, 7, 0x2c, 0x01, 0x03, 0xff, 0xff, 0xff, 0,
        ];
        elements.extend([191, 12, 0xb2, 0x01, 0x80, 0x33, 0xea, 0xff, 0, 0, 0xfa, 0xff, 0, 0]);
        elements.extend([
            127, 2, 0, 0x0a, 221, 4, 0, 0x50, 0xf2, 2, 221, 3, 1, 2, 3, 255, 2, 35, 1, 242, 0,
        ]);
        assert_eq!(
            signature_of(&elements),
            "0,33,45,191,127,221(0050f2,2),221,255,242,htcap:012c,htagg:03,htmcs:0000ffff,vhtcap:338001b2,\
             vhtrxmcs:0000ffea,vhttxmcs:0000fffa,txpow:160d,extcap:000a"
        );
        assert_eq!(signature_of(&[]), "");
        assert_eq!(signature_of(&[127, 0]), "127,extcap:");
    }

    #[test]
    fn short_and_repeated_elements() {
        assert_eq!(signature_of(&[45, 2, 0x2c, 1, 33, 1, 9, 0, 9]), "45,33,htcap:012c");
        assert_eq!(
            signature_of(&[45, 3, 1, 0, 3, 45, 2, 2, 0]),
            "45,45,htcap:0002,htagg:03"
        );
    }

    #[test]
    fn a_wps_model_name_without_mischief() {
        let wps = |name: &[u8]| {
            let mut content = vec![
                0x00,
                0x50,
                0xf2,
                4,
                0x10,
                0x4a,
                0,
                1,
                0x10,
                0x10,
                0x23,
                0,
                name.len() as u8,
            ];
            content.extend(name);
            let mut element = vec![221, content.len() as u8];
            element.extend(content);
            signature_of(&element)
        };
        assert_eq!(wps(b"Nexus 7\n"), "221(0050f2,4),wps:Nexus_7_");
        assert_eq!(wps(&[b'x'; 40]), format!("221(0050f2,4),wps:{}", "x".repeat(32)));
        assert_eq!(wps(b""), "221(0050f2,4)");
    }

    #[test]
    fn joined_with_a_probe_request() {
        let mut signature = Signature {
            assoc: "0,1".to_owned(),
            probe: None,
        };
        assert_eq!(signature.joined(), None);
        signature.probe = Some("1".to_owned());
        assert_eq!(signature.joined().as_deref(), Some("wifi4|probe:1|assoc:0,1"));
    }

    proptest! {
        #[test]
        fn any_octets(octets: Vec<u8>) {
            let line = signature_of(&octets);
            prop_assert!(line.is_ascii() && line.len() <= LONGEST);
        }
    }
}
