//! A multi-link request built from its parts, fragments and all, reads as these parts; links inherit as the standard says
//! (IEEE Std 802.11be-2024 35.3.3.4).

#![no_main]

use std::collections::BTreeSet;

use airlens::dot11::element::Elements;
use airlens_fuzz::bounded;
use arbitrary::Arbitrary;
use libfuzzer_sys::fuzz_target;

/// An element: its id, or its extension id, and its payload.
#[derive(Arbitrary, Debug)]
struct Part {
    id: u8,
    extended: bool,
    payload: Vec<u8>,
}

#[derive(Arbitrary, Debug)]
struct Link {
    complete: bool,
    address: Option<[u8; 6]>,
    elements: Vec<Part>,
    without: Option<(Vec<u8>, Vec<u8>)>,
}

#[derive(Arbitrary, Debug)]
struct Request {
    elements: Vec<Part>,
    address: [u8; 6],
    eml: Option<u16>,
    links: Vec<Link>,
}

const NON_INHERITANCE: u8 = 56;
const MULTI_LINK: u8 = 107;

/// Parts of 255 octets, the last shorter: `id` first, then `fragment`.
fn fragments(id: u8, fragment: u8, content: &[u8], to: &mut Vec<u8>) {
    let mut rest = content;
    let mut id = id;
    loop {
        let (part, behind) = rest.split_at(rest.len().min(255));
        to.extend([id, part.len() as u8]);
        to.extend(part);
        // A last part of 255 octets is followed by an empty one only where it could be taken to be continued: never here.
        if behind.is_empty() {
            return;
        }
        (rest, id) = (behind, fragment);
    }
}

impl Part {
    /// Not a fragment, not what has a meaning of its own here.
    fn is_plain(&self) -> bool {
        !self.extended && self.id != 242 && self.id != 255
            || self.extended && ![NON_INHERITANCE, MULTI_LINK].contains(&self.id)
    }

    fn name(&self) -> String {
        if self.extended {
            format!("255/{}", self.id)
        } else {
            self.id.to_string()
        }
    }

    fn emit(&self, to: &mut Vec<u8>) {
        if self.extended {
            fragments(255, 242, &[&[self.id], &self.payload[..]].concat(), to);
        } else {
            fragments(self.id, 242, &self.payload, to);
        }
    }
}

impl Link {
    fn emit(&self, id: u8) -> Vec<u8> {
        let control = u16::from(id) | u16::from(self.complete) << 4 | u16::from(self.address.is_some()) << 5;
        let mut content = control.to_le_bytes().to_vec();
        content.push(if self.address.is_some() { 7 } else { 1 });
        content.extend(self.address.into_iter().flatten());
        content.extend([0x31, 0x04]);
        self.elements.iter().for_each(|part| part.emit(&mut content));
        if let Some((ids, extensions)) = &self.without {
            let mut lists = vec![NON_INHERITANCE];
            for list in [ids, extensions] {
                lists.push(list.len() as u8);
                lists.extend(list);
            }
            fragments(255, 242, &lists, &mut content);
        }
        content
    }
}

/// Within what the lengths of their fields allow.
fn trim(request: &mut Request) {
    request.links.truncate(15);
    request.elements.retain(Part::is_plain);
    for link in &mut request.links {
        link.elements.retain(Part::is_plain);
        for list in link.without.iter_mut().flat_map(|(ids, extensions)| [ids, extensions]) {
            list.truncate(100);
        }
    }
}

fuzz_target!(|request: Request| {
    let mut request = request;
    trim(&mut request);
    let mut octets = Vec::new();
    request.elements.iter().for_each(|part| part.emit(&mut octets));
    let control = u16::from(request.eml.is_some()) << 7;
    let mut content = vec![MULTI_LINK];
    content.extend(control.to_le_bytes());
    content.push(if request.eml.is_some() { 9 } else { 7 });
    content.extend(request.address);
    content.extend(request.eml.into_iter().flat_map(u16::to_le_bytes));
    for (id, link) in request.links.iter().enumerate() {
        fragments(0, 254, &link.emit(id as u8), &mut content);
    }
    fragments(255, 242, &content, &mut octets);

    let elements = bounded(octets.len(), 128, 4096, || Elements::parse(&octets));
    let names: Vec<_> = elements.iter().map(|element| element.id.to_string()).collect();
    let mut expected: Vec<_> = request.elements.iter().map(Part::name).collect();
    expected.push(format!("255/{MULTI_LINK}"));
    assert_eq!(names, expected);
    let payloads = elements.iter().map(|element| &element.payload[..]);
    assert!(
        payloads
            .zip(&request.elements)
            .all(|(read, built)| read == built.payload)
    );

    let multi_link = elements.multi_link().expect("it is there");
    assert_eq!(multi_link.address().map(|address| address.0), Some(request.address));
    assert_eq!(multi_link.emlsr(), request.eml.map(|eml| eml & 1 == 1));
    let (links, notes) = multi_link.links();
    assert!(notes.is_empty(), "{notes:?}");
    assert_eq!(links.len(), request.links.len());
    for (id, (read, built)) in links.iter().zip(&request.links).enumerate() {
        assert_eq!((usize::from(read.link), read.complete), (id, built.complete));
        assert_eq!(read.address.map(|address| address.0), built.address);
        let own: BTreeSet<_> = built.elements.iter().map(Part::name).collect();
        let without = built.without.iter().flat_map(|(ids, extensions)| {
            let extensions = extensions.iter().map(|id| format!("255/{id}"));
            ids.iter().map(u8::to_string).chain(extensions)
        });
        let without: BTreeSet<_> = without.collect();
        let inherited = request.elements.iter().map(Part::name);
        let mut expected: Vec<_> = built.elements.iter().map(Part::name).collect();
        expected.extend(built.without.iter().map(|_| format!("255/{NON_INHERITANCE}")));
        if built.complete {
            expected.extend(inherited.filter(|name| !own.contains(name) && !without.contains(name)));
        }
        let all = bounded(octets.len(), 128, 4096, || elements.of_link(read));
        let names: Vec<_> = all.iter().map(|element| element.id.to_string()).collect();
        assert_eq!(names, expected);
    }
});
