//! Whether a run is ready: it captures, keeps up with what it captures, and can write what it makes of it.

use crate::publish::http::Readiness;

/// What decides it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    /// Programs are attached and nothing fatal has happened.
    pub(super) capturing: bool,
    /// Octets in the ring, and octets that it holds.
    pub(super) ring: (usize, usize),
    /// A file could not be written, and still can't be.
    pub(super) unwritable: bool,
}

impl Facts {
    pub(super) fn readiness(self) -> Readiness {
        let (occupied, capacity) = self.ring;
        let reason = if !self.capturing {
            "no program is attached: the run starts or ends, or its data interfaces are away"
        } else if capacity > 0 && occupied.saturating_mul(10) >= capacity.saturating_mul(9) {
            "the ring is full, and frames are lost: is the machine too busy?"
        } else if self.unwritable {
            "files can't be written: the log says why"
        } else {
            return Readiness::Ready;
        };
        Readiness::NotReady(reason.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_fact_decides() {
        let ready = Facts {
            capturing: true,
            ring: (3600, 4096),
            unwritable: false,
        };
        assert_eq!(ready.readiness(), Readiness::Ready);
        let ring = (4080, 4096);
        for (facts, word) in [
            (
                Facts {
                    capturing: false,
                    ..ready
                },
                "attached",
            ),
            (Facts { ring, ..ready }, "ring"),
            (
                Facts {
                    unwritable: true,
                    ..ready
                },
                "files",
            ),
        ] {
            match facts.readiness() {
                Readiness::NotReady(why) => assert!(why.contains(word), "{why}"),
                Readiness::Ready => panic!("ready: {facts:?}"),
            }
        }
        // A run without a monitor has no frames.
        let idle = Facts { ring: (0, 0), ..ready };
        assert_eq!(idle.readiness(), Readiness::Ready);
    }
}
