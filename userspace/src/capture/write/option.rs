//! Options: code, length, value, padding; the end of them where there are any.

pub(super) const COMMENT: u16 = 1;
/// Of a section header.
pub(super) const HARDWARE: u16 = 2;
pub(super) const SYSTEM: u16 = 3;
pub(super) const APPLICATION: u16 = 4;
/// Of an interface.
pub(super) const INTERFACE_NAME: u16 = 2;
pub(super) const TIME_RESOLUTION: u16 = 9;
pub(super) const FILTER: u16 = 11;
pub(super) const INTERFACE_SYSTEM: u16 = 12;
/// Of a packet.
pub(super) const FLAGS: u16 = 2;
pub(super) const DROPPED: u16 = 4;
/// Of statistics.
pub(super) const START: u16 = 2;
pub(super) const END_TIME: u16 = 3;
pub(super) const RECEIVED: u16 = 4;
pub(super) const INTERFACE_DROPPED: u16 = 5;
pub(super) const ACCEPTED: u16 = 6;
pub(super) const SYSTEM_DROPPED: u16 = 7;
pub(super) const DELIVERED: u16 = 8;

/// The options of a block, which end when this goes.
pub(super) struct Options<'a> {
    to: &'a mut Vec<u8>,
    some: bool,
}

impl<'a> Options<'a> {
    pub(super) fn of(to: &'a mut Vec<u8>) -> Self {
        Self { to, some: false }
    }

    pub(super) fn text(&mut self, code: u16, text: Option<&str>) {
        if let Some(text) = text {
            self.put(code, text.as_bytes());
        }
    }

    pub(super) fn put(&mut self, code: u16, value: &[u8]) {
        let length = u16::try_from(value.len()).unwrap_or(u16::MAX);
        self.to.extend(code.to_le_bytes());
        self.to.extend(length.to_le_bytes());
        self.to.extend(&value[..length.into()]);
        self.to.resize(self.to.len().next_multiple_of(4), 0);
        self.some = true;
    }
}

impl Drop for Options<'_> {
    fn drop(&mut self) {
        if self.some {
            self.to.extend([0; 4]);
        }
    }
}
