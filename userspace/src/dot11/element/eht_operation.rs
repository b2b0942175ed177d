//! EHT Operation (IEEE Std 802.11be-2024 9.4.2.321), 802.11be.

use crate::dot11::cursor::Cursor;

/// EHT Operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EhtOperation {
    /// EHT Operation Parameters: bit 2 default PE duration, 3 group addressed BU indication limit, 4 and 5 its exponent, 6
    /// MCS 15 disabled. Bits 0 and 1, which say what follows, are left at 0: [`Self::channel`] tells.
    pub parameters: u8,
    /// Basic EHT-MCS And NSS Set, of a 20 MHz-only station: an octet a range, the low nibble for reception.
    pub basic_mcs: [u8; 4],
    /// EHT Operation Information.
    pub channel: Option<EhtChannel>,
}

/// EHT Operation Information.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EhtChannel {
    /// Control: bits 0 to 2 the width.
    pub control: u8,
    /// Channel Center Frequency Segments 0 and 1.
    pub segments: [u8; 2],
    /// Disabled Subchannel Bitmap: a bit for each 20 MHz that is punctured, lowest first.
    pub disabled: Option<u16>,
}

impl EhtOperation {
    /// Bit of the parameters: EHT Operation Information is there.
    pub const CHANNEL: u8 = 1;
    /// Bit of the parameters: Disabled Subchannel Bitmap is there.
    pub const DISABLED: u8 = 1 << 1;

    /// Reads the payload: 5 octets, and the fields that they announce.
    pub fn read(payload: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(payload);
        let (parameters, basic_mcs) = (cursor.u8()?, cursor.array()?);
        let mut channel = None;
        if parameters & Self::CHANNEL != 0 {
            let [control, segment_0, segment_1] = cursor.array()?;
            let disabled = if parameters & Self::DISABLED == 0 {
                None
            } else {
                Some(cursor.u16()?)
            };
            channel = Some(EhtChannel {
                control,
                segments: [segment_0, segment_1],
                disabled,
            });
        }
        Some(Self {
            parameters: parameters & !(Self::CHANNEL | Self::DISABLED),
            basic_mcs,
            channel,
        })
    }
}

impl EhtChannel {
    /// The width in MHz, 20 to 320; `None` where it is reserved.
    pub fn width_mhz(self) -> Option<u16> {
        match self.control & 7 {
            code @ 0..=4 => Some(20 << code),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn optional_fields() {
        let payload = [3, 0x11, 0, 0, 0, 4, 15, 31, 0x30, 0];
        let operation = EhtOperation::read(&payload).unwrap();
        let channel = operation.channel.unwrap();
        assert_eq!((channel.width_mhz(), channel.segments), (Some(320), [15, 31]));
        assert_eq!(channel.disabled, Some(0x30));
        assert_eq!(EhtOperation::read(&payload[..9]), None);
        assert_eq!(EhtOperation::read(&[0, 1, 2, 3, 4]).unwrap().channel, None);
        assert_eq!(EhtChannel { control: 5, ..channel }.width_mhz(), None);
    }
}
