//! What a field of capability bits says, by name.

use super::{extended_capability_name, rm_capability_name, rsnx_capability_name};
use crate::dot11::Bits;

/// An element that is a field of bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CapabilityField {
    /// RM Enabled Capabilities (9.4.2.44).
    RadioMeasurement,
    /// Extended Capabilities (9.4.2.26).
    Extended,
    /// RSN Extension (9.4.2.241).
    RsnExtension,
}

impl CapabilityField {
    /// Where a number of several bits begins, how many it has, and its name.
    fn numbers(self) -> &'static [(usize, usize, &'static str)] {
        match self {
            Self::RadioMeasurement => &[
                (18, 3, "Operating Channel Max Measurement Duration"),
                (21, 3, "Nonoperating Channel Max Measurement Duration"),
                (24, 3, "Measurement Pilot"),
            ],
            Self::Extended => &[
                (41, 3, "Service Interval Granularity"),
                (63, 2, "Max Number Of MSDUs In A-MSDU"),
            ],
            // The length.
            Self::RsnExtension => &[(0, 4, "")],
        }
    }

    /// The name of bit `n`, or of the number that it is of.
    pub fn name(self, n: usize) -> Option<&'static str> {
        let number = self
            .numbers()
            .iter()
            .find(|(first, width, _)| (*first..first + width).contains(&n));
        match (number, self) {
            (Some((.., name)), _) => Some(name),
            (None, Self::RadioMeasurement) => rm_capability_name(n),
            (None, Self::Extended) => extended_capability_name(n),
            (None, Self::RsnExtension) => rsnx_capability_name(n),
        }
    }

    /// What a payload says in order: the names of its bits, `name: number` for a number that is not 0, `bit 99` where a bit
    /// has no name.
    pub fn set(self, payload: &[u8]) -> Vec<String> {
        let bits = Bits(payload);
        let (mut set, mut n) = (Vec::new(), 0);
        while let Some(is_set) = bits.get(n) {
            let number = self.numbers().iter().find(|(first, ..)| *first == n);
            let Some(&(_, width, name)) = number else {
                if is_set {
                    set.push(self.name(n).map_or_else(|| format!("bit {n}"), str::to_owned));
                }
                n += 1;
                continue;
            };
            if let Some(value @ 1..) = bits.field(n, width)
                && !name.is_empty()
            {
                set.push(format!("{name}: {value}"));
            }
            n += width;
        }
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_set_bit_by_name() {
        let measurement = CapabilityField::RadioMeasurement.set(&[0x73, 0x10, 0x91, 0x00, 0x14]);
        assert_eq!(
            measurement,
            [
                "Link Measurement",
                "Neighbor Report",
                "Beacon Passive Measurement",
                "Beacon Active Measurement",
                "Beacon Table Measurement",
                "LCI Measurement",
                "AP Channel Report",
                "Operating Channel Max Measurement Duration: 4",
                "Nonoperating Channel Max Measurement Duration: 4",
                "FTM Range Report",
                "bit 36"
            ]
        );
        let extended = CapabilityField::Extended.set(&[0x20, 0, 8, 0, 0, 0x04, 0, 0x80, 1]);
        assert_eq!(
            extended,
            [
                "bit 5",
                "BSS Transition",
                "Service Interval Granularity: 2",
                "Max Number Of MSDUs In A-MSDU: 3"
            ]
        );
        let half = CapabilityField::Extended.set(&[0, 0, 0, 0, 0, 0, 0, 0x80]);
        assert_eq!(half, [""; 0], "half of a number");
        assert_eq!(CapabilityField::RsnExtension.set(&[0x2f]), ["SAE Hash-to-element"]);
        assert_eq!(CapabilityField::RsnExtension.set(&[]), [""; 0]);
        assert_eq!(
            CapabilityField::Extended.name(64),
            Some("Max Number Of MSDUs In A-MSDU")
        );
        assert_eq!(CapabilityField::Extended.name(76), None);
    }
}
