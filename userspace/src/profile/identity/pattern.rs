//! Signatures as a file of devices has them: exact, or with `*` for what varies.

use super::kind::HT_INFORMATION;
use crate::profile::Signature;

/// Elements that a device sends or not, as the network asks for them; the comment of each says what it follows.
const ANSWERS: [&str; 19] = [
    "3",             // DSSS Parameter Set: the band, in a probe request
    "33",            // Power Capability: spectrum management
    "36",            // Supported Channels: likewise
    "48",            // RSN: security
    "50",            // Extended Supported Rates: the band
    "54",            // Mobility Domain: fast transition
    "59",            // Supported Operating Classes: the AP's
    "70",            // RM Enabled Capabilities: the AP's radio measurement
    "107",           // Interworking
    "113",           // Mesh ID
    "127",           // Extended Capabilities: the AP's, and the driver trims it
    "191",           // VHT Capabilities: the band
    "195",           // Transmit Power Envelope
    "199",           // Operating Mode Notification
    "221(0050f2,1)", // WPA: security
    "221(0050f2,4)", // WPS: on request
    "242",           // a fragment's number follows the lengths before it
    "244",           // RSN Extension: security
    "255",           // extension elements: the AP's generation
];

/// OUIs whose elements answer the AP: Wi-Fi Alliance, Epigram.
const ANSWERING_OUIS: [&str; 2] = ["221(506f9a,", "221(00904c,"];

/// One signature of a device: what its requests look like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pattern {
    /// Of its probe request; any where not told.
    pub probe: Option<String>,
    /// Of its association request.
    pub assoc: String,
}

/// A text that is no signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// It has another form.
    #[error("no signature: write it as wifi4|probe:…|assoc:… or as the association request's line alone")]
    Form,
    /// It has conditions that airlens does not know.
    #[error("a condition behind the signature, like |oui:… or |os:…: take it away, airlens compares requests alone")]
    Condition,
}

impl Pattern {
    /// Reads `wifi4|probe:…|assoc:…`, or the association request's line alone.
    ///
    /// # Errors
    ///
    /// [`PatternError`].
    pub fn parse(text: &str) -> Result<Self, PatternError> {
        let mut parts = text.trim().split('|');
        let (probe, assoc) = match (parts.next(), parts.next(), parts.next()) {
            (Some("wifi4" | "wifi3" | "wifi"), Some(probe), Some(assoc)) => {
                let probe = probe.strip_prefix("probe:").ok_or(PatternError::Form)?;
                (
                    Some(probe.to_owned()),
                    assoc.strip_prefix("assoc:").ok_or(PatternError::Form)?,
                )
            }
            (Some(assoc), None, None) => (None, assoc),
            _ => return Err(PatternError::Form),
        };
        if parts.next().is_some() {
            return Err(PatternError::Condition);
        }
        let fits = |line: &str| !line.is_empty() && line.bytes().all(|octet| octet.is_ascii_graphic() && octet != b'|');
        if !fits(assoc) || !probe.as_deref().is_none_or(fits) {
            return Err(PatternError::Form);
        }
        Ok(Self {
            probe,
            assoc: assoc.to_owned(),
        })
    }

    /// Whether the association request fits.
    #[must_use]
    pub fn fits_assoc(&self, signature: &Signature) -> bool {
        fits(&self.assoc, &signature.assoc)
    }

    /// Whether both requests are told and fit.
    #[must_use]
    pub fn fits_joined(&self, signature: &Signature) -> bool {
        match (&self.probe, &signature.probe) {
            (Some(pattern), Some(probe)) => fits(pattern, probe) && self.fits_assoc(signature),
            _ => false,
        }
    }
}

/// Whether a line fits a pattern, in which `*` stands for any characters or none.
fn fits(pattern: &str, line: &str) -> bool {
    let (pattern, line) = (pattern.as_bytes(), line.as_bytes());
    let (mut at, mut read) = (0, 0);
    // Where the last star was, and how far the line was read by it.
    let mut star: Option<(usize, usize)> = None;
    while read < line.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at, read));
                at += 1;
            }
            Some(octet) if *octet == line[read] => (at, read) = (at + 1, read + 1),
            _ => match star {
                Some((star_at, taken)) => {
                    star = Some((star_at, taken + 1));
                    (at, read) = (star_at + 1, taken + 1);
                }
                None => return false,
            },
        }
    }
    pattern[at..].iter().all(|octet| *octet == b'*')
}

