//! Random octets, from a seed that the caller draws.

use super::kdf::kdf;

/// A stream of octets that nobody can tell who doesn't have the seed: KDF in counter mode over SHA-256. Tests give a seed
/// of their own and get the same handshake each time.
#[derive(Clone)]
pub struct Entropy {
    seed: [u8; 32],
    drawn: u64,
}

impl Entropy {
    /// From a seed of full entropy.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, drawn: 0 }
    }

    /// From the system's generator.
    ///
    /// # Errors
    ///
    /// The system has none: a kernel from before 3.17, and no `/dev/urandom`.
    pub fn of_system() -> Result<Self, getrandom::Error> {
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        Ok(Self::new(seed))
    }

    /// The next `N` octets.
    pub fn draw<const N: usize>(&mut self) -> [u8; N] {
        self.drawn += 1;
        kdf(&self.seed, "airlens entropy", &self.drawn.to_le_bytes())
    }
}

impl std::fmt::Debug for Entropy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entropy")
            .field("drawn", &self.drawn)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_stream() {
        let streams = [1, 1, 2].map(|seed| {
            let mut entropy = Entropy::new([seed; 32]);
            [entropy.draw::<48>(), entropy.draw()]
        });
        assert_eq!(streams[0], streams[1]);
        assert_ne!(streams[0], streams[2]);
        assert_ne!(streams[0][0], streams[0][1]);
        let [mut one, mut other] = [(); 2].map(|()| Entropy::of_system().unwrap());
        assert_ne!(one.draw::<32>(), other.draw::<32>());
        assert!(!format!("{one:?}").contains("seed"));
    }
}
