//! IPFIX messages (RFC 7011 3): a header, then sets of templates or records.

use super::element::Template;

/// Octets of a message's header.
const HEADER: usize = 16;
/// Octets of a set's header.
const SET_HEADER: usize = 4;
const VERSION: u16 = 10;
const TEMPLATE_SET: u16 = 2;
const OPTIONS_TEMPLATE_SET: u16 = 3;
/// Set in an element's identifier where an enterprise number follows.
const ENTERPRISE: u16 = 0x8000;

/// A message under construction.
#[derive(Debug)]
pub(super) struct Message {
    octets: Vec<u8>,
    limit: usize,
    /// Where the open set starts, and its identifier.
    set: Option<(usize, u16)>,
    records: u32,
}

impl Message {
    /// An empty one of at most `limit` octets.
    pub(super) fn new(limit: usize) -> Self {
        let mut message = Self {
            octets: Vec::with_capacity(limit),
            limit,
            set: None,
            records: 0,
        };
        message.clear();
        message
    }

    /// Starts anew.
    pub(super) fn clear(&mut self) {
        self.octets.clear();
        self.octets.resize(HEADER, 0);
        self.set = None;
        self.records = 0;
    }

    /// Data records in it.
    pub(super) fn records(&self) -> u32 {
        self.records
    }

    /// Nothing is in it.
    pub(super) fn is_empty(&self) -> bool {
        self.octets.len() == HEADER
    }

    /// Adds a template; false where it finds no room.
    pub(super) fn template(&mut self, template: &Template) -> bool {
        let mut octets = Vec::new();
        let options = template.scope > 0;
        octets.extend(template.id.to_be_bytes());
        octets.extend((template.fields.len() as u16).to_be_bytes());
        if options {
            octets.extend(template.scope.to_be_bytes());
        }
        for field in template.fields {
            let mark = if field.enterprise.is_some() { ENTERPRISE } else { 0 };
            octets.extend((field.id | mark).to_be_bytes());
            octets.extend(field.length.to_be_bytes());
            octets.extend(field.enterprise.into_iter().flat_map(u32::to_be_bytes));
        }
        self.add(if options { OPTIONS_TEMPLATE_SET } else { TEMPLATE_SET }, &octets)
    }

    /// Adds a record of a template; false where it finds no room.
    pub(super) fn record(&mut self, template: &Template, record: &[u8]) -> bool {
        debug_assert_eq!(record.len(), template.record_length());
        let added = self.add(template.id, record);
        self.records += u32::from(added);
        added
    }

    fn add(&mut self, set: u16, octets: &[u8]) -> bool {
        let open = self.set.is_some_and(|(_, open)| open == set);
        let header = if open { 0 } else { SET_HEADER };
        if self.octets.len() + header + octets.len() > self.limit {
            return false;
        }
        if !open {
            self.close_set();
            self.set = Some((self.octets.len(), set));
            self.octets.extend(set.to_be_bytes());
            self.octets.extend([0, 0]);
        }
        self.octets.extend(octets);
        true
    }

    fn close_set(&mut self) {
        if let Some((start, _)) = self.set.take() {
            let length = (self.octets.len() - start) as u16;
            self.put(start + 2, &length.to_be_bytes());
        }
    }

    fn put(&mut self, at: usize, octets: &[u8]) {
        self.octets[at..at + octets.len()].copy_from_slice(octets);
    }

    /// The whole message. `time` in Unix seconds, `sequence`: data records sent before it.
    pub(super) fn finish(&mut self, time: u32, sequence: u32, domain: u32) -> &[u8] {
        self.close_set();
        let length = self.octets.len() as u16;
        self.put(0, &VERSION.to_be_bytes());
        self.put(2, &length.to_be_bytes());
        self.put(4, &time.to_be_bytes());
        self.put(8, &sequence.to_be_bytes());
        self.put(12, &domain.to_be_bytes());
        &self.octets
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::ipfix::element::{IPV4, IPV6, SAMPLING, STATISTICS, TEMPLATES};

    #[test]
    fn octets_of_a_message() {
        let mut message = Message::new(1400);
        assert!(message.is_empty() && message.template(&SAMPLING));
        let record = [0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 0, 0, 1, 0, 0, 0, 0];
        assert!(message.record(&SAMPLING, &record) && message.record(&SAMPLING, &record));
        assert_eq!(message.records(), 2);
        let octets = message.finish(0x0102_0304, 7, 9).to_vec();
        let head = [0, 10, 0, octets.len() as u8, 1, 2, 3, 4, 0, 0, 0, 7, 0, 0, 0, 9];
        assert_eq!(octets[..16], head);
        let template = [
            0, 3, 0, 26, 1, 3, 0, 4, 0, 1, 1, 46, 0, 8, 1, 48, 0, 2, 1, 49, 0, 4, 1, 50, 0, 4,
        ];
        assert_eq!(octets[16..42], template);
        assert_eq!(octets[42..46], [1, 3, 0, 40]);
        assert_eq!(octets.len(), 46 + 36);
    }

    #[test]
    fn all_templates_fit_one_datagram_and_a_record_beside() {
        let mut message = Message::new(1400);
        assert!(TEMPLATES.iter().all(|template| message.template(template)));
        for template in [&IPV4, &IPV6, &STATISTICS] {
            assert!(message.record(template, &vec![0; template.record_length()]));
        }
        assert!(message.finish(0, 0, 0).len() <= 1400);
    }

    #[test]
    fn a_full_message_takes_no_more() {
        let mut message = Message::new(200);
        let record = vec![1; IPV4.record_length()];
        assert!(message.record(&IPV4, &record));
        let before = message.finish(0, 0, 0).len();
        assert!(!message.record(&IPV4, &record));
        assert_eq!((message.finish(0, 0, 0).len(), message.records()), (before, 1));
        message.clear();
        assert!(message.is_empty() && message.records() == 0);
    }
}
