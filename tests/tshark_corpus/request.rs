//! A request as airlens reads it, and as it stands on the wire.

use airlens::{
    dot11::{
        element::Elements,
        frame::{AssociationRequest, Management},
    },
    profile::Profile,
};
use airlens_tests::support::mutate::split;
use anyhow::Result;

/// An element on the wire, fragments apart.
pub(crate) struct Wire {
    /// As [`airlens::dot11::element::ElementId`] prints it.
    pub(crate) id: String,
    /// Its payload, behind the extension id.
    pub(crate) payload: Vec<u8>,
    /// All octets that its length announces are there.
    pub(crate) whole: bool,
}

/// One request.
pub(crate) struct Request {
    pub(crate) profile: Profile,
    pub(crate) capability: u16,
    pub(crate) listen_interval: u16,
    /// What airlens reads: id and payload.
    pub(crate) elements: Vec<(String, Vec<u8>)>,
    pub(crate) wire: Vec<Wire>,
}

impl Request {
    pub(crate) fn new(profile: Profile) -> Result<Self> {
        let link = profile.link_type.parse(&profile.packet)?;
        let original = profile.original_length().unwrap_or(profile.packet.len());
        let frame = link.frame(&profile.packet, original);
        let request = AssociationRequest::new(Management::new(frame)?)?;
        let elements = Elements::parse(request.elements);
        let read = elements
            .iter()
            .map(|element| (element.id.to_string(), element.payload.to_vec()));
        Ok(Self {
            capability: request.capability,
            listen_interval: request.listen_interval,
            elements: read.collect(),
            wire: split(request.elements)
                .iter()
                .map(|element| Wire::new(element))
                .collect(),
            profile,
        })
    }

    /// The payload of the first element of a kind.
    pub(crate) fn first(&self, id: &str) -> Option<&[u8]> {
        self.all(id).next()
    }

    pub(crate) fn all(&self, id: &str) -> impl Iterator<Item = &[u8]> {
        let of_kind = self.elements.iter().filter(move |(other, _)| other == id);
        of_kind.map(|(_, payload)| &payload[..])
    }

    /// The ids in order.
    pub(crate) fn ids(&self) -> Vec<String> {
        self.elements.iter().map(|(id, _)| id.clone()).collect()
    }
}

impl Wire {
    fn new(element: &[u8]) -> Self {
        let payload = element.get(2..).unwrap_or_default();
        let whole = element
            .get(1)
            .is_some_and(|&length| usize::from(length) == payload.len());
        let (id, payload) = match (element.first(), payload.split_first()) {
            (Some(255), Some((extension, payload))) => (format!("255/{extension}"), payload),
            (Some(255), None) => ("255/".to_owned(), payload),
            (id, _) => (id.map_or_else(String::new, u8::to_string), payload),
        };
        Self {
            id,
            payload: payload.to_vec(),
            whole,
        }
    }
}