/// What is left of an association request's signature without what follows the network: the elements but [`ANSWERS`], the
/// masked HT Capability Information, A-MPDU parameters and MCS set. It is what [`super::DeviceKind`] is made of, as far as
/// these lines tell it; `None` where there is no HT Capability Information: all devices without are alike.
pub(super) fn core(assoc: &str) -> Option<String> {
    let mut core = String::new();
    let mut rest = assoc;
    while !rest.is_empty() {
        // A vendor's element has a comma within its parentheses.
        let inner = if rest.starts_with("221(") {
            rest.find(')').unwrap_or(0)
        } else {
            0
        };
        let end = rest[inner..].find(',').map_or(rest.len(), |comma| inner + comma);
        let (word, behind) = rest.split_at(end);
        rest = behind.strip_prefix(',').unwrap_or(behind);
        let word = match word.split_once(':') {
            None if ANSWERS.contains(&word) || ANSWERING_OUIS.iter().any(|oui| word.starts_with(oui)) => continue,
            None | Some(("htagg" | "htmcs", _)) => word.to_owned(),
            Some(("htcap", value)) => match u16::from_str_radix(value, 16) {
                Ok(value) => format!("htcap:{:04x}", value & HT_INFORMATION),
                Err(_) => word.to_owned(),
            },
            Some(_) => continue,
        };
        core.push_str(&word);
        core.push(',');
    }
    core.contains("htcap:").then_some(core)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn signature(probe: &str, assoc: &str) -> Signature {
        Signature {
            probe: (!probe.is_empty()).then(|| probe.to_owned()),
            assoc: assoc.to_owned(),
        }
    }

    #[test]
    fn lines_of_both_forms() {
        let joined = Pattern::parse("wifi4|probe:0,1,extcap:*|assoc:0,221(0050f2,2),htcap:012c").unwrap();
        assert_eq!(joined.probe.as_deref(), Some("0,1,extcap:*"));
        assert!(joined.fits_joined(&signature("0,1,extcap:04", "0,221(0050f2,2),htcap:012c")));
        assert!(!joined.fits_joined(&signature("", "0,221(0050f2,2),htcap:012c")));
        assert!(joined.fits_assoc(&signature("", "0,221(0050f2,2),htcap:012c")));
        let alone = Pattern::parse(" 0,1,txpow:* \n").unwrap();
        assert_eq!((alone.probe.as_deref(), &alone.assoc[..]), (None, "0,1,txpow:*"));
        for (text, error) in [
            ("", PatternError::Form),
            ("wifi4|probe:0|assoc:", PatternError::Form),
            ("wifi4|probe:0", PatternError::Form),
            ("wifi4|assoc:0|probe:0", PatternError::Form),
            ("0,1 2", PatternError::Form),
            ("wifi4|probe:0|assoc:0|oui:apple", PatternError::Condition),
        ] {
            assert_eq!(Pattern::parse(text), Err(error), "{text}");
        }
    }

    #[test]
    fn stars() {
        for (pattern, line, expected) in [
            ("0,1", "0,1", true),
            ("0,1", "0,11", false),
            ("0,*,txpow:*", "0,1,50,txpow:160d", true),
            ("0,*,txpow:*", "0,1,50", false),
            ("*", "", true),
            ("*a*b", "xaxaxb", true),
            ("*a*b", "xaxax", false),
            ("a*", "a", true),
        ] {
            assert_eq!(fits(pattern, line), expected, "{pattern} {line}");
        }
    }

    #[test]
    fn a_core_leaves_the_network_out() {
        let on_2_4 = "0,1,33,36,48,50,45,70,221(001018,2),221(00904c,51),221(0050f2,2),htcap:112d,htagg:17,htmcs:0000ffff,txpow:1805";
        let on_5 = "0,1,48,45,127,191,221(001018,2),221(0050f2,2),htcap:016f,htagg:17,htmcs:0000ffff,vhtcap:0f805932,extcap:04";
        assert_eq!(
            core(on_2_4).as_deref(),
            Some("0,1,45,221(001018,2),221(0050f2,2),htcap:0121,htagg:17,htmcs:0000ffff,")
        );
        assert_eq!(core("0,1,50,221(0050f2,2)"), None);
        assert_eq!(core(on_2_4), core(on_5));
        assert_ne!(core(on_5), core(&on_5.replace("htagg:17", "htagg:1b")));
    }

    proptest! {
        #[test]
        fn any_text(text: String, pattern in "[ab*]{0,12}", line in "[ab]{0,12}") {
            let _ = (Pattern::parse(&text), core(&text));
            prop_assert!(fits(&line, &line));
            let open = pattern.clone() + "*";
            prop_assert!(!fits(&pattern, &line) || fits(&open, &line));
        }
    }
}
